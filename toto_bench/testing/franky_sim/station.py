"""The simulated robot as a place for trials: driver, cameras that draw its state, and labels by what it knows."""

from collections.abc import Mapping

from toto_bench.deploy.cameras import Camera
from toto_bench.deploy.clock import MonotonicClock
from toto_bench.deploy.drivers.franky import FrankyDriver
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.simulated.camera import SceneCamera
from toto_bench.deploy.simulated.picture import ScenePainter
from toto_bench.deploy.simulated.settings import WRIST
from toto_bench.testing.franky_sim.process import FrankySim

_SIDE = 224


def franky_station(
    sim: FrankySim,
    *,
    limits: WorkingLimits | None = None,
    views: tuple[str, ...] = (WRIST,),
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> Station:
    """What `toto-bench robot run` gets for a real arm, with the cameras and the judge of our own simulation.

    Args:
        sim: running.
        limits: of the arm.
        views: cameras, of `front` and `wrist`.
        sizes: height and width of their pictures, in pixels; 224 x 224 where none is given.
    """
    clock = MonotonicClock()
    driver = FrankyDriver(sim.host, limits=limits, simulated=True)
    cameras: dict[str, Camera] = {}
    for view in views:
        height, width = (sizes or {}).get(view, (_SIDE, _SIDE))
        painter = ScenePainter(view, height=height, width=width)
        cameras[view] = SceneCamera(painter, sim.scene_state, clock)
    devices = {view: f"franky-sim:{view}" for view in views}
    return Station(driver, clock, cameras, sim, devices, lambda: driver.limits)
