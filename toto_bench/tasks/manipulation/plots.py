"""The learning curve of a run as one PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from toto_bench.files import write_with

_CAMERA, _OTHERS = "#1f3b73", "#e76f51"
_GREY = "#999999"
Rows = Sequence[Mapping[str, Any]]


def plot_curves(path: Path, curves: Mapping[str, Rows], references: Rows, title: str) -> None:
    """Success over environment steps with intervals, ceiling and floors as lines; error on new frames beside it.

    Args:
        path: of the PNG.
        curves: of each learner, by what it is called; the last is not one of the backbone's.
        references: success of ceiling and floors.
        title: of the picture.
    """
    figure = Figure(figsize=(9.4, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for colour, (name, rows) in zip(_colours(len(curves)), curves.items(), strict=True):
        _success(left, name, rows, colour)
        shown = rows[1:]  # before the first iteration there is no policy
        right.plot(
            [row["steps"] for row in shown],
            [row["error_on_new_frames"] for row in shown],
            "o-",
            color=colour,
            ms=3,
            label=name,
        )
    for style, row in zip((":", "--", "-."), references, strict=False):
        left.axhline(100 * row["success"], color=_GREY, lw=1, ls=style, label=row["actor"])
    left.set(title=title, xlabel="environment steps", ylabel="success, %", ylim=(-4, 104))
    right.set(
        title="Error on frames not yet learnt from",
        xlabel="environment steps",
        ylabel="MSE of actions",
    )
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))  # 24k: five digits run into each other
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=8)
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))


def _colours(count: int) -> list[str]:
    """Of learners: one blue, or those of several layers from dark to light; the last one apart."""
    if count <= 2:
        return [_CAMERA, _OTHERS][:count]
    shades = [to_hex(colormaps["viridis"](place / (count - 2))) for place in range(count - 1)]
    return [*shades, _OTHERS]


def _success(axes: Axes, name: str, rows: Rows, colour: str) -> None:
    known = [row for row in rows if row["success"] is not None]
    steps = [row["steps"] for row in known]
    axes.plot(steps, [100 * row["success"] for row in known], "o-", color=colour, ms=4, label=name)
    low, high = ([100 * row[end] for row in known] for end in ("low", "high"))
    axes.fill_between(steps, low, high, color=colour, alpha=0.15, lw=0)
