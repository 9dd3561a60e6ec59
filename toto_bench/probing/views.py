"""Scores of several views of an item (clips, crops), summed to one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toto_bench.probing.errors import ViewError


class ViewSums:
    """Sums of scores over views, in float64, indexed by (item, view): each counts once, in whatever order they come.

    As SlowFast's TestMeter sums softmax scores, but a view that is given twice (a padded sampler) is not added again,
    and one that is missing is an error.
    """

    def __init__(self, views: int) -> None:
        """For items of so many views each."""
        self.views = views
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._seen: dict[int, set[int]] = {}

    def add(self, items: Sequence[int], views: Sequence[int], scores: NDArray[np.floating]) -> list[int]:
        """Add views; the items that are whole with them, in their order.

        Args:
            items: [n] number of the item of each.
            views: [n] number of the view, 0..views-1.
            scores: [n, C], or [P, n, C] of P probes.

        Raises:
            ViewError: there is no such view.
        """
        whole = []
        for place, (item, view) in enumerate(zip(items, views, strict=True)):
            if not 0 <= view < self.views:
                raise ViewError(f"Item {item} has views 0 to {self.views - 1}, not {view}.")
            seen = self._seen.setdefault(int(item), set())
            if view in seen:
                continue
            seen.add(int(view))
            own = np.asarray(scores[..., place, :], np.float64)
            self._sums[int(item)] = self._sums[int(item)] + own if int(item) in self._sums else own
            if len(seen) == self.views:
                whole.append(int(item))
        return whole

    def take(self, items: Sequence[int]) -> NDArray[np.float64]:
        """Sums of items [N, C] or [P, N, C], which are then let go; later copies of their views are still ignored.

        Raises:
            ViewError: a view is missing.
        """
        missing = {item: self._missing(item) for item in items if self._missing(item)}
        if missing:
            item, views = next(iter(missing.items()))
            raise ViewError(
                f"{len(missing)} of {len(items)} items lack views; item {item} lacks {len(views)} of {self.views} "
                f"(view {views[0]} first). Scores of some views are not those of all: evaluate them again."
            )
        return np.stack([self._sums.pop(item) for item in items], -2)

    def _missing(self, item: int) -> list[int]:
        return [view for view in range(self.views) if view not in self._seen.get(item, set())]


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities over the last axis, in float64."""
    scaled = np.exp((logits - logits.max(-1, keepdims=True)).astype(np.float64))
    return np.asarray(scaled / scaled.sum(-1, keepdims=True))
