import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from toto_bench.cards import UnknownNameError
from toto_bench.cli.leaderboard import command

TEMPLATE = json.loads((Path(__file__).parents[1] / "leaderboard" / "record.json").read_text())


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add_run(folder, **changes):
    path = folder / changes.get("id", TEMPLATE["id"])
    path.mkdir(parents=True)
    (path / "record.json").write_text(json.dumps(TEMPLATE | changes))


def call(*arguments, code=0):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == code, result.output
    return result


def test_without_runs_published_rows_stand_alone_and_nothing_is_written(here):
    result = call()
    assert "## All tasks" in result.stdout
    assert "No measured rows yet" in result.stdout
    assert list(here.iterdir()) == []


def test_runs_of_the_default_folder_enter_and_are_written(here):
    add_run(here / "runs")
    result = call("--task", "davis")
    assert "measured (davis-toto-large-0)" in result.stdout
    assert (here / "leaderboards" / "measured" / "davis.csv").is_file()
    assert "Measured table in leaderboards/measured/davis.csv" in result.stderr


def test_several_folders_and_another_place_to_write(here):
    add_run(here / "a", id="one")
    add_run(here / "b", id="two", seed=1)
    result = call("--runs", "a", "--runs", "b", "--out", "tables", "--format", "csv")
    assert result.stdout.startswith("task,protocol,method,")
    assert "one two" in (here / "tables" / "davis.csv").read_text()
    assert (here / "tables" / "unified.csv").is_file()


def test_cost_is_shown_on_request_and_never_written(here):
    add_run(here / "runs")
    plain = call("--task", "davis")
    path = here / "leaderboards" / "measured" / "davis.csv"
    written = path.read_bytes()
    with_cost = call("--task", "davis", "--cost")
    assert "Items/s" in with_cost.stdout and "Items/s" not in plain.stdout
    assert path.read_bytes() == written
    first = call("--task", "davis", "--cost", "--format", "csv").stdout.splitlines()[0]
    assert first.endswith(",macs,macs_of,items_per_second,peak_memory_mb,training_seconds,seconds,device")


def test_the_unified_table_has_costs_on_request(here):
    add_run(here / "runs")
    assert "Total time" in call("--unified", "--cost").stdout
    assert "Total time" not in call("--unified").stdout
    assert "parameters_m" in call("--unified", "--cost", "--format", "csv").stdout.splitlines()[0]
    assert "parameters_m" not in (here / "leaderboards" / "measured" / "unified.csv").read_text()


def test_a_damaged_record_is_a_warning_and_the_rest_is_shown(here):
    add_run(here / "runs")
    (here / "runs" / "broken").mkdir()
    (here / "runs" / "broken" / "record.json").write_text("{")
    result = call("--task", "davis")
    assert "Warning: runs/broken/record.json" in result.stderr
    assert "Warning" not in result.stdout
    assert "measured (davis-toto-large-0)" in result.stdout


def test_limited_runs_are_counted_on_stderr(here):
    add_run(here / "runs", limit=2)
    result = call("--task", "davis")
    assert "1 limited run(s) left out" in result.stderr
    assert not (here / "leaderboards").exists()


def test_an_unknown_task_gets_a_suggestion(here):
    result = CliRunner().invoke(command, ["--task", "davs"])
    assert isinstance(result.exception, UnknownNameError)
    assert "Did you mean `davis`?" in str(result.exception)


def test_a_folder_that_does_not_exist_is_refused_when_it_is_named(here):
    assert "does not exist" in call("--runs", "nowhere", code=2).stderr
