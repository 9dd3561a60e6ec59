"""`robot label` and `robot report`, from words to exit code."""

import json
from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.deploy.trials import Ledger, make_plan, read_journal, read_plan, standings

PLAN = make_plan("franka-cube-pick", ("a", "b"), count=2)


@pytest.fixture(autouse=True)
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `trials` in the current one: all four trials have ended, none has a label."""
    monkeypatch.chdir(tmp_path)
    PLAN.save(Path("trials/plan.json"))
    with Ledger(PLAN, Path("trials/trials.jsonl")) as ledger:
        for number in range(1, 5):
            ledger.start(number)
            ledger.end(number, "completed", "time")
    return Path("trials")


def labels() -> dict[int, bool]:
    found = standings(read_plan(Path("trials/plan.json")), read_journal(Path("trials/trials.jsonl")).events)
    return {number: each.label.success for number, each in found.items() if each.label}


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    answers = iter(lines)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(answers, None) or _end())


def _end() -> str:
    raise EOFError


def test_labels_are_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    type_in(monkeypatch, "s", "f it fell", "u", "s", "s", "f")
    assert invoke(["robot", "label", "trials", "--labeller", "ada"]) == 0
    assert labels() == {1: True, 2: True, 3: True, 4: False}
    assert "Every trial that has ended is judged" in capsys.readouterr().out


def test_the_end_of_input_keeps_what_was_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, "s")
    assert invoke(["robot", "label", "trials"]) == 130
    assert labels() == {1: True}
    assert "What was finished is kept" in capsys.readouterr().err


def test_a_label_without_being_asked_and_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["robot", "label", "trials", "--trial", "3", "--failure", "--note", "slipped"]) == 0
    assert labels() == {3: False}
    assert "Labels still missing: 3" in capsys.readouterr().out
    assert invoke(["robot", "label", "trials", "--undo"]) == 0
    assert labels() == {}
    assert "trial 3 is taken back" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["trials", "--trial", "3"], "goes with"),
        (["trials", "--success"], "goes with"),
        (["trials", "--note", "x"], "goes with"),
        (["trials", "--undo"], "no label to undo"),
        (["trials", "--trial", "9", "--success"], "There is no trial 9"),
        (["nowhere"], "holds no trials"),
    ],
)
def test_wrong_requests(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["robot", "label", *words]) == 2
    assert says in capsys.readouterr().err
    assert labels() == {}


def test_nobody_labels_while_trials_run(capsys: pytest.CaptureFixture[str]) -> None:
    with Ledger(PLAN, Path("trials/trials.jsonl")):
        assert invoke(["robot", "label", "trials"]) == 2
    assert "another process is running trials" in capsys.readouterr().err


def test_the_report_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["robot", "label", "trials", "--trial", "1", "--success"]) == 0
    assert invoke(["robot", "report", "trials"]) == 0
    out = capsys.readouterr().out
    assert "Labels missing: 3 (`toto-bench robot label trials`)" in out
    assert "No row for `a`" in out
    assert "trials/report/report.md" in out
    assert not Path("runs").exists()
    assert "success" in Path("trials/report/report.md").read_text()


def test_the_report_refuses_what_is_no_folder_of_trials(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["robot", "report", "nowhere"]) == 2
    assert "holds no trials" in capsys.readouterr().err
    plan = json.loads(Path("trials/plan.json").read_text())
    Path("trials/plan.json").write_text(json.dumps(plan | {"seed": 9}))
    assert invoke(["robot", "report", "trials"]) == 1
    assert "belongs to another plan" in capsys.readouterr().err
