"""Objects as JSON has them, turned into columns; a wrong one is named."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.ego4d_sta.columns import Objects, Predictions
from toto_bench.tasks.ego4d_sta.errors import NotFiniteError, PropertyError

NUMBERS: set[type] = {int, float}
"""Types that count as numbers; `true` is none."""


def read_labels(annotations: Iterable[Mapping[str, Any]], place: str) -> Objects:
    """Annotated objects of images; an image may have none.

    Args:
        annotations: entries with `uid` and, apart from test sets, `objects`.
        place: what they are, for messages: a path, or `The annotations`.

    Raises:
        PropertyError: an object lacks something, or a value is of a wrong type.
        NotFiniteError: a number is.
    """
    images = [(str(entry["uid"]), entry.get("objects") or []) for entry in annotations]
    uids = tuple(uid for uid, _ in images)
    reader = _Reader(place, uids, [rows for _, rows in images])
    return Objects(uids, **reader.columns(), ttcs=reader.floats("time_to_contact", NUMBERS))


def read_predictions(
    results: Mapping[str, Any], uids: Sequence[str], place: str, *, strict: bool
) -> Predictions:
    """Predicted objects of the images `uids`, all of which are in the results.

    Args:
        results: uid to a list of predictions; other uids are not looked at.
        uids: of the annotated images, in their order.
        place: what they are, for messages.
        strict: times and scores are floats, as the official check demands: 1 is refused, 1.0 is not.

    Raises:
        PropertyError: a prediction lacks something, or a value is of a wrong type.
        NotFiniteError: a number is.
    """
    reader = _Reader(place, tuple(uids), [results[uid] for uid in uids])
    types: set[type] = {float} if strict else NUMBERS
    ttcs, scores = (reader.floats(name, types) for name in ("time_to_contact", "score"))
    return Predictions(tuple(uids), **reader.columns(), ttcs=ttcs, scores=scores)


class _Reader:
    """The objects of images, one list for each."""

    def __init__(self, place: str, uids: Sequence[str], images: Sequence[Any]) -> None:
        for uid, rows in zip(uids, images, strict=True):
            if type(rows) is not list:
                raise PropertyError(f"{place}: `{uid}` has {_shown(rows)}, expected a list of objects.")
        self.place, self.uids = place, uids
        self.counts = np.array([len(rows) for rows in images], dtype=np.int64)
        self.rows: list[Any] = list(chain.from_iterable(images))

    def columns(self) -> dict[str, NDArray[Any]]:
        """What every object has besides its times."""
        nouns, verbs = (self._integers(name) for name in ("noun_category_id", "verb_category_id"))
        return {"counts": self.counts, "boxes": self._boxes(), "nouns": nouns, "verbs": verbs}

    def floats(self, name: str, types: set[type]) -> NDArray[np.float64]:
        """A property that is a real number."""
        values = self._values(name)
        what = "a number" if int in types else "a float (the official check refuses 1 and takes 1.0)"
        if set(map(type, values)) - types:
            self._refuse(values, name, lambda value: type(value) in types, what)
        return self._finite(self._array(name, lambda: np.array(values, dtype=np.float64)), name)

    def _integers(self, name: str) -> NDArray[np.int64]:
        values = self._values(name)
        if set(map(type, values)) - {int}:
            self._refuse(values, name, lambda value: type(value) is int, "a whole number")
        return self._array(name, lambda: np.array(values, dtype=np.int64))

    def _boxes(self) -> NDArray[np.float64]:
        boxes, what = self._values("box"), "a list of four numbers"
        if set(map(type, boxes)) - {list} or set(map(len, boxes)) - {4}:
            self._refuse(boxes, "box", lambda box: type(box) is list and len(box) == 4, what)
        try:
            flat = self._array("box", lambda: np.array(array("d", chain.from_iterable(boxes))))
        except TypeError:  # what is no number
            self._refuse(boxes, "box", lambda box: set(map(type, box)) <= NUMBERS, what)
            raise
        return self._finite(flat.reshape(-1, 4), "box")

    def _values(self, name: str) -> list[Any]:
        try:
            return [row[name] for row in self.rows]
        except (KeyError, TypeError, IndexError):
            wrong = next(n for n, row in enumerate(self.rows) if type(row) is not dict or name not in row)
            raise PropertyError(
                f"{self.place}: an object of `{self._uid(wrong)}` has no `{name}`: {_shown(self.rows[wrong])}."
            ) from None

    def _refuse(self, values: list[Any], name: str, fits: Callable[[Any], bool], what: str) -> None:
        wrong = [number for number, value in enumerate(values) if not fits(value)]
        raise PropertyError(
            f"{self.place}: `{name}` of {len(wrong):,} of {len(values):,} objects is not {what}; the first one, of "
            f"`{self._uid(wrong[0])}`, is {_shown(values[wrong[0]])}."
        )

    def _finite(self, values: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        if not np.isfinite(values).all():
            wrong = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
            raise NotFiniteError(
                f"{self.place}: `{name}` of {len(wrong):,} of {len(values):,} objects is NaN or infinite, the first "
                f"one of `{self._uid(int(wrong[0]))}`. The official code would rank NaN first; find out where it "
                "comes from."
            )
        return values

    def _array(self, name: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        try:
            return make()
        except OverflowError:
            raise PropertyError(f"{self.place}: a `{name}` is too large a number for 64 bits.") from None

    def _uid(self, row: int) -> str:
        return self.uids[int(np.searchsorted(np.cumsum(self.counts), row, side="right"))]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
