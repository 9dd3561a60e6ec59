"""The iiwa with the Allegro hand, at nine tenths of its size, as PixMC has it."""

from toto_bench.robots.assets.allegro import FINGERS, allegro
from toto_bench.robots.assets.iiwa import iiwa
from toto_bench.robots.assets.links import add_link, new_spec
from toto_bench.robots.assets.model import RobotModel

SCALE = 0.9
"""PixMC (pixmc/tasks/kuka_pick.py, commit 5746656) scales the actor by this."""


def kuka_allegro() -> RobotModel:
    """Seven joints of the arm, then index, middle, ring and thumb with four each."""
    spec = new_spec()
    add_link(spec.worldbody, iiwa(allegro()), SCALE)
    fingers = tuple(f"{name}_joint{number}" for name in FINGERS for number in range(4))
    return RobotModel(
        spec=spec,
        joints=(*(f"joint{number}" for number in range(1, 8)), *fingers),
        arm=7,
        arm_links=tuple(f"link{number}" for number in range(8)),
        hand="mount",
        tips=tuple(f"{name}_tip" for name in FINGERS),
    )
