import csv

import pytest

from toto_bench.cards import task_cards
from toto_bench.errors import TotoBenchError
from toto_bench.leaderboard.published import published_rows, read_published
from toto_bench.paths import shipped


def test_numbers_of_one_row_stand_together():
    rows = published_rows({"davis"})
    assert [(row.method, row.setting) for row in rows][-1] == ("toto-large", "512/8")
    assert len(rows) == 7
    assert all(list(row.numbers) == ["j_and_f", "j", "f"] for row in rows)


def test_points_become_fractions():
    assert published_rows({"davis"})[0].numbers["j_and_f"].value == 0.543


def test_ablations_and_power_laws_are_no_rows():
    rows = published_rows({*task_cards(), "scaling"})
    assert {row.task for row in rows} == {
        "cater",
        "davis",
        "ego4d_sta",
        "franka-cube-pick",
        "imagenet",
        "kinetics400",
    }
    assert not [row for row in rows if row.method == "VQGAN-VQGAN"]


def test_no_number_is_lost():
    rows = published_rows(task_cards())
    lines = 0
    for path in (shipped("leaderboards") / "published").glob("*.csv"):
        if path.stem not in ("design_choices", "scaling"):
            with path.open(newline="") as stream:
                lines += sum(1 for _ in csv.DictReader(stream))
    assert sum(len(row.numbers) for row in rows) == lines


def test_a_file_of_another_kind_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(TotoBenchError, match=r"x\.csv"):
        read_published(path)
