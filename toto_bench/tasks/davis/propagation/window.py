"""The spatial window around a cell, and the order in which a grid is worked through."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from toto_bench.tasks.davis.propagation.settings import PropagationSettings
from toto_bench.tasks.davis.propagation.workers import ranges

_PANEL_ROWS = 24
"""Fewest rows of a panel: with fewer, matrix products become too small to be fast."""
_PANEL_OVERLAP = 1.5
"""Most that panels may hold together, in grids: their keys overlap, and memory is bounded by this."""

_FEWEST_TURNS = 6
"""Strips of a panel per worker: narrow ones compare fewer cells outside the window, and with one each all would
wait for the slowest."""


class Panel(NamedTuple):
    """A range of the short axis: the rows of its queries, and the rows of their keys."""

    rows: slice
    keys: slice


class Block(NamedTuple):
    """Queries that are searched together, and the columns (of the long axis) their keys lie in."""

    columns: slice
    rows: slice
    keys: slice


class Window:
    """Which source cells a cell may look at; made once per grid.

    Grids are given as (long, short): the number of cells along the longer and the shorter image axis. The
    short axis is cut into a few panels, whose keys are stored apart, and each panel into strips of columns:
    thus few cells outside the window are compared. Without settings the window is the whole grid.
    """

    def __init__(self, long: int, short: int, settings: PropagationSettings | None) -> None:
        self.long, self.short = long, short
        self.settings = settings if settings and _limits(settings) else None
        self.reach = long - 1 if self.settings is None else min(_reach(self.settings), long - 1)

    def panels(self) -> list[Panel]:
        """Cut the short axis into as many panels as size and overlap allow."""
        panels = [Panel(slice(0, self.short), slice(0, self.short))]
        for count in range(2, self.short // _PANEL_ROWS + 1):
            edges = [self.short * i // count for i in range(count + 1)]
            finer = [self._panel(*ends) for ends in pairwise(edges)]
            if sum(length(panel.keys) for panel in finer) > _PANEL_OVERLAP * self.short:
                break
            panels = finer
        return panels

    def _panel(self, start: int, stop: int) -> Panel:
        keys = slice(max(0, start - self.reach), min(self.short, stop + self.reach))
        return Panel(slice(start, stop), keys)

    def blocks(self, panel: Panel, slots: int, budget: int, workers: int) -> Iterator[Block]:
        """Cut a panel into strips of about one width, the same number for every worker.

        Their scores (queries x keys) fit ``budget`` numbers; where those of one column do not, the column is
        cut as well, down to single queries.
        """
        rows, column = length(panel.rows), slots * length(panel.keys)
        width = 1
        while width < self.long and (width + 1) * rows * self._reached(width + 1) * column <= budget:
            width += 1
        height = rows if width > 1 else max(1, min(rows, budget // (self._reached(1) * column)))
        turns = max(math.ceil(self.long / (width * workers)), _FEWEST_TURNS if workers > 1 else 1)
        for part in ranges(self.long, turns * workers):
            keys = slice(max(0, part.start - self.reach), min(self.long, part.stop + self.reach))
            for row in range(panel.rows.start, panel.rows.stop, height):
                yield Block(part, slice(row, min(row + height, panel.rows.stop)), keys)

    def _reached(self, width: int) -> int:
        """Return the most columns that a strip of some width looks at."""
        return min(self.long, width + 2 * self.reach)

    def bias(self, block: Block, panel: Panel, device: torch.device) -> Tensor | None:
        """Return 0 inside and -inf outside the window, ``[queries, keys]``; None if there is no window."""
        if self.settings is None:
            return None
        along = _distances(block.columns, block.keys, device)[:, None, :, None]
        across = _distances(block.rows, panel.keys, device)[None, :, None, :]
        outside = ~_inside(along, across, self.settings)
        bias = torch.zeros(outside.shape, device=device).masked_fill_(outside, -math.inf)
        return bias.flatten(2).flatten(0, 1)


def length(part: slice) -> int:
    """Return the number of cells in a range."""
    return int(part.stop - part.start)


def _limits(settings: PropagationSettings) -> bool:
    return settings.variant == "videowalk" or settings.radius > 0


def _reach(settings: PropagationSettings) -> int:
    """Return the largest distance along one axis that can lie inside the window."""
    if settings.variant == "dino":
        return math.floor(settings.radius)
    return max(math.ceil(settings.radius) - 1, 0)


def _distances(queries: slice, keys: slice, device: torch.device) -> Tensor:
    """Return the distances between the cells of two ranges of one axis: ``[queries, keys]``."""
    start = torch.arange(queries.start, queries.stop, device=device)
    return (start[:, None] - torch.arange(keys.start, keys.stop, device=device)).abs()


def _inside(along: Tensor, across: Tensor, settings: PropagationSettings) -> Tensor:
    """Tell which distances (in cells) along the two axes lie inside the window."""
    if settings.variant == "dino":
        return (along <= settings.radius) & (across <= settings.radius)
    return (along.square() + across.square()).float().sqrt() < settings.radius
