"""The curves of a run as one PNG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toto_bench.files import write_with

_LINES = {"j_and_f": ("J&F", "#1f3b73", 2.2), "j": ("J", "#2a9d8f", 1.2), "f": ("F", "#e76f51", 1.2)}


def plot_curves(path: Path, curves: Mapping[str, list[dict[str, Any]]]) -> None:
    """J&F, J and F against layers (where there are several) and against frames since the first."""
    layers = curves["layers"] if len(curves["layers"]) > 1 else []
    panels = 2 if layers else 1
    figure = Figure(figsize=(5.2 * panels, 3.6), layout="constrained")
    axes = list(figure.subplots(1, panels, squeeze=False)[0])
    if layers:
        _lines(axes[0], layers, "layer")
        axes[0].set_title("Which layer tracks best")
        best = max(layers, key=lambda row: (row["j_and_f"], -row["layer"]))
        axes[0].axvline(best["layer"], color="#999999", linestyle=":", linewidth=1)
        axes[0].annotate(
            f"best on val: {best['layer']}",
            (best["layer"], 2),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
        )
    _lines(axes[-1], curves["frames"], "frame")
    axes[-1].set_title("How well it lasts")
    axes[-1].set_xlabel("frames since the first")
    _objects(axes[-1], curves["frames"])
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))


def _objects(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """How many objects each point averages: videos end, and a step of the curve may be just that."""
    counts = axes.twinx()
    counts.set_zorder(axes.get_zorder() - 1)  # behind the lines
    axes.patch.set_visible(False)
    counts.fill_between(
        [row["frame"] for row in rows],
        [row["objects"] for row in rows],
        color="#bbbbbb",
        alpha=0.35,
        step="mid",
        lw=0,
    )
    counts.set_ylim(0, 4 * max(row["objects"] for row in rows))
    counts.set_yticks(sorted({rows[0]["objects"], rows[-1]["objects"]}))
    counts.tick_params(labelsize=7, colors="#777777")
    counts.set_ylabel("objects averaged", fontsize=7, color="#777777", loc="bottom")


def _lines(axes: Axes, rows: list[dict[str, Any]], key: str) -> None:
    marker = "o" if len(rows) < 40 else None
    for name, (title, colour, width) in _LINES.items():
        values = [100 * row[name] for row in rows]
        axes.plot(
            [row[key] for row in rows],
            values,
            label=title,
            color=colour,
            linewidth=width,
            marker=marker,
            markersize=3,
        )
    axes.set_xlabel(key)
    axes.set_ylabel("points")
    axes.set_ylim(0, 100)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
