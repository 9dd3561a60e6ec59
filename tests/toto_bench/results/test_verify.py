"""What can be told of a run without its data; and what cannot."""

import shutil
from pathlib import Path

import pytest

from toto_bench.results.verify import verify_run


@pytest.mark.parametrize("suffix", ["", "-2", "-13"])
def test_a_run_that_is_what_it_says(make_run, suffix):
    """Repeated runs have a number behind their id."""
    assert verify_run(make_run(suffix=suffix)) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        {"task_version": 2},
        {"backbone__name": "toto-huge"},
        {"backbone__architecture": "toto:huge"},
        {"backbone__weights": "sha256:00"},
        {"backbone__preprocessing": "none"},
        {"data__fingerprint": "00"},
        {"seed": 1},
        {"environment__dtype": "bfloat16"},
        {"limit": 3},
        {"allow_missing": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_part_of_the_identity_is_noticed(make_run, edit, change):
    """The identity is made anew from the record's own values."""
    folder = make_run()
    edit(folder, **change)
    assert any("the identity is not that of the values" in problem for problem in verify_run(folder).problems)


def test_a_changed_protocol_value_is_noticed(make_run, edit):
    """Its hash is made anew too."""
    folder = make_run()
    edit(folder, protocol__top_k=5)
    problems = verify_run(folder).problems
    assert any("hash of the protocol" in problem for problem in problems)
    assert any("the identity is not" in problem for problem in problems)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"metrics__j__value": 1.5}, "`j` is a fraction, but holds 1.5"),
        ({"metrics__j__value": float("nan")}, "`j` is not finite"),
        ({"metrics__j__high": float("inf")}, "`j` is not finite"),
        ({"metrics__j__low": 0.9}, "interval from 0.9 to 0.46"),
        ({"metrics__j__n": -1}, "over -1 items"),
        ({"metrics": {}}, "no metrics"),
        ({"metrics": {"speed": {"value": 0.5, "n": 1}}}, "`speed` is none of the task `davis`"),
        ({"coverage__scored": 31}, "coverage is 31 of 30"),
        ({"finished": "2025-12-31T00:00:00Z"}, "before it was started"),
        ({"items_sha256": None}, "no digest of items.parquet"),
        ({"artifacts": {"x": "../x"}}, "leads out of the folder"),
        ({"artifacts": {"x": "/etc/hostname"}}, "leads out of the folder"),
        ({"artifacts": {"x": "curves/x.csv"}}, "`x` (curves/x.csv) is missing"),
        ({"artifacts": {"x": "curves"}}, "`x` (curves) is missing"),
        ({"id": "davis-other-0000000000"}, "the folder is called"),
    ],
    ids=str,
)
def test_what_cannot_be_is_noticed(make_run, edit, change, problem):
    """One change, one problem that names it."""
    folder = make_run()
    edit(folder, **change)
    found = verify_run(folder).problems
    assert any(problem in text for text in found), found


def test_values_that_can_be_are_no_problem(make_run):
    """A decay below zero, a metric that is not defined."""
    folder = make_run(metrics={"j_decay": {"value": -0.1, "n": 2}, "j@held-out": {"value": None, "n": 0}})
    assert verify_run(folder).problems == ()


@pytest.mark.parametrize("end", ["-x", "x", "-"])
def test_an_id_that_is_not_that_of_the_identity(make_run, end):
    """Only a number may stand behind it."""
    assert "is not that of its identity" in verify_run(make_run(suffix=end)).problems[0]


def test_a_folder_with_another_name(make_run):
    """It was renamed."""
    folder = make_run()
    renamed = folder.rename(folder.with_name("best-run"))
    assert verify_run(renamed).problems == (f"the folder is called `best-run`, its record `{folder.name}`",)


def test_items_that_were_edited_or_lost(make_run):
    """The record holds their digest."""
    folder = make_run()
    (folder / "items.parquet").write_bytes(b"PAR1 other PAR1")
    assert "its digest is another one" in verify_run(folder).problems[0]
    (folder / "items.parquet").unlink()
    assert "is missing" in verify_run(folder).problems[0]


def test_an_artifact_that_is_a_link_to_elsewhere(make_run, tmp_path: Path):
    """It would not be there on another machine."""
    folder = make_run()
    sheet = folder / "artifacts" / "contact-sheet.png"
    shutil.move(sheet, tmp_path / "sheet.png")
    sheet.symlink_to(tmp_path / "sheet.png")
    assert "leads out of the folder" in verify_run(folder).problems[0]


@pytest.mark.parametrize("text", ["", "{", "{}", "[]"])
def test_a_damaged_record_is_the_only_problem(make_run, text):
    """Nothing can be held against it."""
    folder = make_run()
    (folder / "record.json").write_text(text)
    [problem] = verify_run(folder).problems
    assert "not a readable run record" in problem


def test_a_record_of_a_task_that_is_not_here(make_run):
    """Of a plug-in: its metrics have no bounds that we know."""
    assert verify_run(make_run(task="juggling", metrics={"balls": {"value": 7, "n": 1}})).problems == ()


def test_an_edited_metric_within_its_bounds_is_not_noticed(make_run, edit):
    """The limit of what can be told without the data, as docs/results.md says; `--rescore` notices it."""
    folder = make_run()
    edit(folder, metrics__j_and_f__value=0.4451)
    assert verify_run(folder).problems == ()
