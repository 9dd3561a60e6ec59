"""Who does what and when: the snitch's story comes first, then everybody else acts around it."""

import numpy as np

from toto_bench.samples.cater.things import SMALL, SNITCH, some_things
from toto_bench.samples.cater.tracks import Tracks

STORIES = ("carried", "open", "carried", "shown", "carried")
"""By video in turn: covered and carried to the end; never covered; covered, carried and shown again."""
_SLOTS = 4
_REACH = 2.85
_TRIES = 30
_ATTEMPTS = 400
_BUSY = 0.7


def play_story(story: str, end: tuple[float, float], frames: int, rng: np.random.Generator) -> Tracks:
    """A clip of `frames` frames (and one after them), in which the snitch ends at a place.

    Raises:
        RuntimeError: no arrangement was found in which this works.
    """
    for _ in range(_ATTEMPTS):
        tracks = Tracks(some_things(rng), frames)
        slots = _slots(frames)
        if _STORIES[story](tracks, slots, end, rng):
            return tracks
    raise RuntimeError(f"no room for the story `{story}` that ends at {end}")


def _slots(frames: int) -> list[tuple[int, int]]:
    """First and last frame of each time in which things act; each thing starts and ends a little within it."""
    borders = np.linspace(2, frames - 4, _SLOTS + 1).round().astype(int)
    return [(int(a), int(b)) for a, b in zip(borders[:-1], borders[1:] - 1, strict=True)]


def _carried(
    tracks: Tracks, slots: list[tuple[int, int]], end: tuple[float, float], rng: np.random.Generator
) -> bool:
    """Covered early, carried once or twice."""
    cone = _some_cone(tracks, rng)
    twice = rng.random() < 0.5
    if not twice:
        _others(tracks, slots[0], {0, cone}, rng)
    if not _cover(tracks, cone, slots[0 if twice else 1], rng):
        return False
    if twice and not _carry(tracks, cone, None, slots[1], rng):
        return False
    if rng.random() < 0.5:
        if not _carry(tracks, cone, None, slots[2], rng):
            return False
    else:
        _others(tracks, slots[2], {0, cone}, rng)
    return _carry(tracks, cone, end, slots[3], rng)


def _shown(
    tracks: Tracks, slots: list[tuple[int, int]], end: tuple[float, float], rng: np.random.Generator
) -> bool:
    """Covered, carried, and left in the open where it ends."""
    cone = _some_cone(tracks, rng)
    if not (_cover(tracks, cone, slots[0], rng) and _carry(tracks, cone, end, slots[1], rng)):
        return False
    start, stop = _within(slots[2], rng)
    away = _anywhere(rng)
    far = np.hypot(away[0] - end[0], away[1] - end[1]) > 1.2 * (tracks.things[cone].sized + SMALL)
    if not (far and tracks.pick(cone, away, start, stop)):
        return False
    _others(tracks, slots[2], {0, cone}, rng)
    _others(tracks, slots[3], {0}, rng)
    return True


def _open(
    tracks: Tracks, slots: list[tuple[int, int]], end: tuple[float, float], rng: np.random.Generator
) -> bool:
    """The snitch moves by itself."""
    for slot in slots[:2]:
        _others(tracks, slot, set(), rng, first=0)
    last = int(rng.integers(2, 4))
    if last == 3:
        _others(tracks, slots[2], set(), rng, first=0)
    start, stop = _within(slots[last], rng)
    move = tracks.slide if rng.random() < 0.6 else tracks.pick
    if not move(0, end, start, stop):
        return False
    for slot in slots[last:]:
        _others(tracks, slot, {0}, rng)
    return True


_STORIES = {"carried": _carried, "shown": _shown, "open": _open}


def _cover(tracks: Tracks, cone: int, slot: tuple[int, int], rng: np.random.Generator) -> bool:
    start, stop = _within(slot, rng)
    if not tracks.contain(cone, 0, start, stop):
        return False
    _others(tracks, slot, {0, cone}, rng)
    return True


def _carry(
    tracks: Tracks,
    cone: int,
    to: tuple[float, float] | None,
    slot: tuple[int, int],
    rng: np.random.Generator,
) -> bool:
    """Slide the cone (None: anywhere) with the snitch, and let others act."""
    start, stop = _within(slot, rng)
    places = [to] if to else [_anywhere(rng) for _ in range(_TRIES)]
    if not any(tracks.slide(cone, place, start, stop) for place in places):
        return False
    _others(tracks, slot, {0, cone}, rng)
    return True


def _others(
    tracks: Tracks,
    slot: tuple[int, int],
    busy: set[int],
    rng: np.random.Generator,
    first: int | None = None,
) -> None:
    """Let things act that are not busy, `first` for sure if there is a way."""
    order = [number for number in rng.permutation(tracks.tops()).tolist() if number not in busy]
    if first is not None and first in order:
        order = [first, *[number for number in order if number != first]]
    for who in order:
        if who in tracks.below.values() or (who != first and rng.random() > _BUSY):
            continue
        _act(tracks, who, slot, busy, rng)


def _act(tracks: Tracks, who: int, slot: tuple[int, int], busy: set[int], rng: np.random.Generator) -> None:
    """One thing does something it can."""
    thing = tracks.things[who]
    start, stop = _within(slot, rng)
    if thing.covers and who not in tracks.below and rng.random() < 0.5:
        small = [n for n in tracks.tops() if _is_free(tracks, n, slot) and n not in busy]
        if any(tracks.contain(who, what, start, stop) for what in small):
            return
    if thing.shape in ("cube", "cylinder", SNITCH) and rng.random() < 0.3:
        tracks.rotate(who, start, stop)
        return
    move = tracks.slide if rng.random() < 0.55 else tracks.pick
    for _ in range(_TRIES):
        place = _anywhere(rng)
        below = tracks.below.get(who)
        if below is not None and move == tracks.pick:
            x, y, _ = tracks.places[who, stop]
            if np.hypot(place[0] - x, place[1] - y) < thing.sized + SMALL + 0.1:
                continue
        if move(who, place, start, stop):
            return


def _is_free(tracks: Tracks, number: int, slot: tuple[int, int]) -> bool:
    """Whether it is small, not the snitch, and does nothing in this time."""
    thing = tracks.things[number]
    still = all(move.end < slot[0] for move in tracks.moves[number])
    return number != 0 and thing.sized == SMALL and thing.shape in ("sphere", "cone") and still


def _some_cone(tracks: Tracks, rng: np.random.Generator) -> int:
    return int(rng.choice([number for number, thing in enumerate(tracks.things) if thing.covers]))


def _within(slot: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    spare = max((slot[1] - slot[0]) // 6, 1)
    return slot[0] + int(rng.integers(0, spare + 1)), slot[1] - int(rng.integers(0, spare + 1))


def _anywhere(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(-_REACH, _REACH)), float(rng.uniform(-_REACH, _REACH))
