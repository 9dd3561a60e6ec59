import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from toto_bench.cards import UnknownNameError
from toto_bench.cli.runs import command
from toto_bench.errors import RequestError

TEMPLATE = json.loads((Path(__file__).parents[1] / "leaderboard" / "record.json").read_text())


@pytest.fixture
def runs(tmp_path):
    add_run(tmp_path, id="davis-toto-large-aa11")
    pixels = TEMPLATE["backbone"] | {"name": "pixels", "floor": True}
    add_run(tmp_path, id="davis-pixels-bb22", backbone=pixels, finished="2025-12-01T10:30:00Z", limit=3)
    items = tmp_path / "davis-dino-b8-cc33" / "state" / "items"
    items.mkdir(parents=True)
    (items / "a.json").write_text("{}")
    return tmp_path


def add_run(folder, **changes):
    path = folder / changes["id"]
    path.mkdir(parents=True)
    (path / "record.json").write_text(json.dumps(TEMPLATE | changes))


def call(runs, *arguments):
    result = CliRunner().invoke(command, [*arguments, "--runs", str(runs)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ids(result):
    return [line.split()[0] for line in result.stdout.splitlines()[1:]]


def test_list_has_the_oldest_first_and_unfinished_last(runs):
    result = call(runs, "list")
    assert ids(result) == ["davis-pixels-bb22", "davis-toto-large-aa11", "davis-dino-b8-cc33"]
    _, pixels, toto, unfinished = result.stdout.splitlines()
    assert "J&F 44.5 (42.5 to 46.5)" in toto and "30/30" in toto and "2026-01-01 01:00" in toto
    assert "DAVIS-2017, first 3" in pixels
    assert "unfinished, items done: 1" in unfinished


def test_how_to_finish_a_run_widens_no_column(runs):
    """It is as long as a command, and stands at the end of its line."""
    width = len(call(runs, "list").stdout.splitlines()[0])
    sessions = runs / "davis-dino-b8-cc33" / "state" / "sessions.json"
    command = f"toto-bench run {'--set some=value ' * 20}--out runs"
    asked = {"task": "davis", "backbone": "dino-b8", "command": command}
    sessions.write_text(json.dumps(asked))
    headings, *_, unfinished = call(runs, "list").stdout.splitlines()
    assert len(headings) == width
    assert unfinished.split()[:3] == ["davis-dino-b8-cc33", "davis", "dino-b8"]
    assert unfinished.endswith(f"to finish it: {command}")


def test_list_of_one_backbone_or_task(runs):
    assert ids(call(runs, "list", "--backbone", "pixels")) == ["davis-pixels-bb22"]
    assert ids(call(runs, "list", "--backbone", "dino-b8")) == ["davis-dino-b8-cc33"]
    assert "No such runs" in call(runs, "list", "--task", "cater").stdout


def test_list_of_a_task_that_does_not_exist(runs):
    with pytest.raises(UnknownNameError, match="davis"):
        call(runs, "list", "--task", "davs")


def test_list_as_json(runs):
    entries = json.loads(call(runs, "list", "--json").stdout)
    assert [entry["status"] for entry in entries] == ["finished", "finished", "unfinished"]
    assert entries[1]["metrics"]["j_and_f"]["value"] == 0.445
    assert entries[1]["coverage"] == {"scored": 30, "listed": 30, "missing": {}}


def test_list_names_a_damaged_record_and_goes_on(runs):
    (runs / "davis-pixels-bb22" / "record.json").write_text("{")
    result = call(runs, "list")
    assert "davis-pixels-bb22" in result.stderr
    assert ids(result) == ["davis-toto-large-aa11", "davis-dino-b8-cc33"]


def test_an_empty_folder(tmp_path):
    assert "No such runs" in call(tmp_path / "nowhere", "list").stdout
    assert json.loads(call(tmp_path / "nowhere", "list", "--json").stdout) == []


@pytest.mark.parametrize("name", ["davis-toto-large-aa11", "davis-toto"])
def test_show_takes_an_id_or_its_beginning(runs, name):
    assert "davis-toto-large-aa11" in call(runs, "show", name).stdout


@pytest.mark.parametrize("end", ["", "record.json"])
def test_show_takes_a_path(runs, tmp_path_factory, end):
    result = call(tmp_path_factory.mktemp("other"), "show", str(runs / "davis-toto-large-aa11" / end))
    assert "davis-toto-large-aa11" in result.stdout


def test_show_has_every_value_of_the_record(runs):
    text = call(runs, "show", "davis-toto").stdout
    for section in (
        "Run",
        "Metrics",
        "Coverage",
        "Protocol",
        "Backbone",
        "Data",
        "Cost",
        "Environment",
        "Artifacts",
    ):
        assert f"\n{section}\n" in f"\n{text}"
    for value in (
        *(TEMPLATE["protocol_hash"], TEMPLATE["identity"], TEMPLATE["items_sha256"], TEMPLATE["command"]),
        *("best on val: layer 12 of 24 read", "packages.torch", "2.15.0", "seconds.encode", "A note."),
        *(TEMPLATE["data"]["fingerprint"], TEMPLATE["backbone"]["weights"], "kinetics-600", "abc1234"),
    ):
        assert value in text
    assert str(runs / "davis-toto-large-aa11" / "artifacts" / "contact-sheet.png") in text


def test_show_as_json_is_the_record(runs):
    document = json.loads(call(runs, "show", "davis-toto", "--json").stdout)
    assert document["record"]["metrics"] == TEMPLATE["metrics"]
    assert document["path"].endswith("davis-toto-large-aa11")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("davis-toto-large-aa12", "Did you mean `davis-toto-large-aa11`"),
        ("davis-", "2 runs in .* begin with"),
        ("davis-dino-b8-cc33", "is not finished"),
    ],
)
def test_show_of_what_is_not_one_run(runs, name, message):
    with pytest.raises(RequestError, match=message):
        call(runs, "show", name)
