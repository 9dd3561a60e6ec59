"""Finding the source cells most similar to each cell, exactly, without the whole affinity matrix.

Per block of queries: one matrix product per slot with the keys of the strip; the best score per *position*
over the slots; the window on these maxima only; the best few positions; their scores in every slot. The k
largest scores lie within the k positions with the largest maxima: a position outside has a maximum, hence
scores, not above those k maxima, which are k scores themselves. Only a tie can lie outside, and ``outside``
tells of it.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from toto_bench.tasks.davis.propagation.memory import ContextMemory
from toto_bench.tasks.davis.propagation.window import Block, Panel, Window, length

CPU_BUDGET = 1 << 21
"""Scores (4 bytes each) of one block on a CPU: few enough for its caches."""
GPU_BUDGET = 1 << 25
"""Scores of one block on other devices: enough to keep them busy."""


class Candidates(NamedTuple):
    """What the search leaves of one block of Q queries; cosines outside the window are -inf."""

    block: Block
    memory: ContextMemory
    """The memory of the block's panel."""
    cosines: Tensor
    """[Q, n] scores of the best positions in all filled slots."""
    sources: Tensor
    """[Q, n] their rows in the memory's label table."""
    outside: Tensor | None
    """[Q] no cosine that was left out is above this; None if nothing was left out."""
    scores: Tensor
    """[filled slots, Q, keys] all cosines, not windowed; overwritten by the next block."""
    bias: Tensor | None
    """[Q, keys] 0 inside the window, -inf outside."""


class Search:
    """Context frames, and the search for a new frame's most similar cells in them.

    Buffers are shared by all blocks and steps.
    """

    def __init__(self, window: Window, slots: int, features: Tensor, labels: Tensor) -> None:
        self._device = features.device
        budget = CPU_BUDGET if self._device.type == "cpu" else GPU_BUDGET
        self.window = window
        self.panels = window.panels()
        self.memories = [
            ContextMemory(slots, features[:, panel.keys], labels[:, panel.keys]) for panel in self.panels
        ]
        self._blocks = [tuple(window.blocks(panel, slots, budget)) for panel in self.panels]
        largest = max(
            _size(b, p) for p, blocks in zip(self.panels, self._blocks, strict=True) for b in blocks
        )
        self._scores = features.new_empty(slots * largest)
        self._maxima = features.new_empty(largest)
        self._biases: dict[tuple[int, ...], Tensor | None] = {}

    def write(self, slot: int, features: Tensor, labels: Tensor) -> None:
        """Remember a frame: unit features ``[long, short, D]``, labels ``[long, short, C]``."""
        for panel, memory in zip(self.panels, self.memories, strict=True):
            memory.write(slot, features[:, panel.keys], labels[:, panel.keys])

    def __call__(self, queries: Tensor, positions: int) -> Iterator[Candidates]:
        """Yield the candidates of ``queries`` (unit vectors ``[long, short, D]``), block by block."""
        for panel, memory, blocks in zip(self.panels, self.memories, self._blocks, strict=True):
            for block in blocks:
                strip = queries[block.columns, block.rows].flatten(0, 1)
                bias = self._bias(block, panel)
                yield self._candidates(self._compare(strip, memory, block), memory, block, bias, positions)

    def _compare(self, queries: Tensor, memory: ContextMemory, block: Block) -> tuple[Tensor, Tensor]:
        """Return the scores ``[filled slots, Q, keys]`` and their maxima over the slots ``[Q, keys]``."""
        keys = memory.features[: memory.filled, block.keys]
        shape = (len(queries), keys.shape[1] * keys.shape[2])
        scores = self._scores[: len(keys) * math.prod(shape)].view(len(keys), *shape)
        maxima = self._maxima[: math.prod(shape)].view(shape)
        for slot, score in enumerate(scores):
            torch.mm(queries, keys[slot].flatten(0, 1).T, out=score)
            if slot == 0:
                maxima.copy_(score)
            else:
                torch.maximum(maxima, score, out=maxima)
        return scores, maxima

    @staticmethod
    def _candidates(
        compared: tuple[Tensor, Tensor],
        memory: ContextMemory,
        block: Block,
        bias: Tensor | None,
        positions: int,
    ) -> Candidates:
        scores, maxima = compared
        if bias is not None:
            maxima += bias
        best, place = maxima.topk(min(positions, maxima.shape[1]), dim=1)
        cosines = scores.gather(2, place.expand(len(scores), -1, -1))
        if bias is not None:
            cosines.masked_fill_(best.isneginf(), -math.inf)
        long, rows = memory.features.shape[1:3]
        slots = torch.arange(len(scores), device=place.device)[:, None, None]
        sources = place + (block.keys.start * rows + slots * (long * rows))
        outside = best[:, -1] if best.shape[1] < maxima.shape[1] else None
        return Candidates(block, memory, _by_query(cosines), _by_query(sources), outside, scores, bias)

    def _bias(self, block: Block, panel: Panel) -> Tensor | None:
        """Look the window of a block up; blocks with the same surroundings share one."""
        column, row = block.columns.start, block.rows.start
        ends = (block.columns.stop, block.keys.start, block.keys.stop)
        across = (block.rows.stop, panel.keys.start, panel.keys.stop)
        key = (*(end - column for end in ends), *(end - row for end in across))
        if key not in self._biases:
            self._biases[key] = self.window.bias(block, panel, self._device)
        return self._biases[key]


def _size(block: Block, panel: Panel) -> int:
    """Return the number of queries times keys of a block, in one slot."""
    return length(block.columns) * length(block.rows) * length(block.keys) * length(panel.keys)


def _by_query(values: Tensor) -> Tensor:
    """``[slots, Q, P]`` to ``[Q, slots * P]``."""
    return values.transpose(0, 1).flatten(1)
