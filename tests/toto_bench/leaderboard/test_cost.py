import csv
import io

import pytest

from toto_bench.leaderboard import build, to_csv, to_markdown, unified_csv, write_measured
from toto_bench.leaderboard.cost import csv_number, duration, giga, gigabytes, rate
from toto_bench.leaderboard.unified_markdown import unified_lines

COST = {"parameters": 280_000_000, "seconds": {"encode": 10.0}, "peak_memory_mb": 1000.0}
COLUMNS = ["MACs (G)", "MACs of", "Items/s", "Peak memory (GB)", "Training", "Total time", "Device"]


def add(runs, **cost):
    """A run that cost this."""
    changes = {name: cost.pop(name) for name in list(cost) if name in ("seed", "environment__device", "task")}
    return runs.add(cost=COST | cost, **changes)


def cells(markdown, source="measured"):
    """The first table row from this source, by heading."""
    lines = [line.strip("|").split("|") for line in markdown.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line] for line in lines]
    return next(
        dict(zip(rows[0], row, strict=True))
        for row in rows
        if row[0] != rows[0][0] and any(cell.startswith(source) for cell in row)
    )


def lines_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_costs_are_shown_only_on_request(runs):
    add(runs, macs=17_563_060_224, macs_of="one frame of 224x224", items_per_second=0.5)
    row = cells(to_markdown(runs.board(), cost=True))
    assert [row[name] for name in ("MACs (G)", "MACs of", "Items/s")] == [
        "17.6",
        "one frame of 224x224",
        "0.5",
    ]
    assert [row[name] for name in ("Params (M)", "Peak memory (GB)", "Total time", "Device")] == [
        *("280", "1.05", "10.0 s", "cpu")
    ]
    assert not set(COLUMNS) & set(cells(to_markdown(runs.board())))


def test_what_nobody_has_is_no_column(runs):
    add(runs)
    assert {"MACs (G)", "Items/s", "Training"}.isdisjoint(cells(to_markdown(runs.board(), cost=True)))


def test_over_seeds_times_are_means_and_memory_is_the_largest(runs):
    for seed, (speed, training, memory) in enumerate(
        [(1.0, 30.0, 500.0), (2.0, 60.0, 900.0), (6.0, 90.0, 700.0)]
    ):
        seconds = {"encode": 10.0, "training": training}
        add(
            runs,
            seed=seed,
            seconds=seconds,
            items_per_second=speed,
            training_seconds=training,
            peak_memory_mb=memory,
            environment__device=f"gpu {seed % 2}",
        )
    (row,) = runs.table().measured
    assert row.cost.items_per_second == 3.0
    assert (row.cost.training_seconds, row.cost.seconds, row.cost.peak_memory_mb) == (60.0, 70.0, 900.0)
    assert row.cost.device == "gpu 0 / gpu 1"


def test_a_seed_from_before_macs_were_counted_leaves_those_of_the_others(runs):
    add(runs, seed=0)
    add(runs, seed=1, macs=1000, macs_of="one frame of 8x8")
    (row,) = runs.table().measured
    assert (row.cost.macs, row.cost.macs_of, row.cost.training_seconds) == (1000, "one frame of 8x8", None)


def test_published_rows_have_parameters_alone(runs):
    add(runs, macs=1000, macs_of="one frame of 8x8")
    row = cells(to_markdown(runs.board(), cost=True), source="published")
    assert all(row[name] == "" for name in COLUMNS if name in row)
    assert "| dino-b8 |  |  | 224/8 |" in to_markdown(runs.board())
    # The paper does not say it; the card does.
    assert "| dino-b8 |  | 85.8 | 224/8 |" in to_markdown(runs.board(), cost=True)


def test_csv_has_costs_in_full(runs):
    add(runs, macs=17_563_060_224, macs_of="one frame of 224x224", training_seconds=1.5)
    measured, published = (
        next(row for row in lines_of(to_csv(runs.board(), cost=True)) if bool(row["run"]) is there)
        for there in (True, False)
    )
    assert (measured["macs"], measured["macs_of"]) == ("17563060224", "one frame of 224x224")
    assert (measured["training_seconds"], measured["seconds"], measured["device"]) == ("1.5", "10", "cpu")
    assert (measured["peak_memory_mb"], measured["items_per_second"]) == ("1000", "")
    assert published["macs"] == published["device"] == ""
    assert published["parameters_m"]
    assert "macs" not in lines_of(to_csv(runs.board()))[0]


def test_files_have_no_costs_so_that_they_change_with_results_only(runs, tmp_path):
    add(runs)
    (path,) = write_measured(runs.board(), tmp_path / "out")
    before = path.read_bytes()
    assert "peak_memory_mb" not in before.decode()
    (runs.path / "run-0" / "record.json").unlink()
    (runs.path / "run-0").rmdir()
    add(runs, seconds={"encode": 99.0}, peak_memory_mb=5.0)
    write_measured(runs.board(), tmp_path / "out")
    assert path.read_bytes() == before


def test_the_unified_table_adds_up_the_tasks_of_a_backbone(runs):
    add(runs, training_seconds=4.0, peak_memory_mb=100.0)
    runs.add(
        task="imagenet",
        metrics={"top1": 0.7},
        cost=COST | {"seconds": {"training": 20.0}, "training_seconds": 20.0, "peak_memory_mb": 300.0},
    )
    table = build([runs.path]).unified
    (row,) = [row for row in table.rows if row.measured]
    assert (row.cost.training_seconds, row.cost.seconds, row.cost.peak_memory_mb) == (24.0, 30.0, 300.0)
    assert row.cost.parameters_m == "280"
    shown = cells("\n".join(unified_lines(table, cost=True)))
    assert (shown["Params (M)"], shown["Training"], shown["Total time"]) == ("280", "24.0 s", "30.0 s")
    line = next(line for line in lines_of(unified_csv(table, cost=True)) if line["kind"] == "measured")
    assert (line["parameters_m"], line["seconds"], line["peak_memory_mb"]) == ("280", "30", "300")


def test_the_unified_table_without_runs_has_parameters_alone(runs):
    table = build([runs.path]).unified
    shown = cells("\n".join(unified_lines(table, cost=True)), source="toto-large")
    assert shown["Params (M)"] == "280"
    assert "Total time" not in shown


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (giga, None, ""),
        (giga, 0, "0"),
        (giga, 4_087_136_256, "4.09"),
        (giga, 999_900_000_000, "1000"),
        (giga, 1_243_400_000_000, "1243"),
        (gigabytes, 1000.0, "1.05"),
        (gigabytes, None, ""),
        (duration, None, ""),
        (duration, 0.04, "0.0 s"),
        (duration, 750.0, "12.5 min"),
        (duration, 36_000.0, "10.0 h"),
        (rate, None, ""),
        (rate, 0.01234, "0.0123"),
        (rate, 1234.5, "1234"),
        (csv_number, 0.5, "0.5"),
        (csv_number, 1000.0, "1000"),
        (csv_number, 1000, "1000"),
        (csv_number, "cpu", "cpu"),
    ],
)
def test_cells(show, value, text):
    assert show(value) == text
