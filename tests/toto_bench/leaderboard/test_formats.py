import csv
import io

import pytest

from toto_bench.leaderboard import to_csv, to_markdown, write_measured
from toto_bench.leaderboard.csv_format import cell
from toto_bench.leaderboard.markdown_table import escape
from toto_bench.paths import shipped


def table_rows(markdown):
    """Cells of every table row, headings included."""
    lines = [line for line in markdown.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def lines_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_davis_has_table_10_to_one_decimal(runs):
    found = {
        (row[0], row[3]): row[4:7]
        for row in table_rows(to_markdown(runs.board()))
        if row[0] not in ("Method", "---")
    }
    assert found == {
        ("dino-b8", "224/8"): ["54.3", "52.5", "56.1"],
        ("dino-b16", "224/16"): ["33.1", "36.2", "30.1"],
        ("mae-b16", "224/16"): ["31.5", "34.1", "28.9"],
        ("toto-base", "256/8"): ["42.0 [2]", "41.2 [1]", "43.1 [1]"],
        ("toto-large", "256/8"): ["44.8", "44.4", "45.1"],
        ("toto-1b", "256/8"): ["46.1", "45.8", "46.4"],
        ("toto-large", "512/8"): ["62.4", "59.2", "65.6"],
    }


def test_columns_of_davis(runs):
    assert table_rows(to_markdown(runs.board()))[0] == [
        *("Method", "Architecture", "Params (M)", "Setting", "J&F", "J", "F", "Protocol", "Source"),
    ]


@pytest.mark.parametrize("task", ["cater", "davis", "ego4d_sta", "imagenet", "kinetics400"])
def test_published_values_come_out_as_they_are_printed(runs, task):
    with (shipped("leaderboards") / "published" / f"{task}.csv").open(newline="") as stream:
        printed = sorted(
            (row["method"], row["metric"], float(row["value"])) for row in csv.DictReader(stream)
        )
    shown = lines_of(to_csv(runs.board(task)))
    assert sorted((row["method"], row["metric"], float(row["value"])) for row in shown) == printed


def test_map_keeps_two_decimals(runs):
    assert "17.55" in to_markdown(runs.board("ego4d_sta"))


def test_a_measured_row_says_all_that_a_reader_needs(runs):
    runs.add(
        seed=0,
        metrics={"j_and_f": {"value": 0.445, "n": 61, "selection": "best on val: layer 12 of 24 read"}},
    )
    heading, *rows = table_rows(to_markdown(runs.board()))
    row = dict(zip(heading, next(row for row in rows if row[-1].startswith("measured")), strict=True))
    assert row["J&F"] == "44.5†"
    assert row["J"] == "—"
    assert row["Setting"] == "resolution=256, patch=8"
    assert row["Protocol"] == "paper (11111111, float32)"
    assert row["Weights"] == "card abababab"
    assert row["Data"] == "DAVIS-2017 cdcdcdcd"
    assert row["Coverage"] == "30/30"
    assert row["Against the paper"] == "-0.3 (same protocol values)"
    assert row["Source"] == "measured (run-0)"


def test_incomplete_coverage_is_marked(runs):
    runs.add(coverage={"scored": 29, "listed": 30, "missing": {"a": "unreadable"}})
    assert "29/30 (incomplete)" in to_markdown(runs.board())


def test_the_honest_choice_of_layer_has_a_column(runs):
    runs.add(metrics={"j_and_f": 0.45, "j_and_f@held-out": 0.43, "j@held-out": 0.42})
    text = to_markdown(runs.board())
    assert "J&F (held-out)" in table_rows(text)[0]
    assert "Also in the CSV: J (held-out)." in text
    assert {row["metric"]: row["value"] for row in lines_of(to_csv(runs.board()))}["j@held-out"] == "42"


def test_limited_runs_are_counted_under_the_table(runs):
    runs.add(limit=3)
    assert "1 run with `--limit` left out" in to_markdown(runs.board())


def test_without_runs_one_line_says_how_to_add_some(runs):
    assert to_markdown(runs.board()).count("No measured rows yet") == 1
    runs.add()
    assert "No measured rows yet" not in to_markdown(runs.board())


def test_a_task_without_any_row_says_so(runs):
    assert "No rows of `kuka-pick` yet" in to_markdown(runs.board("kuka-pick"))


def test_names_cannot_leave_their_cell(runs):
    runs.add(backbone__name="a|b\nc")
    row = next(line for line in to_markdown(runs.board()).splitlines() if "a\\|b c" in line)
    assert row.replace("\\|", "").count("|") == to_markdown(runs.board()).splitlines()[4].count("|")
    assert escape("x\\|y") == "x\\\\\\|y"


def test_several_seeds_are_explained(runs):
    runs.add(seed=0, metrics={"j_and_f": 0.40})
    runs.add(seed=1, metrics={"j_and_f": 0.42})
    text = to_markdown(runs.board())
    assert "41.0 (28.3 to 53.7)" in text
    assert "measured (run-0 and 1 more)" in text
    assert "Student's 95 % interval" in text


def test_csv_of_measured_rows_is_tidy_and_complete(runs):
    record = runs.add()
    line = next(row for row in lines_of(to_csv(runs.board())) if row["run"] and row["metric"] == "j")
    assert (line["value"], line["low"], line["high"], line["unit"]) == ("44", "42", "46", "%")
    assert (line["preset"], line["protocol_hash"]) == ("paper", record.protocol_hash)
    assert (line["data"], line["fingerprint"]) == ("DAVIS-2017", record.data.fingerprint)
    assert (line["weights"], line["seeds"], line["scored"], line["listed"]) == (
        record.backbone.weights,
        "0",
        "30",
        "30",
    )
    assert (line["version"], line["revision"], line["n"]) == ("0.1.0", "abc1234", "61")
    assert line["selection"].startswith("best on val")
    assert "top_k=10" in line["protocol_values"].split(";")


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0.44, "44"), (0.123456789, "12.3457"), (-1e-9, "0"), (1.0, "100")]
)
def test_csv_cells(value, text):
    assert cell(value, 100) == text


