"""`toto-bench validate`: its lines, its JSON, its exit codes."""

import json

import pytest

from toto_bench.cli import invoke

FAMILY = """
family = "eye"
entry = "{package}.code:build"
floor = true
summary = "Sees."
paper = "none"
[architecture]
model = "eye"
layers = 1
[variants.owl-eye]
title = ""
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "owls_to_validate"
    (folder / "backbones").mkdir(parents=True)
    (folder / "backbones" / "eye.toml").write_text(FAMILY.format(package=folder.name))
    (folder / "code.py").write_text("print('hoot')\n1 / 0\n")
    return folder


def test_a_right_card(capsys) -> None:
    """One line, the counts, and nothing else."""
    assert invoke(["validate", "davis"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "ok     davis\ncards 1, tables 0, problems 0, notes 0\n"
    assert captured.err == ""


def test_a_wrong_card(folder, monkeypatch, capsys) -> None:
    """A line for each problem, with file and key; notes are marked."""
    monkeypatch.chdir(folder)
    assert invoke(["validate", "owl-eye", "pixels", "--plugin-dir", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "wrong  owl-eye"
    assert lines[1] == "       backbones/eye.toml: `title` is empty: it stands in tables and lists."
    assert "cannot be imported (ZeroDivisionError" in lines[2]
    assert lines[3].startswith("       note: `architecture.parameters_m`")
    assert lines[4:] == ["ok     pixels", "cards 2, tables 0, problems 2, notes 1"]


def test_json_is_whole_though_code_prints(folder, capsys) -> None:
    """What a plug-in prints goes elsewhere."""
    assert invoke(["validate", "owl-eye", "--json", "--plugin-dir", str(folder)]) == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["problems"], document["notes"]) == (2, 1)
    (card,) = document["checked"]
    assert (card["name"], card["kind"]) == ("owl-eye", "backbone")
    assert card["file"] == str(folder / "backbones" / "eye.toml")
    assert [problem["key"] for problem in card["problems"]] == ["title", "entry"]
    assert "hoot" in captured.err


def test_a_name_that_does_not_exist(capsys) -> None:
    """The request is wrong, not a card."""
    assert invoke(["validate", "davs"]) == 2
    assert "Did you mean `davis`" in capsys.readouterr().err


def test_everything_with_a_broken_plugin(tmp_path, monkeypatch, capsys) -> None:
    """A folder that is gone makes the whole wrong."""
    monkeypatch.setenv("TOTO_BENCH_PATH", str(tmp_path / "gone"))
    assert invoke(["validate"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("wrong  plug-ins\n       TOTO_BENCH_PATH names")
    assert "table scaling" in captured.out
    assert "Warning" not in captured.err
