"""The row of the leaderboard: real trials, simulated ones, and trials that make none."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.deploy.report import Unrecorded, gather, record_trials
from toto_bench.deploy.report.record import Recorded
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.trials import Ledger
from toto_bench.leaderboard import build
from toto_bench.leaderboard.table import Block
from toto_bench.results.folder import read_record
from toto_bench.results.items import read_items
from toto_bench.results.verify import verify_run

Make = Callable[..., TrialsFolder]


def record_all(folder: TrialsFolder, out: Path) -> list[Recorded]:
    found = record_trials(gather(folder), out)
    assert all(isinstance(each, Recorded) for each in found), found
    return [each for each in found if isinstance(each, Recorded)]


def blocks(out: Path) -> dict[str, Block]:
    [table] = build((out,), "franka-cube-pick").tables
    return {block.title: block for block in table.blocks}


def test_a_record_is_whole_and_verifies(make_trials: Make, tmp_path: Path) -> None:
    """Success with its interval, every trial as an item, plan, journal and videos beside it."""
    _, toto = record_all(make_trials(), tmp_path / "runs")
    assert verify_run(toto.path).problems == ()
    record = read_record(toto.path / "record.json")
    success, aborted = record.metrics["success"], record.metrics["aborted"]
    assert (success.value, success.n) == (0.625, 16)
    assert (round(success.low or 0, 3), round(success.high or 0, 3)) == (0.386, 0.815)
    assert aborted.value == 1 / 16
    assert record.coverage.scored == record.coverage.listed == 16
    assert record.cost.seconds == {"trials": 960.0}
    assert record.cost.peak_memory_mb == 512.0
    assert record.protocol["robot"] == "real FR3 (franky)"
    assert record.changed == {}
    assert any("cannot tell them apart" in warning for warning in record.warnings)
    items = read_items(toto.path)
    assert [item["backbone"] for item in items] == ["toto-base"] * 16
    assert sum(item["result"] == "success" for item in items) == 10
    assert len([title for title in record.artifacts if title.startswith("video")]) == 16


def test_real_trials_on_other_demonstrations_stand_apart_from_the_papers(
    make_trials: Make, tmp_path: Path
) -> None:
    record_all(make_trials(), tmp_path / "runs")
    found = blocks(tmp_path / "runs")
    [main] = [block for block in found.values() if block.main]
    assert all(row.provenance is None for row in main.rows)
    [own] = [block for title, block in found.items() if title.startswith("Other data")]
    assert [row.backbone for row in own.rows] == ["mvp-b16", "toto-base"]
    assert "robot=" not in own.title


def test_simulated_trials_are_never_a_real_row(make_trials: Make, tmp_path: Path) -> None:
    """Another protocol, another block, named after the simulation; and a warning in the record."""
    real = record_all(make_trials(), tmp_path / "runs")
    simulated = record_all(make_trials(name="simulated", robot="simulated"), tmp_path / "runs")
    assert {each.path for each in real}.isdisjoint(each.path for each in simulated)
    for each in simulated:
        record = read_record(each.path / "record.json")
        assert record.changed["robot"] == "simulated FR3 (mujoco)"
        assert any("no real arm moved" in warning for warning in record.warnings)
        assert verify_run(each.path).problems == ()
    with_simulation = [
        block for title, block in blocks(tmp_path / "runs").items() if "robot=simulated" in title
    ]
    [block] = with_simulation
    assert len(block.rows) == 2
    assert not block.main
    assert {row.provenance.runs for row in block.rows if row.provenance} == {
        (each.path.name,) for each in simulated
    }


def test_even_a_record_that_calls_its_data_official_is_kept_out_of_the_papers_block(
    make_trials: Make, tmp_path: Path
) -> None:
    """What the training says of its data is not taken over: the paper's demonstrations are not public."""
    folder = make_trials()
    [session] = folder.sessions.glob("*.json")
    content = json.loads(session.read_text())
    for policy in content["policies"].values():
        policy["run"]["data"]["comparable"] = True
    session.write_text(json.dumps(content))
    for each in record_all(folder, tmp_path / "runs"):
        assert not read_record(each.path / "record.json").data.comparable


def test_the_same_trials_make_one_record_and_a_corrected_label_another(
    make_trials: Make, tmp_path: Path
) -> None:
    """The leaderboard takes the one with the correction."""
    folder, out = make_trials(), tmp_path / "runs"
    before = record_all(folder, out)
    assert [each.reused for each in record_all(folder, out)] == [True, True]
    report = gather(folder)
    with Ledger(report.plan, folder.journal) as ledger:
        slip = ledger.undo(labeller="ada").trial
        was = report.standings[slip.number].label
        assert was is not None
        ledger.label(slip.number, success=not was.success, labeller="ada")
    after = {each.backbone: each for each in record_all(folder, out)}
    assert after[slip.backbone].path not in [each.path for each in before]
    assert not after[slip.backbone].reused
    assert verify_run(after[slip.backbone].path).problems == ()
    [row] = [
        row
        for block in blocks(out).values()
        for row in block.rows
        if row.provenance and row.backbone == slip.backbone
    ]
    assert row.provenance is not None
    assert row.provenance.runs == (after[slip.backbone].path.name,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"robot": None}, "nobody wrote down what robot"),
        ({"known": False}, "not known to come from a finished run"),
        ({"judge": lambda *_: None, "aborted": "exclude"}, "none of its trials counts"),
    ],
    ids=["no session", "no run", "all aborted"],
)
def test_trials_without_a_past_make_no_row(
    make_trials: Make, tmp_path: Path, options: dict, words: str
) -> None:
    for each in record_trials(gather(make_trials(**options)), tmp_path / "runs"):
        assert isinstance(each, Unrecorded)
        assert words in each.reason
    assert not (tmp_path / "runs").exists()


def test_a_missing_label_makes_no_row(make_trials: Make, tmp_path: Path) -> None:
    """Only of the backbone whose trials are not finished."""
    folder = make_trials()
    report = gather(folder)
    with Ledger(report.plan, folder.journal) as ledger:
        open_again = ledger.undo(labeller="ada").trial.backbone
    for each in record_trials(gather(folder), tmp_path / "runs"):
        assert isinstance(each, Unrecorded) == (each.backbone == open_again)


def test_trials_of_another_policy_make_no_row(make_trials: Make, tmp_path: Path) -> None:
    """A journal whose trials were driven by something the sessions do not name."""
    folder = make_trials()
    folder.journal.write_text(folder.journal.read_text().replace("policy of mvp-b16", "something else", 1))
    mvp, toto = record_trials(gather(folder), tmp_path / "runs")
    assert isinstance(mvp, Unrecorded)
    assert "not all driven by the one policy" in mvp.reason
    assert isinstance(toto, Recorded)