def test_written_files(runs, tmp_path):
    runs.add()
    runs.add(data__name="sample", preset="sample")
    out = tmp_path / "measured"
    out.mkdir()
    (out / "mine.csv").write_text("kept")
    written = write_measured(runs.board(task=None), out)
    assert sorted(path.relative_to(out).as_posix() for path in written) == [
        "davis.csv",
        "sample/davis.csv",
        "unified.csv",
    ]
    assert (out / "mine.csv").read_text() == "kept"
    assert {row["data"] for row in lines_of((out / "davis.csv").read_text())} == {"DAVIS-2017"}
    assert {row["data"] for row in lines_of((out / "sample" / "davis.csv").read_text())} == {"sample"}


def test_writing_again_touches_nothing(runs, tmp_path):
    runs.add()
    (path,) = write_measured(runs.board(), tmp_path / "out")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    write_measured(runs.board(), tmp_path / "out")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_order_of_written_rows_does_not_depend_on_the_numbers(runs, tmp_path):
    runs.add(backbone__name="b", metrics={"j_and_f": 0.9})
    runs.add(backbone__name="a", metrics={"j_and_f": 0.1})
    (path,) = write_measured(runs.board(), tmp_path)
    assert [row["backbone"] for row in lines_of(path.read_text())] == ["a", "b"]


def test_nothing_measured_nothing_written(runs, tmp_path):
    assert write_measured(runs.board(task=None), tmp_path / "out") == []
    assert not (tmp_path / "out").exists()


def test_output_is_the_same_every_time(runs):
    runs.add()
    runs.add(seed=1, metrics={"j_and_f": 0.3})
    assert to_markdown(runs.board(task=None)) == to_markdown(runs.board(task=None))
