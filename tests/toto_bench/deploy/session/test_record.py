"""Demonstrations by script and by hand: kept, dropped, interrupted, and never without the emergency stop."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.faults import Fault, FaultKind
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.session.attempt import JOINT_NAMES, NUMBERS, Recording
from toto_bench.deploy.session.record import NothingKeptError, record_at
from toto_bench.deploy.session.safety import PHRASE, UnsafeError
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.trials import Region
from toto_bench.errors import RequestError
from toto_bench.robots.demonstrations import DemonstrationSet, read_lerobot

Make = Callable[..., Any]


def recording(count: int = 1, seconds: float = 30.0, **options: Any) -> Recording:
    guard = GuardSettings(rate_hz=10.0, cameras=("wrist",), seconds=seconds)
    return Recording(count=count, start=READY, guard=guard, **options)


def by_script(station: Any, folder: Path, what: Recording, person: Any) -> Any:
    return record_at(station, folder, what, person, by_hand=False)


def test_scripted_demonstrations_are_kept_when_the_cube_is_lifted(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    """Every number of a step: what was measured, what was sent, and pictures."""
    station = make_station()
    result = by_script(station, tmp_path / "demos", recording(2, start_noise=0.05), person())
    assert result == (2, 0)
    found: DemonstrationSet = read_lerobot(tmp_path / "demos")
    assert (found.fps, found.joints, found.actions) == (10.0, JOINT_NAMES, NUMBERS)
    assert found.cameras == {"wrist": (16, 16)}
    assert [each.success for each in found] == [True, True]
    assert not np.allclose(found[0].joints[0], found[1].joints[0]), "starts are not varied"
    for each in found:
        assert each.actions is not None
        assert each.gripper is not None
        assert each.gripper[0] > 0.9
        assert each.gripper[-1] < 0.7
        assert np.abs(each.actions[:, :7] - each.joints).max() < 0.06
        assert np.abs(np.diff(each.timestamps) - 0.1).max() < 1e-6
    assert station.driver.at_rest(0.0) is False, "the driver was not closed"


def test_with_noise_the_arm_strays_and_what_the_script_meant_is_recorded(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    """Recorded steps are as small as the script's own; where the arm comes to differs from them."""
    astray = []
    for name, noise in (("straight", 0.0), ("astray", 0.5)):
        by_script(make_station(), tmp_path / name, recording(1, noise=noise, seed=3), person())
        [each] = read_lerobot(tmp_path / name)
        assert each.actions is not None
        asked = each.actions[:, :7] - each.joints
        limit = 0.9 * np.array(recording().guard.largest_step)
        assert (np.abs(asked) <= limit + 1e-3).all()
        astray.append(np.abs(np.diff(each.joints, axis=0) - asked[:-1]).mean())
    assert astray[1] > 2 * astray[0]


