import csv
import io

import pytest

from toto_bench.cards import task_cards
from toto_bench.leaderboard import build, to_markdown, unified_csv


def rows_of(runs):
    return {(row.name, row.measured): row for row in build([runs.path]).unified.rows}


def test_every_task_is_a_column_and_the_number_of_tasks_is_shown(runs):
    table = build([runs.path]).unified
    assert [card.name for card in table.cards] == list(task_cards())
    assert table.rows[0].name == "toto-large"
    assert set(table.rows[0].cells) == {"cater", "davis", "ego4d_sta", "imagenet", "kinetics400"}


def test_the_best_of_several_settings_is_taken_and_named(runs):
    cell = rows_of(runs)["toto-large", False].cells["davis"]
    assert (cell.number.value, cell.choice) == (0.624, "512/8")


def test_one_setting_needs_no_name(runs):
    assert rows_of(runs)["toto-large", False].cells["imagenet"].choice == ""


def test_published_and_measured_are_two_rows(runs):
    runs.add()
    rows = rows_of(runs)
    assert rows["toto-large", True].cells["davis"].number.value == 0.445
    assert ("toto-large", False) in rows


def test_another_preset_is_a_row_of_its_own(runs):
    runs.add()
    runs.add(preset="stc", task_version=2, protocol_hash="22" * 32, metrics={"j_and_f": 0.9})
    rows = rows_of(runs)
    assert rows["toto-large", True].cells["davis"].number.value == 0.445
    assert rows["toto-large (davis: stc, task version 2)", True].cells["davis"].number.value == 0.9


def test_a_complete_result_goes_before_a_better_incomplete_one(runs):
    runs.add()
    part = {"scored": 10, "listed": 30, "missing": {}}
    runs.add(environment__dtype="bfloat16", coverage=part, metrics={"j_and_f": 0.9})
    assert rows_of(runs)["toto-large", True].cells["davis"].number.value == 0.445


def test_several_weights_of_one_backbone_are_told_apart(runs):
    runs.add()
    runs.add(backbone__weights="sha256:" + "99" * 32)
    assert {name for name, measured in rows_of(runs) if measured} == {
        "toto-large [abababab]",
        "toto-large [99999999]",
    }


def test_sample_and_undefined_values_do_not_enter(runs):
    runs.add(data__name="sample")
    runs.add(metrics={"j_and_f": None})
    assert not [name for name, measured in rows_of(runs) if measured]


def test_floors_stand_apart(runs):
    runs.add(backbone__floor=True, backbone__name="pixels")
    last = build([runs.path]).unified.rows[-1]
    assert last.floor and last.name == "pixels"


def test_no_mean_over_an_incomplete_row_or_mixed_units(runs):
    assert all(row.mean is None for row in build([runs.path]).unified.rows)


def test_mean_of_a_complete_row_of_one_unit(runs):
    from toto_bench.leaderboard.unified import unified

    runs.add(metrics={"j_and_f": 0.4})
    board = runs.board()
    table = unified(board.tables, [task_cards()["davis"]])
    measured = next(row for row in table.rows if row.measured)
    assert measured.mean == pytest.approx(0.4)


def test_csv_has_a_column_for_each_task(runs):
    lines = list(csv.DictReader(io.StringIO(unified_csv(build([runs.path]).unified))))
    first = lines[0]
    assert (first["backbone"], first["davis"], first["ego4d_sta"]) == ("toto-large", "62.4", "2.7")
    assert (first["tasks"], first["of"], first["mean"]) == ("5", str(len(task_cards())), "")


def test_one_task_has_no_unified_table(runs):
    assert runs.board("davis").unified is None


def test_the_table_says_where_the_marks_of_names_stand(runs):
    text = to_markdown(build([runs.path])).rpartition("## All tasks")[2]
    (line,) = [line for line in text.splitlines() if line.startswith(" - ‡, § and ?")]
    assert "stand in the tables of the tasks" in line
