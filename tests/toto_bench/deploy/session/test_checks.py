"""What `check` finds, and that it moves nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.cameras import CameraFault
from toto_bench.deploy.cameras.faulty import CameraFaultKind, FaultyCamera
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.faults import Fault, FaultKind
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.session import checks
from toto_bench.deploy.session.checks import disk_check, kernel_check
from toto_bench.deploy.session.look import look_around, sizes_of
from toto_bench.deploy.session.policies import PolicySource
from toto_bench.deploy.session.station_checks import camera_checks
from toto_bench.deploy.workspace import Workspace
from toto_bench.errors import RequestError
from toto_bench.robots.policy import ActionSpec, CameraSpec, PolicySpec, Readout

Make = Callable[..., Any]


def look(station: Any, folder: Path, workspace: Workspace | None = None) -> dict[str, Any]:
    return {check.name: check for check in look_around(station, [], folder, workspace or Workspace())}


def seeing(side: int) -> PolicySource:
    """A policy that looks through the camera `wrist`."""
    readout = Readout(
        backbone="pixels",
        weights="none",
        state="",
        architecture="",
        preprocessing="",
        layer=0,
        resolution=side,
        width=3,
    )
    names = tuple("abcdefg")
    spec = PolicySpec(
        cameras=(CameraSpec(name="wrist", height=side, width=side),),
        readout=readout,
        proprio=names,
        action=ActionSpec(kind="joint-delta", names=names),
        rate_hz=10.0,
    )
    return PolicySource(f"of {side}", "folder", Path("folder"), None, spec, "0" * 64)


def test_a_station_in_order(make_station: Make, tmp_path: Path) -> None:
    station = make_station()
    found = look(station, tmp_path)
    assert [name for name, check in found.items() if not check.good] == []
    assert list(found) == [
        "disk",
        "kernel",
        "robot",
        "state",
        "robot's clock",
        "place",
        "limits",
        "camera wrist",
    ]
    assert "simulated FR3" in found["robot"].words
    assert "16x16" in found["camera wrist"].words
    assert station.driver.moves == 0


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        (FaultKind.ERRORS, "state", "joint_position_limits_violation"),
        (FaultKind.USER_STOPPED, "state", "user-stopped"),
        (FaultKind.FROZEN, "robot's clock", "0.00 s"),
    ],
)
def test_a_robot_that_is_not_ready(
    kind: FaultKind, name: str, words: str, make_station: Make, tmp_path: Path
) -> None:
    station = make_station()
    station.driver.add(Fault(kind, "observe", at=1))
    check = look(station, tmp_path)[name]
    assert not check.good
    assert words in check.words


def test_a_robot_that_is_not_there(
    make_station: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of the fault stands in the list, and the rest was looked at."""
    station = make_station()

    def nobody() -> None:
        raise RobotFault("Nobody answers at 172.16.0.2.")

    monkeypatch.setattr(station.driver, "connect", nobody)
    found = look(station, tmp_path)
    assert (found["station"].good, found["station"].words) == (False, "Nobody answers at 172.16.0.2.")
    assert found["disk"].good


def test_an_arm_outside_its_workspace(make_station: Make, tmp_path: Path) -> None:
    check = look(make_station(), tmp_path, Workspace(lower=(0.6, -0.4, 0.0)))["place"]
    assert not check.good
    assert "outside 0.6 to 1 m" in check.words


@pytest.mark.parametrize("kind", [CameraFaultKind.FROZEN, CameraFaultKind.BLACK])
def test_a_camera_that_is_frozen_or_black(kind: CameraFaultKind, make_station: Make) -> None:
    station = make_station()
    cameras = dict(station.cameras)
    cameras["wrist"] = FaultyCamera(cameras["wrist"], kind, 2)
    object.__setattr__(station, "cameras", cameras)
    with station.opened():
        [check] = camera_checks(station, {})
    assert not check.good, check.words


def test_cameras_have_to_be_there_in_the_right_size(make_station: Make) -> None:
    station = make_station()
    with station.opened():
        missing, wrong = camera_checks(station, {"front": (16, 16), "wrist": (32, 32)})
    assert (missing.name, missing.good, wrong.good) == ("camera front", False, False)
    assert "16x16 pixels (height x width) instead of 32x32" in wrong.words


def test_policies_that_want_different_pictures_of_one_camera() -> None:
    assert sizes_of([seeing(32), seeing(32)]) == {"wrist": (32, 32)}
    with pytest.raises(RequestError, match="different sizes"):
        sizes_of([seeing(32), seeing(64)])


def test_policies_are_told_with_hash_and_origin() -> None:
    [check] = checks.policy_checks([seeing(32)], GuardSettings(rate_hz=10.0))
    assert "000000000000, joint-delta at 10 Hz, wrist 32x32, no finished run" in check.words


def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the folder that is to be, whose parents may not be there yet."""
    assert disk_check(tmp_path / "not" / "yet").good
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("U", (), {"free": 1.9e9})())
    assert not disk_check(tmp_path).good


@pytest.mark.parametrize(
    ("kernel", "priority", "good"),
    [("1\n", 99, True), ("1\n", 0, False), ("0\n", 99, False), (None, 99, False)],
)
def test_a_real_arm_needs_a_real_time_kernel(
    kernel: str | None, priority: int, good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kernel is not None:
        (tmp_path / "realtime").write_text(kernel)
    monkeypatch.setattr(checks, "_KERNEL", tmp_path / "realtime")
    monkeypatch.setattr("resource.getrlimit", lambda which: (0, priority))
    assert kernel_check(simulated=False).good is good
    assert kernel_check(simulated=True).good


def test_nothing_is_left_open(make_station: Make, tmp_path: Path) -> None:
    station = make_station()
    look(station, tmp_path)
    with pytest.raises(RobotFault, match="not connected"):
        station.driver.observe()
    with pytest.raises(CameraFault, match="not open"):
        station.cameras["wrist"].latest()
