"""Where every thing is in every frame, and moves that nothing stands in the way of."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.samples.cater.things import Thing

_LIFT = 2.0
"""How high things are picked up."""
_GAP = 0.04


class Move(NamedTuple):
    """An action of CATER."""

    action: str
    """`_slide`, `_pick_place`, `_rotate` or `_contain`."""
    target: str | None
    """What is covered."""
    start: int
    """First frame."""
    end: int
    """Last frame."""


class Tracks:
    """Places and turns of things over the frames 0 ... last; moves are added in the order of time."""

    def __init__(self, things: list[Thing], last: int) -> None:
        self.things, self.last = things, last
        at_rest = np.array([(*thing.place, thing.half) for thing in things])
        self.places: NDArray[np.float64] = np.repeat(at_rest[:, None], last + 1, axis=1)
        self.angles = np.zeros((len(things), last + 1))
        """Of rotations about a level axis, in radians."""
        self.moves: list[list[Move]] = [[] for _ in things]
        self.below: dict[int, int] = {}
        """Cone to the thing it covers, after the moves so far."""

    def tops(self) -> list[int]:
        """Things that nothing covers."""
        return [number for number in range(len(self.things)) if number not in self.below.values()]

    def slide(self, who: int, to: tuple[float, float], start: int, end: int) -> bool:
        """Along the ground, with what it covers; False (and nothing is done) where something is in the way."""
        group = [who, *([self.below[who]] if who in self.below else [])]
        return self._try(group, "_slide", to, (start, end), lift=0.0)

    def pick(self, who: int, to: tuple[float, float], start: int, end: int) -> bool:
        """Up, over and down; uncovers what it covers."""
        done = self._try([who], "_pick_place", to, (start, end), lift=_LIFT, free=self.below.get(who))
        if done:
            self.below.pop(who, None)
        return done

    def contain(self, cone: int, what: int, start: int, end: int) -> bool:
        """A cone comes down over a small thing that stands still."""
        x, y, _ = self.places[what, end]
        done = self._try([cone], "_contain", (float(x), float(y)), (start, end), lift=_LIFT, free=what)
        if done:
            self.below[cone] = what
        return done

    def rotate(self, who: int, start: int, end: int) -> None:
        """Half a turn about a level axis, in place."""
        share = _smooth(start, end)
        self.angles[who, start : end + 1] += np.pi * share
        self.angles[who, end + 1 :] += np.pi
        if self.things[who].shape != "spl":
            lift = np.abs(np.sin(np.pi * share)) + np.abs(np.cos(np.pi * share)) - 1
            self.places[who, start : end + 1, 2] += self.things[who].half * lift
        self.moves[who].append(Move("_rotate", None, start, end))

    def _try(
        self,
        group: list[int],
        action: str,
        to: tuple[float, float],
        frames: tuple[int, int],
        *,
        lift: float,
        free: int | None = None,
    ) -> bool:
        before, (start, end) = self.places.copy(), frames
        for who in group:
            self.places[who, start:] = self._way(who, to, start, end, lift)
        if self._collides(group[0], {*group, free, *self.below.values()}, start):
            self.places = before
            return False
        for who in group:
            target = self.things[free].instance if action == "_contain" and free is not None else None
            self.moves[who].append(Move(action, target, start, end))
        return True

    def _way(
        self, who: int, to: tuple[float, float], start: int, end: int, lift: float
    ) -> NDArray[np.float64]:
        """Places [last + 1 - start, 3]."""
        origin = self.places[who, start].copy()
        goal = np.array([*to, self.things[who].half])
        share = _smooth(start, end)[:, None]
        across = np.clip((share - 0.2) / 0.6, 0, 1) if lift else share
        way = origin + (goal - origin) * across
        way[:, 2:] += lift * np.minimum(1.0, np.sin(np.pi * share) * 1.3)
        way[-1] = goal
        return np.concatenate([way, np.repeat(goal[None], self.last - end, axis=0)])

    def _collides(self, who: int, ignored: set[int | None], start: int) -> bool:
        """Whether it is inside another from a frame on; what is covered moves with its cone."""
        own, size = self.places[who, start:], self.things[who].sized
        for other, thing in enumerate(self.things):
            if other in ignored:
                continue
            apart = np.hypot(*(own - self.places[other, start:])[:, :2].T) > size + thing.sized + _GAP
            above = np.abs(own[:, 2] - self.places[other, start:, 2]) > size + thing.sized
            if not np.all(apart | above):
                return True
        return False


def _smooth(start: int, end: int) -> NDArray[np.float64]:
    """From 0 at the first frame to 1 at the last, at rest at both."""
    share = np.linspace(0, 1, end - start + 1)
    smooth: NDArray[np.float64] = share * share * (3 - 2 * share)
    return smooth
