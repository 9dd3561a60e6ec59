"""Labels after the fact: asked blind, kept at once, taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.labelling import Labeller, label_all
from toto_bench.deploy.session.operator import agrees
from toto_bench.deploy.trials import Ledger, make_plan, read_journal, standings

PLAN = make_plan("franka-cube-pick", ("toto-base", "mvp-b16"), count=2)
Person = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> TrialsFolder:
    """Four trials: 1, 2 and 4 were completed, 3 was aborted."""
    folder = TrialsFolder(tmp_path)
    PLAN.save(folder.plan)
    with Ledger(PLAN, folder.journal) as ledger:
        for number in range(1, 5):
            ledger.start(number)
            ledger.end(number, "aborted" if number == 3 else "completed", "x", video=f"videos/{number}.mp4")
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "1.mp4").touch()
    return folder


def labels(folder: TrialsFolder) -> dict[int, tuple[bool, str]]:
    found = standings(PLAN, read_journal(folder.journal).events)
    return {number: (each.label.success, each.label.note) for number, each in found.items() if each.label}


def ask(folder: TrialsFolder, person: Any) -> int:
    with Ledger(PLAN, folder.journal) as ledger:
        return label_all(ledger, Labeller("ada", person, folder))


def test_every_completed_trial_is_asked_for(folder: TrialsFolder, person: Person) -> None:
    """Aborted ones are not; a note may follow; a video that is there is named."""
    ada = person("s", "f  cube slipped", "Success")
    assert ask(folder, ada) == 0
    assert labels(folder) == {1: (True, ""), 2: (False, "cube slipped"), 4: (True, "")}
    assert len(ada.asked) == 3
    assert str(folder.path / "videos" / "1.mp4") in ada.asked[0]
    assert "mp4" not in ada.asked[1]


def test_the_question_does_not_name_the_backbone(folder: TrialsFolder, person: Person) -> None:
    ada = person("s", "s", "s")
    ask(folder, ada)
    shown = " ".join([*ada.said, *ada.asked])
    assert "policy 1" in shown
    assert "toto" not in shown.replace(str(folder.path), "")
    assert "mvp" not in shown


def test_a_slip_is_taken_back_and_asked_again_first(folder: TrialsFolder, person: Person) -> None:
    ada = person("s", "u", "f", "s", "s")
    assert ask(folder, ada) == 0
    assert labels(folder)[1] == (False, "")
    assert [question.split(",")[0] for question in ada.asked] == [
        "Trial 1 of 4", "Trial 2 of 4", "Trial 1 of 4", "Trial 2 of 4", "Trial 4 of 4",
    ]  # fmt: skip


def test_nothing_to_take_back_is_said(folder: TrialsFolder, person: Person) -> None:
    ada = person("u", "what", "s", "s", "s")
    ask(folder, ada)
    assert "There is no label to undo." in ada.said
    assert any("`what` is no answer" in text for text in ada.said)


def test_later_means_later(folder: TrialsFolder, person: Person) -> None:
    assert ask(folder, person("l", "s", "l")) == 2
    assert labels(folder) == {2: (True, "")}
    assert ask(folder, person("s", "s")) == 0


def test_one_who_stops_loses_nothing(folder: TrialsFolder, person: Person) -> None:
    with pytest.raises(KeyboardInterrupt):
        ask(folder, person("s"))
    assert labels(folder) == {1: (True, "")}


def test_yes_and_no_are_asked_for_until_they_come(person: Person) -> None:
    ada = person("perhaps", "", "Yes")
    assert agrees(ada, "Ready?")
    assert len(ada.asked) == 3
    assert not agrees(person("n"), "Ready?")
