"""Time in a simulation goes as its clock goes."""

import time

import pytest

from toto_bench.deploy.clock import MonotonicClock, VirtualClock
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.simulated.pace import Heart
from toto_bench.deploy.simulated.scene import build_scene
from toto_bench.deploy.simulated.world import CubeWorld


@pytest.fixture(scope="module")
def world() -> CubeWorld:
    return CubeWorld(build_scene(), WorkingLimits())


def test_virtual_time_is_caught_up_with(world: CubeWorld) -> None:
    clock, before = VirtualClock(7.0), world.time
    heart = Heart(world, clock, "fast")
    clock.sleep_until(8.0)
    assert world.time == before, "time begins with `start`"
    heart.start()
    heart.start()
    clock.sleep_until(8.5)
    assert world.time - before == pytest.approx(0.5)
    heart.end()
    heart.end()
    clock.sleep_until(9.0)
    assert world.time - before == pytest.approx(0.5)


def test_real_time_passes_by_itself(world: CubeWorld) -> None:
    heart, before = Heart(world, MonotonicClock(), "realtime"), world.time
    heart.start()
    end = time.monotonic() + 60
    while world.time < before + 0.1 and time.monotonic() < end:
        time.sleep(0.01)
    heart.end()
    stopped = world.time
    assert stopped >= before + 0.1
    time.sleep(0.05)
    assert world.time == stopped


def test_a_step_that_fails_ends_time(world: CubeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    error = RuntimeError("out of hand")

    def step() -> None:
        raise error

    monkeypatch.setattr(world, "step", step)
    clock = VirtualClock()
    heart = Heart(world, clock, "fast")
    heart.start()
    clock.sleep_until(1.0)
    assert heart.broken is error
    heart.end()


@pytest.mark.parametrize(("pace", "clock"), [("fast", MonotonicClock()), ("realtime", VirtualClock())])
def test_pace_and_clock_have_to_fit(world: CubeWorld, pace: str, clock: object) -> None:
    with pytest.raises(ValueError, match="goes with a `VirtualClock`"):
        Heart(world, clock, pace)
