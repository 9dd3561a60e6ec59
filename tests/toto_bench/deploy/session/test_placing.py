"""Putting the object back where it lay, and the plan that says where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.cameras import Frame
from toto_bench.deploy.cameras.overlay import read_photo
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.photos import NOW, Placing, SessionEndedError
from toto_bench.deploy.session.planning import PlanRequest, plan_for
from toto_bench.deploy.trials import Region, StartPose
from toto_bench.errors import RequestError

POSE = StartPose(number=2, x=0.5, y=0.12, yaw=0.5)
Make = Callable[..., Any]


class Still:
    """A camera that shows a square."""

    name = "front"

    def __init__(self, column: int = 10) -> None:
        self.column = column

    def open(self) -> None:
        pass

    def latest(self) -> Frame:
        picture = np.full((64, 64, 3), 40, np.uint8)
        picture[20:36, self.column : self.column + 16] = 220
        return Frame(picture, 0.0, 0.0, 0)

    def close(self) -> None:
        pass


def test_the_first_photo_is_the_reference_and_the_next_is_held_against_it(
    person: Make, tmp_path: Path
) -> None:
    folder, camera = TrialsFolder(tmp_path), Still()
    ada = person("")
    Placing(folder, ada, camera).place(POSE)
    assert "50 cm before the arm's base and 12 cm to its left, turned by 29 degrees" in ada.said[0]
    assert np.array_equal(read_photo(folder.photo(2)), camera.latest().rgb)
    ada = person("a", "A", "")
    moved = Still(column=30)
    Placing(folder, ada, moved).place(POSE)
    assert sum("Similarity" in text for text in ada.said) == 3
    assert read_photo(folder.photos / NOW).shape == (64, 192, 3)
    assert np.array_equal(read_photo(folder.photo(2)), camera.latest().rgb), "the reference was replaced"


def test_a_session_may_end_here(person: Make, tmp_path: Path) -> None:
    """No reference is kept of a pose that was not accepted."""
    folder = TrialsFolder(tmp_path)
    with pytest.raises(SessionEndedError):
        Placing(folder, person("a", "q"), Still()).place(POSE)
    assert not folder.photo(2).exists()


def test_without_a_camera_there_are_words_alone(person: Make, tmp_path: Path) -> None:
    Placing(TrialsFolder(tmp_path), person(""), None).place(POSE)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_reference_is_named(person: Make, tmp_path: Path) -> None:
    folder = TrialsFolder(tmp_path)
    folder.photos.mkdir()
    folder.photo(2).write_bytes(b"no picture")
    with pytest.raises(RequestError, match=r"pose-002\.png"):
        Placing(folder, person(""), Still()).place(POSE)


def test_the_card_says_what_a_plan_is_like_unless_somebody_does(tmp_path: Path) -> None:
    plan = plan_for(TrialsFolder(tmp_path / "a"), PlanRequest(("x", "y")))
    assert (plan.task, len(plan.poses), plan.aborted, plan.seed) == ("franka-cube-pick", 16, "failure", 0)
    other = plan_for(
        TrialsFolder(tmp_path / "b"),
        PlanRequest(("x",), count=3, seed=4, region=Region(x=(0.5, 0.5)), aborted="exclude"),
    )
    assert (len(other.poses), other.aborted, other.seed, other.poses[0].x) == (3, "exclude", 4, 0.5)


@pytest.mark.parametrize(
    "change",
    [{"count": 5}, {"seed": 1}, {"aborted": "exclude"}, {"region": Region(x=(0.5, 0.5))}, {"task": "davis"}],
    ids=str,
)
def test_a_plan_stays_as_it_was_made(tmp_path: Path, change: dict[str, Any]) -> None:
    """The same words find it again, fewer words too; other words are refused."""
    folder = TrialsFolder(tmp_path)
    plan = plan_for(folder, PlanRequest(("x", "y"), count=4, seed=0))
    assert plan_for(folder, PlanRequest(("y", "x"))) == plan
    with pytest.raises(RequestError, match="was made with another"):
        plan_for(folder, PlanRequest(("x", "y"), **change))
    with pytest.raises(RequestError, match="give the same ones"):
        plan_for(folder, PlanRequest(("x",)))
    assert folder.read_plan() == plan
