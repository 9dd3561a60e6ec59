"""Training examples in the order of the loop: a seeded permutation of each epoch, views read in threads."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.probing.frozen import TARGETS
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.inputs import PIXELS
from toto_bench.tasks.recognition.views import Pixels, Views, decoded
from toto_bench.training.sampler import Sampler, and_later


class Order:
    """Which example, in which view, comes at which position."""

    def __init__(self, examples: Sequence[Example], seed: int, views: int | Literal["stream"]) -> None:
        """An endless order.

        Args:
            examples: that are trained on.
            seed: of the permutations.
            views: fixed ones of each example, taken in turn; `stream` = a new one in each epoch.
        """
        self.examples, self.views = tuple(examples), views
        self._sampler = Sampler(len(self.examples), seed)

    def at(self, positions: range) -> list[tuple[int, int]]:
        """(place of the example, number of its view) of each position."""
        places = self._sampler.indices(positions)
        epochs = [position // len(self.examples) for position in positions]
        views = epochs if self.views == "stream" else [epoch % self.views for epoch in epochs]
        return [(int(place), view) for place, view in zip(places, views, strict=True)]


class Stream:
    """Pixels of training views, decoded anew in every epoch."""

    def __init__(
        self, order: Order, views: Views, workers: int, *, leave_out: Callable[[Example, str], None] | None
    ) -> None:
        """With what reads them.

        Args:
            order: of examples and views.
            views: reads.
            workers: threads.
            leave_out: told of an example that cannot be read, which is then left out of its batch; None = an error.
        """
        self.order, self.views, self.workers, self.leave_out = order, views, workers, leave_out

    def read(self, positions: range) -> dict[str, Tensor]:
        """`pixels` uint8 [B, T, R, R, 3] and `targets` int64 [B].

        Where none of these can be decoded, those that come next in the order take their place: a micro-batch may be a
        single clip.

        Raises:
            DataError: an example cannot be decoded, and that was not allowed; or none of all can.
        """
        fault: DataError | None = None
        for tried in and_later(positions, len(self.order.examples)):
            pixels, labels, fault = self._decode(tried)
            if pixels:
                return {PIXELS: torch.from_numpy(np.stack(pixels)), TARGETS: torch.tensor(labels)}
        raise DataError(
            f"None of the {len(self.order.examples):,} training items can be decoded. {fault}"
        ) from fault

    def _decode(self, positions: range) -> tuple[list[Pixels], list[int], DataError | None]:
        """Pixels and labels of those that can be, and what was wrong with the last that cannot."""
        wanted = [(self.order.examples[place], view) for place, view in self.order.at(positions)]
        pixels, labels, fault = list[Pixels](), list[int](), None
        for (example, _), result in decoded(wanted, self._read, self.workers, ahead=len(wanted)):
            try:
                pixels.append(result())
            except DataError as error:
                if self.leave_out is None:
                    raise
                self.leave_out(example, str(error))
                fault = error
            else:
                labels.append(example.label)
        return pixels, labels, fault

    def _read(self, wanted: tuple[Example, int]) -> Pixels:
        return self.views.train(*wanted)
