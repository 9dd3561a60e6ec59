"""From words to a station; nothing is opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.session.assemble import StationRequest, assemble
from toto_bench.errors import RequestError


def test_a_simulation_has_the_cameras_that_policies_need() -> None:
    limits = WorkingLimits(speed_factor=0.1)
    sizes = {"front": (48, 64), "wrist": (32, 32)}
    station = assemble(StationRequest("mujoco", pace="fast", sizes=sizes, limits=limits))
    assert set(station.cameras) == {"front", "wrist"}
    assert station.scene is station.driver
    assert station.limits() == limits
    assert station.driver.info().simulated


def test_simulated_cameras_may_be_called_otherwise() -> None:
    station = assemble(StationRequest("mujoco", cameras=("hand=simulated:wrist",)))
    assert dict(station.devices) == {"hand": "simulated:wrist"}


def test_a_real_robot_has_no_scene() -> None:
    """And is not taken for a simulation, wherever it is."""
    for host in ("172.16.0.2", "127.0.0.1"):
        station = assemble(StationRequest("franky", host=host, cameras=("wrist=opencv:/dev/video0",)))
        assert station.scene is None
        assert not station.driver.info().simulated
        assert list(station.cameras) == ["wrist"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (StationRequest("franky"), "--host"),
        (StationRequest("mujoco", host="172.16.0.2"), "has none"),
        (StationRequest("replay"), "--log"),
        (StationRequest("mujoco", cameras=("wrist=opencv:/dev/video0",)), "no camera"),
        (StationRequest("mujoco", cameras=("wrist=simulated:behind",)), "no camera"),
        (StationRequest("mujoco", sizes={"overhead": (32, 32)}), "no camera"),
        (StationRequest("franky", host="h", cameras=("a=opencv:0", "a=opencv:1")), "called `a`"),
        (StationRequest("panda"), "no driver `panda`"),  # type: ignore[arg-type]
    ],
)
def test_what_does_not_go_together(request_: StationRequest, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        assemble(request_)


def test_a_trial_is_replayed_from_its_log(tmp_path: Path, make_station: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match="cannot be read"):
        assemble(StationRequest("replay", log=tmp_path / "trial-001.jsonl"))
