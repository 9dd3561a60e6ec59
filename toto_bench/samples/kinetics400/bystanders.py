"""What stays still in a clip: it looks as what moves does in clips of other classes before, after, or halfway."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from toto_bench.samples.kinetics400.plan import Plan
from toto_bench.samples.world.scene import Item

_COVER = {"aside": 0.3, "over": 0.4, "on": 0.3}
"""How often the cover stands alone, hangs in the air above a thing, or stands on it."""
_NEAR = 0.1


def bystanders(plan: Plan, playing: Collection[str], rng: np.random.Generator, *, falls: bool) -> list[Item]:
    """All that does not play.

    Args:
        plan: of the clip.
        playing: names of the items that do.
        rng: of what is where.
        falls: whether one of those is in the air at first; then fewer of these are.
    """
    things = {"twin": (plan.twin, plan.beside), "third": plan.others[0], "fourth": plan.others[1]}
    items = []
    below: str | None = None
    if "cover" not in playing:
        cover, hides = _cover(plan, rng)
        items.append(cover)
        if hides:
            below = "third"
            things["third"] = (plan.others[0][0], (plan.cover.position[0], plan.cover.position[1]))
    still = {name: thing for name, thing in things.items() if name not in playing}
    can_hang = [name for name in still if name != below]
    count = int(rng.choice((0, 1) if falls else (0, 1, 1, 2)))
    hanging = rng.choice(can_hang, min(count, len(can_hang)), replace=False)
    for name, (roller, place) in still.items():
        height = roller.radius + plan.aloft + float(rng.uniform(-0.05, 0.05))
        items.append(roller.item(name, place, height if name in hanging else None))
    return items


def _cover(plan: Plan, rng: np.random.Generator) -> tuple[Item, bool]:
    """Where it stays, and whether it has to do with a thing below."""
    state = str(rng.choice(list(_COVER), p=list(_COVER.values())))
    if state != "over":
        return plan.cover, state == "on"
    x, y, _ = plan.cover.position
    dx, dy = (float(value) for value in rng.uniform(-_NEAR, _NEAR, 2))
    return replace(plan.cover, position=(x + dx, y + dy, plan.hover)), True
