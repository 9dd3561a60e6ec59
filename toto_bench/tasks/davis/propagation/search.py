"""Finding the source cells most similar to each cell, exactly, without the whole affinity matrix.

Per block of queries: one matrix product per slot with the keys of the strip; the best score per *position*
over the slots; the window on these maxima only; the best few positions; their scores in every slot. The k
largest scores lie within the k positions with the largest maxima: a position outside has a maximum, hence
scores, not above those k maxima, which are k scores themselves. Only a tie can lie outside, and ``outside``
tells of it.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from toto_bench.tasks.davis.propagation.memory import ContextMemory
from toto_bench.tasks.davis.propagation.window import Block, Panel, Window, length
from toto_bench.tasks.davis.propagation.workers import count_workers, share_out

CPU_BUDGET = 3 << 19
"""Scores (4 bytes each) of one block on a CPU: many enough for fast products, few enough for caches."""
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


class Buffers(NamedTuple):
    """What one worker writes its scores to, block after block and step after step."""

    scores: Tensor
    maxima: Tensor


class Search:
    """Context frames, and the search for a new frame's most similar cells in them."""

    def __init__(self, window: Window, slots: int, features: Tensor, labels: Tensor) -> None:
        self.window = window
        self.panels = window.panels()
        self.memories = [
            ContextMemory(slots, features[:, panel.keys], labels[:, panel.keys]) for panel in self.panels
        ]
        self._device = features.device
        self._workers = count_workers(self._device)
        self._blocks = self._cut(slots)
        largest = max(_size(block, self.panels[panel]) for panel, block in self._blocks)
        self._buffers = [
            Buffers(features.new_empty(slots * largest), features.new_empty(largest))
            for _ in range(self._workers)
        ]
        self._biases: dict[tuple[int, ...], Tensor | None] = {}

    def _cut(self, slots: int) -> list[tuple[int, Block]]:
        """Return all blocks, each with the number of its panel."""
        budget = CPU_BUDGET if self._device.type == "cpu" else GPU_BUDGET
        return [
            (number, block)
            for number, panel in enumerate(self.panels)
            for block in self.window.blocks(panel, slots, budget, self._workers)
        ]

    def write(self, slot: int, features: Tensor, labels: Tensor) -> None:
        """Remember a frame: unit features ``[long, short, D]``, labels ``[long, short, C]``."""
        for panel, memory in zip(self.panels, self.memories, strict=True):
            memory.write(slot, features[:, panel.keys], labels[:, panel.keys])

    def __call__(self, queries: Tensor, positions: int, use: Callable[[Candidates], None]) -> None:
        """Find the candidates of ``queries`` (unit vectors ``[long, short, D]``) and hand each block to ``use``.

        Blocks are searched by several threads at once; each may only be used until ``use`` returns.
        """

        def search(numbered: tuple[int, Block], worker: int) -> None:
            number, block = numbered
            memory = self.memories[number]
            strip = queries[block.columns, block.rows].flatten(0, 1)
            compared = _compare(strip, memory, block, self._buffers[worker])
            bias = self._bias(block, self.panels[number])
            use(_candidates(compared, memory, block, bias, positions))

        share_out(self._blocks, self._workers, search)

    def _bias(self, block: Block, panel: Panel) -> Tensor | None:
        """Look the window of a block up; blocks with the same surroundings share one."""
        column, row = block.columns.start, block.rows.start
        ends = (block.columns.stop, block.keys.start, block.keys.stop)
        across = (block.rows.stop, panel.keys.start, panel.keys.stop)
        key = (*(end - column for end in ends), *(end - row for end in across))
        if key not in self._biases:
            self._biases[key] = self.window.bias(block, panel, self._device)
        return self._biases[key]


def _compare(queries: Tensor, memory: ContextMemory, block: Block, buffers: Buffers) -> tuple[Tensor, Tensor]:
    """Return the scores ``[filled slots, Q, keys]`` and their maxima over the slots ``[Q, keys]``."""
    keys = memory.features[: memory.filled, block.keys]
    shape = (len(queries), keys.shape[1] * keys.shape[2])
    scores = buffers.scores[: len(keys) * math.prod(shape)].view(len(keys), *shape)
    maxima = buffers.maxima[: math.prod(shape)].view(shape)
    for slot, score in enumerate(scores):
        torch.mm(queries, keys[slot].flatten(0, 1).T, out=score)
        if slot == 1:
            torch.maximum(scores[0], score, out=maxima)
        elif slot > 1:
            torch.maximum(maxima, score, out=maxima)
    return scores, maxima if len(scores) > 1 else maxima.copy_(scores[0])


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


def _size(block: Block, panel: Panel) -> int:
    """Return the number of queries times keys of a block, in one slot."""
    return length(block.columns) * length(block.rows) * length(block.keys) * length(panel.keys)


def _by_query(values: Tensor) -> Tensor:
    """``[slots, Q, P]`` to ``[Q, slots * P]``."""
    return values.transpose(0, 1).flatten(1)