def test_the_same_seed_makes_the_same_demonstrations(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    sets = []
    for name in ("one", "two"):
        by_script(make_station(), tmp_path / name, recording(start_noise=0.1, seed=5), person())
        sets.append(read_lerobot(tmp_path / name))
    assert np.array_equal(sets[0][0].joints, sets[1][0].joints)


def test_a_set_is_continued(make_station: Make, person: Make, tmp_path: Path) -> None:
    """Starts that were used are not used again."""
    by_script(make_station(), tmp_path / "demos", recording(1, start_noise=0.1), person())
    result = by_script(make_station(), tmp_path / "demos", recording(2, start_noise=0.1), person())
    assert result == (2, 0)
    first, second = read_lerobot(tmp_path / "demos")
    assert not np.allclose(first.joints[0], second.joints[0])
    assert by_script(make_station(), tmp_path / "demos", recording(2), person()) == (2, 0)


def test_failures_are_dropped_and_end_it_at_last(make_station: Make, person: Make, tmp_path: Path) -> None:
    """In two seconds nobody lifts a cube."""
    with pytest.raises(NothingKeptError, match="5 demonstrations in a row"):
        by_script(make_station(), tmp_path / "demos", recording(1, seconds=2.0), person())
    assert not list((tmp_path / "demos").rglob("*.parquet"))
    assert not list((tmp_path / "demos").rglob("*.mp4"))


def test_a_fault_of_a_simulation_costs_one_attempt(make_station: Make, person: Make, tmp_path: Path) -> None:
    station, ada = make_station(), person()
    station.driver.add(Fault(FaultKind.REFLEX, "act", at=20, count=1))
    assert by_script(station, tmp_path / "demos", recording(1), ada) == (1, 1)
    assert any("was dropped" in text for text in ada.said)
    assert len(read_lerobot(tmp_path / "demos")) == 1


def test_a_script_does_not_move_a_real_arm(make_station: Make, person: Make, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="guided by hand"):
        by_script(make_station(real=True), tmp_path / "demos", recording(), person())


def test_a_real_arm_waits_for_the_emergency_stop(make_station: Make, person: Make, tmp_path: Path) -> None:
    station = make_station(real=True)
    with pytest.raises(UnsafeError):
        record_at(station, tmp_path / "demos", recording(), person("yes"), by_hand=True)
    assert station.driver.moves == 0


def test_a_real_arm_does_not_move_while_a_hand_may_be_at_it(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    """No way to a start, neither the first nor a later one, begins before somebody says so."""
    station, ada = make_station(real=True), person(PHRASE)
    with pytest.raises(KeyboardInterrupt):
        record_at(station, tmp_path / "demos", recording(), ada, by_hand=True)
    assert station.driver.moves == 0
    assert "Let go of the arm" in ada.asked[-1]


def test_by_hand_a_person_places_guides_and_judges(make_station: Make, patient: Make, tmp_path: Path) -> None:
    """One is kept, one is dropped, one is kept as a failure; nothing is sent but the way to the start."""
    station = make_station(real=True)
    ada = patient(
        station, "Guide", PHRASE, *["", "", "", "k"], *["", "", "", "d"], *["", "", "", "what", "f"]
    )
    region = Region(x=(0.5, 0.5), y=(-0.1, -0.1), yaw=(0.0, 0.0))
    result = record_at(station, tmp_path / "demos", recording(2, 3.0, region=region), ada, by_hand=True)
    assert result == (2, 1)
    assert station.driver.moves == 3, "something was sent"
    assert sum("Let go of the arm" in question for question in ada.asked) == 3
    assert any("50 cm before the arm's base and 10 cm to its right" in text for text in ada.said)
    found = read_lerobot(tmp_path / "demos")
    assert [each.success for each in found] == [True, False]
    assert found.actions == ()
    assert all(8 <= len(each) <= 31 for each in found)


def test_a_hand_that_ends_at_once_leaves_nothing(make_station: Make, person: Make, tmp_path: Path) -> None:
    """Enter before the first step: no empty demonstration, and no question about it."""
    station, ada = make_station(real=True), person(PHRASE, "", "", "", "")
    with pytest.raises(KeyboardInterrupt):
        record_at(station, tmp_path / "demos", recording(1, 0.05), ada, by_hand=True)
    assert not list((tmp_path / "demos").rglob("*.mp4"))


def test_a_fault_of_a_real_arm_ends_the_session(make_station: Make, patient: Make, tmp_path: Path) -> None:
    """What was kept stays, the arm is told to stop, and nothing is recovered by itself."""
    station = make_station(real=True)
    station.driver.add(Fault(FaultKind.BARE_ERROR, "reset", at=1))
    with pytest.raises((RobotFault, RuntimeError)):
        record_at(
            station,
            tmp_path / "demos",
            recording(5, 2.0),
            patient(station, "Guide", PHRASE, "", "", "", "k", "", "", ""),
            by_hand=True,
        )
    assert station.driver.stops
    assert len(read_lerobot(tmp_path / "demos")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_arm_and_drops_the_demonstration(
    number: int, make_station: Make, person: Make, tmp_path: Path
) -> None:
    station = make_station()
    send_at(station, number)
    with pytest.raises(KeyboardInterrupt):
        by_script(station, tmp_path / "demos", recording(1), person())
    assert station.driver.stops
    assert not list((tmp_path / "demos").rglob("*.parquet"))


def send_at(station: Any, number: int, moment: float = 6.0) -> None:
    left = [number]

    def follow(now: float) -> None:
        if left and now > moment:
            os.kill(os.getpid(), left.pop())

    station.clock.follow(follow)
