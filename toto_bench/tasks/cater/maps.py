"""Where errors go: by true cell, by direction, and from cell to cell."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from toto_bench.files import write_with

_SHADES = "viridis_r"


def draw_error_maps(path: Path, items: Sequence[Mapping[str, Any]], grid: int) -> None:
    """One PNG with three maps of the predictions of a run.

    Args:
        path: of the PNG.
        items: rows of `score_predictions`; those without a prediction or with a cell beyond the grid are left out.
        grid: cells along each side.
    """
    shown = [item for item in items if item["prediction"] is not None and 0 <= item["label"] < grid * grid]
    figure = Figure(figsize=(17, 5.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    _by_cell(figure, left, shown, grid)
    _by_direction(figure, middle, shown, grid)
    _confusion(figure, right, shown, grid)
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=120))


def confusion(items: Sequence[Mapping[str, Any]], grid: int) -> NDArray[np.int64]:
    """How often each cell was taken for each: [C, C], true cells down, predicted ones across."""
    counts = np.zeros((grid * grid, grid * grid), dtype=np.int64)
    for item in items:
        counts[item["label"], item["prediction"]] += 1
    return counts


def distance_by_cell(items: Sequence[Mapping[str, Any]], grid: int) -> NDArray[np.float64]:
    """Mean distance of the predictions of each true cell: [grid, grid], rows along y; NaN where nothing ends."""
    sums, counts = np.zeros(grid * grid), np.zeros(grid * grid)
    for item in items:
        sums[item["label"]] += item["l1"]
        counts[item["label"]] += 1
    means = np.full(grid * grid, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means.reshape(grid, grid)


def _by_cell(figure: Figure, axes: Axes, items: Sequence[Mapping[str, Any]], grid: int) -> None:
    means = distance_by_cell(items, grid)
    most = max(2.0, float(np.nanmax(means, initial=0.0)))
    image = axes.imshow(means, origin="lower", cmap=_SHADES, vmin=0, vmax=most)
    for row, column in np.argwhere(~np.isnan(means)):
        ranks = [item["rank"] for item in items if item["label"] == row * grid + column]
        words = f"{means[row, column]:.1f}\n{ranks.count(1)} of {len(ranks)}"
        _write(axes, (column, row), words, means[row, column] / most)
    figure.colorbar(image, ax=axes, shrink=0.8, label="mean distance, cells")
    axes.set_title("By true cell: distance, and how many are right")
    axes.set_xticks(range(grid))
    axes.set_yticks(range(grid))
    axes.set_xlabel("column (x)")
    axes.set_ylabel("row (y)")


def _by_direction(figure: Figure, axes: Axes, items: Sequence[Mapping[str, Any]], grid: int) -> None:
    side, edge = 2 * grid - 1, grid - 0.5
    counts = np.zeros((side, side), dtype=np.int64)
    for item in items:
        counts[item["row_error"] + grid - 1, item["column_error"] + grid - 1] += 1
    shares = 100 * counts / max(1, len(items))
    shown = np.where(counts > 0, shares, np.nan)
    most = max(1.0, float(shares.max()))
    extent = (-edge, edge, -edge, edge)
    image = axes.imshow(shown, origin="lower", cmap=_SHADES, extent=extent, vmin=0, vmax=most)
    for row, column in np.argwhere(counts > 0):
        share = shares[row, column]
        _write(axes, (column - grid + 1, row - grid + 1), f"{share:.0f}", share / most)
    axes.axhline(0, color="#999999", linewidth=0.6, zorder=-1)
    axes.axvline(0, color="#999999", linewidth=0.6, zorder=-1)
    figure.colorbar(image, ax=axes, shrink=0.8, label="% of videos")
    axes.set_title("By direction: prediction minus truth, in cells")
    axes.set_xlabel("x")
    axes.set_ylabel("y")


def _confusion(figure: Figure, axes: Axes, items: Sequence[Mapping[str, Any]], grid: int) -> None:
    counts = confusion(items, grid)
    image = axes.imshow(np.where(counts > 0, counts, np.nan), origin="lower", cmap=_SHADES, vmin=0)
    for border in range(grid, grid * grid, grid):
        axes.axhline(border - 0.5, color="#cccccc", linewidth=0.6)
        axes.axvline(border - 0.5, color="#cccccc", linewidth=0.6)
    axes.plot([-0.5, grid * grid - 0.5], [-0.5, grid * grid - 0.5], color="#cccccc", linewidth=0.8, zorder=-1)
    ticks = range(0, grid * grid, grid)
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    figure.colorbar(image, ax=axes, shrink=0.8, label="videos")
    axes.set_title("From cell to cell; lines divide rows of the grid")
    axes.set_xlabel("predicted cell")
    axes.set_ylabel("true cell")


def _write(axes: Axes, place: tuple[int, int], words: str, shade: float) -> None:
    colour = "white" if shade > 0.5 else "black"
    axes.text(*place, words, ha="center", va="center", fontsize=8, color=colour)
