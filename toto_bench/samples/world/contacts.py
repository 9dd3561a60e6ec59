"""Which things touch each other, and when."""

import mujoco

from toto_bench.samples.world.clip import Contact

_GAP = 0.05
"""Seconds that two touches may be apart and still count as one."""


class ContactLog:
    """Collects the contacts of every physics step."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._names = [model.body(int(body)).name for body in model.geom_bodyid]
        self._open: dict[tuple[str, str], tuple[float, float]] = {}
        self._closed: list[Contact] = []

    def note(self, data: mujoco.MjData, time: float) -> None:
        """Look at the contacts of this step, at a time in seconds."""
        contacts = data.contact
        for (one, other), distance in zip(contacts.geom.tolist(), contacts.dist.tolist(), strict=True):
            if distance > 0 or self._names[one] == self._names[other]:
                continue
            pair = tuple(sorted((self._names[one], self._names[other])))
            self._extend((pair[0], pair[1]), time)

    def found(self) -> tuple[Contact, ...]:
        """All of them, in the order of their start."""
        still = [Contact(*pair, start, end) for pair, (start, end) in self._open.items()]
        return tuple(sorted([*self._closed, *still], key=lambda contact: (contact.start, contact[:2])))

    def _extend(self, pair: tuple[str, str], time: float) -> None:
        start, end = self._open.get(pair, (time, time))
        if time - end > _GAP:
            self._closed.append(Contact(*pair, start, end))
            start = time
        self._open[pair] = (start, time)
