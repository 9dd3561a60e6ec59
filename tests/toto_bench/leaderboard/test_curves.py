"""Learning curves of runs that differ only in seed."""

import csv
import io
import statistics

import pytest
from click.testing import CliRunner

from toto_bench.cards import task_cards
from toto_bench.cli.leaderboard import command
from toto_bench.leaderboard.curve_files import curves_csv, write_curves
from toto_bench.leaderboard.curve_plot import labelled
from toto_bench.leaderboard.curves import learning_curves
from toto_bench.leaderboard.student import t_quantile

CARDS = task_cards()
CARD = CARDS["franka-pick"]


@pytest.fixture
def add(runs):
    def make(seed, camera, *, state=(0.5, 1.0), name="toto-nano", **changes):
        record = runs.add(
            task="franka-pick", seed=seed, backbone__name=name, metrics={"success": camera[-1]}, **changes
        )
        folder = runs.path / record.id / "curves"
        folder.mkdir()
        for learner, values in (("camera", camera), ("state", state)):
            rows = "".join(
                f"{number + 1},{1000 * (number + 1)},{value},{value / 2},{value / 2 + 0.5},16,0.1\n"
                for number, value in enumerate(values)
            )
            header = "iteration,steps,success,low,high,episodes,error_on_new_frames\n"
            (folder / f"{learner}.csv").write_text(header + rows)
        (folder / "references.csv").write_text("actor,success,low,high,episodes\nexpert,1,0.9,1,16\n")
        return record

    return make


def curves(runs):
    return learning_curves([runs.path], CARDS, ["franka-pick"])


def test_mean_and_students_interval_over_seeds(runs, add):
    values = {0: (0.0, 0.5), 1: (0.1, 0.75), 2: (0.2, 1.0)}
    for seed, curve in values.items():
        add(seed, curve)
    found = curves(runs)
    assert [curve.name for curve in found] == ["camera", "state"]
    camera = found[0]
    assert camera.seeds == (0, 1, 2)
    assert [steps for steps, _ in camera.points] == [1000, 2000]
    last = camera.points[-1][1]
    half = t_quantile(0.95, 2) * statistics.stdev([0.5, 0.75, 1.0]) / 3**0.5
    assert (last.value, last.low, last.high) == pytest.approx((0.75, 0.75 - half, 0.75 + half))
    assert last.interval == "95 % Student t over 3 seeds"


def test_one_seed_keeps_the_interval_of_its_run(runs, add):
    add(0, (0.25, 0.5))
    number = curves(runs)[0].points[1][1]
    assert (number.value, number.low, number.high) == (0.5, 0.25, 0.75)


def test_a_seed_that_was_run_twice_counts_once_and_steps_that_not_all_have_are_left_out(runs, add):
    add(0, (0.0, 0.0), finished="2026-01-01T00:00:00Z")
    add(0, (0.5, 0.5), finished="2026-01-02T00:00:00Z")
    add(1, (0.5,))
    camera = curves(runs)[0]
    assert camera.seeds == (0, 1)
    assert [(steps, number.value) for steps, number in camera.points] == [(1000, 0.5)]


def test_limited_runs_other_tasks_and_damaged_files_are_left_out(runs, add):
    add(0, (0.5, 0.5), limit=3)
    runs.add(seed=1)
    broken = add(2, (0.5, 0.5))
    (runs.path / broken.id / "curves" / "camera.csv").write_text("steps,success\nmany,few\n")
    assert [curve.name for curve in curves(runs)] == ["state"]


def test_protocols_do_not_share_a_picture_and_the_state_is_drawn_once(runs, add, tmp_path):
    for seed in (0, 1):
        add(seed, (0.0, 0.5 + seed / 4))
        add(seed, (0.0, 0.0), name="pixels", backbone__floor=True)
    add(0, (0.0, 0.5), protocol_hash="b" * 64)
    found = curves(runs)
    assert len({curve.key.protocol_hash for curve in found}) == 2
    first = [curve for curve in found if curve.key.protocol_hash != "b" * 64]
    assert [label for label, _ in labelled(first)] == [
        "pixels, camera (2 seeds)",
        "state (2 seeds)",
        "toto-nano, camera (2 seeds)",
    ]
    written = write_curves(found, CARDS, tmp_path)
    assert sorted(path.suffix for path in written) == [".csv", ".png", ".png"]
    assert all(path.stat().st_size > 0 for path in written)


def test_the_csv_has_points_and_says_what_stands_behind_them(runs, add):
    ids = [add(seed, (0.0, 0.5)).id for seed in (0, 1)]
    lines = list(csv.DictReader(io.StringIO(curves_csv(curves(runs), CARD))))
    assert len(lines) == 4
    assert lines[1]["steps"] == "2000"
    assert (lines[1]["value"], lines[1]["metric"], lines[1]["seeds"]) == ("50", "success", "0 1")
    assert lines[1]["runs"] == " ".join(ids)


def test_the_command_writes_them_on_request(runs, add, tmp_path):
    add(0, (0.0, 0.5))
    options = ["--runs", str(runs.path), "--out", str(tmp_path / "out"), "--task", "franka-pick"]
    assert CliRunner().invoke(command, options).exit_code == 0
    assert not (tmp_path / "out" / "curves").exists()
    done = CliRunner().invoke(command, [*options, "--curves"])
    assert done.exit_code == 0
    assert (tmp_path / "out" / "curves" / "franka-pick.csv").is_file()
    assert len(list((tmp_path / "out" / "curves").glob("*.png"))) == 1
