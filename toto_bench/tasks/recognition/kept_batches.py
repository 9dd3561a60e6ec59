"""Kept features as the training loop reads them."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.probing.frozen import TARGETS
from toto_bench.tasks.kept import read_kept
from toto_bench.tasks.recognition.kept import ROWS, Kept
from toto_bench.tasks.recognition.stream import Order
from toto_bench.training.sampler import and_later


class KeptFeatures:
    """Features of several views, read from where they lie on disk: only rows that are wanted come into memory."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        """Open all parts.

        Raises:
            DiskError: one is missing or damaged.
        """
        self.kept = tuple(kept)
        self._files: list[list[dict[str, Tensor]]] = []
        self._row: list[NDArray[np.int64]] = []
        for each in kept:
            files, row = [], np.full(len(each.examples), -1, np.int64)
            for first in each.parts:
                content = read_kept(each.path(first))
                held = content.pop(ROWS).numpy()
                row[first + held] = np.arange(len(held))
                files.append(content)
            self._files.append(files)
            self._row.append(row)

    def has(self, view: int) -> NDArray[np.bool_]:
        """Which examples could be read in a view (its place among those that were given)."""
        return self._row[view] >= 0

    def rows(self, wanted: Sequence[tuple[int, int]]) -> dict[str, Tensor]:
        """Features of (example, view) pairs, in their order, as they were kept."""
        found: dict[str, list[Tensor]] = {}
        for place, view in wanted:
            content = self._files[view][self.kept[view].part_of(place)]
            for name, values in content.items():
                found.setdefault(name, []).append(values[self._row[view][place]])
        return {name: torch.stack(parts) for name, parts in found.items()}


class KeptBatches:
    """Training batches of kept features."""

    def __init__(self, order: Order, features: KeptFeatures) -> None:
        self.order, self.features = order, features
        self._there = [features.has(view) for view in range(len(features.kept))]

    def read(self, positions: range) -> dict[str, Tensor]:
        """Features, as `kept_features` names them, and `targets`; as `Stream.read` where none of these are there.

        Raises:
            DataError: none of all training items could be read.
        """
        count = len(self.order.examples)
        for tried in and_later(positions, count):
            order = self.order.at(tried)
            if wanted := [(place, view) for place, view in order if self._there[view][place]]:
                labels = [self.order.examples[place].label for place, _ in wanted]
                return self.features.rows(wanted) | {TARGETS: torch.tensor(labels)}
        raise DataError(f"None of the {count:,} training items can be decoded.")
