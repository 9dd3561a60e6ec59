"""Tables: columns, cells, and rows against the cards."""

import csv
from pathlib import Path

import pytest

from toto_bench.cards import backbone_cards, task_cards
from toto_bench.leaderboard.csv_format import COLUMNS, PUBLISHED_COLUMNS
from toto_bench.runner.tasks import load_task
from toto_bench.validation.rows import Names
from toto_bench.validation.tables import check_measured, check_published

ROW = {
    "task": "davis",
    "method": "DINO",
    "parameters_m": "86",
    "metric": "j_and_f",
    "value": "54.3",
    "unit": "%",
    "source": "a paper, Table 1",
    "backbone": "dino-b8",
    "protocol_values": "resolution=224;patch=8",
}


@pytest.fixture
def names():
    return Names(task_cards(), backbone_cards(), {"davis": load_task("davis")})


def write(folder: Path, *rows, columns=PUBLISHED_COLUMNS, table="davis") -> Path:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return folder


def texts(subjects):
    return [finding.text for subject in subjects for finding in subject.problems]


def test_a_right_row(tmp_path, names) -> None:
    """And one that is no card."""
    other = ROW | {"method": "V3D", "backbone": "", "parameters_m": "", "protocol_values": ""}
    (subject,) = check_published(names, write(tmp_path, ROW, other))
    assert subject.findings == []


WRONG = [
    ({"task": "davs"}, "`task` = `davs` does not exist. Did you mean `davis`"),
    ({"metric": "j_and_g"}, "`metric` = `j_and_g` is no metric of `davis`. Did you mean `j_and_f`"),
    ({"unit": "mAP"}, "`unit` = `mAP`, but `j_and_f` of `davis` is in `%`."),
    ({"value": "high"}, "`value` = `high` is not a number."),
    ({"value": "nan"}, "`value` = `nan` is not a number."),
    ({"value": "101"}, "`value` = 101 is not in points, 0 to 100."),
    ({"value": "-1"}, "`value` = -1 is not in points"),
    ({"backbone": "dino-b9"}, "`backbone` = `dino-b9` is no card. Did you mean `dino-b8`"),
    ({"parameters_m": "many"}, "`parameters_m` = `many` is not a number of millions."),
    ({"source": ""}, "`source` is empty"),
    ({"protocol_values": "resolution"}, "`protocol_values` = `resolution` is not of the form"),
    (
        {"protocol_values": "resolutio=224"},
        "names `resolutio`, no value of `davis`. Did you mean `resolution`",
    ),
    ({"protocol_values": "top_k=0"}, "`protocol_values` = `top_k=0` is not allowed."),
    ({"method": "toto-base", "backbone": ""}, "`backbone` is empty: `toto-base` is a card"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=lambda value: str(value)[:50])
def test_a_wrong_row_is_told_what_is_wrong(changes, message, tmp_path, names) -> None:
    """With its line."""
    (text,) = texts(check_published(names, write(tmp_path, ROW, ROW | {"setting": "224"} | changes)))
    assert text.startswith("line 3: ")
    assert message in text


def test_parameters_far_from_the_cards_are_noted(tmp_path, names) -> None:
    """Papers print what they count."""
    (subject,) = check_published(names, write(tmp_path, ROW | {"parameters_m": "120"}))
    assert not subject.problems
    assert "`parameters_m` = 120, but the card `dino-b8` says 85.8 million." in subject.notes[0].text


def test_a_row_that_is_there_twice(tmp_path, names) -> None:
    """Also with another number: which one is right?"""
    (text,) = texts(check_published(names, write(tmp_path, ROW, ROW | {"value": "12", "note": "n"})))
    assert text == "line 3: `metric` = `j_and_f` of this row stands in line 2 already."


def test_tables_for_reference_have_other_models_and_protocols(tmp_path, names) -> None:
    """But metrics of their task, and no line twice."""
    row = ROW | {"method": "toto-x", "backbone": "", "protocol_values": "width=3"}
    rows = [row, row | {"value": "3"}, row]
    (text,) = texts(check_published(names, write(tmp_path, *rows, table="design_choices")))
    assert text == "line 4: `metric` = `j_and_f` of this row stands in line 2 already."


def test_the_power_laws_belong_to_no_task(tmp_path, names) -> None:
    """Any metric, any unit; numbers still."""
    law = {"task": "scaling", "method": "Toto", "metric": "exponent", "value": "-0.04", "source": "4.8"}
    folder = write(tmp_path, law, law | {"value": "x"}, table="scaling")
    assert texts(check_published(names, folder)) == ["line 3: `value` = `x` is not a number."]


def test_columns_are_those_of_the_format(tmp_path, names) -> None:
    """Missing, unknown, in another order, or none at all."""
    columns = [*PUBLISHED_COLUMNS[:-1], "protocol"]
    (text,) = texts(check_published(names, write(tmp_path, columns=columns)))
    assert "missing: `protocol_values`" in text
    (text,) = texts(check_published(names, write(tmp_path, columns=[*PUBLISHED_COLUMNS, "owl"])))
    assert "unknown: `owl`" in text
    (text,) = texts(check_published(names, write(tmp_path, columns=PUBLISHED_COLUMNS[::-1])))
    assert "in another order" in text
    (tmp_path / "davis.csv").write_text("")
    (text,) = texts(check_published(names, tmp_path))
    assert "missing: `task`" in text


def test_lines_of_another_length_and_unreadable_tables(tmp_path, names) -> None:
    """A comma without quotes; bytes that are no text."""
    path = write(tmp_path, ROW) / "davis.csv"
    path.write_text(path.read_text() + "davis,1,2\n")
    (text,) = texts(check_published(names, tmp_path))
    assert text.startswith(f"line 3 has 3 cells instead of {len(PUBLISHED_COLUMNS)}")
    path.write_bytes(b"\xff\xfe\xff")
    (text,) = texts(check_published(names, tmp_path))
    assert text.startswith("The table cannot be read. UnicodeDecodeError")


def test_named_cards_narrow_the_rows(tmp_path, names) -> None:
    """By task and by backbone."""
    wrong = ROW | {"source": ""}
    folder = write(tmp_path, wrong, wrong | {"backbone": "mae-b16"})
    for only, count in (({"davis"}, 2), ({"mae-b16"}, 1), ({"cater"}, 0)):
        assert len(texts(check_published(names._replace(only=frozenset(only)), folder))) == count


def test_measured_tables_have_the_columns_of_the_export(tmp_path) -> None:
    """Nothing else is asked of them."""
    write(tmp_path, columns=COLUMNS)
    assert texts(check_measured(tmp_path)) == []
    write(tmp_path, columns=PUBLISHED_COLUMNS)
    assert "missing: `run`" in texts(check_measured(tmp_path))[0]
