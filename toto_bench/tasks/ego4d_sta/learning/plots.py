"""The losses of a training, and what was scored on its way, as one PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toto_bench.files import write_with

PARTS = {
    "noun": "#1f3b73",
    "verb": "#2a9d8f",
    "ttc": "#e9a23b",
    "box": "#e76f51",
    "objectness": "#8a5a9e",
    "rpn_box": "#999999",
    "self_supervised": "#111111",
}
"""Losses and their colours."""
_TITLES = {"ttc": "time to contact", "rpn_box": "box of proposals", "self_supervised": "the backbone's own"}
Rows = Sequence[Mapping[str, Any]]


def plot_training(path: Path, losses: Rows, epochs: Rows) -> None:
    """Losses against steps; the overall number against steps, where there are several.

    Args:
        path: of the PNG.
        losses: of every step.
        epochs: `step` and `overall` of every trial.
    """
    panels = 2 if epochs else 1
    figure = Figure(figsize=(5.4 * panels + 1.4, 3.8), layout="constrained")
    [axes] = figure.subplots(1, panels, squeeze=False)
    steps = [row["step"] for row in losses]
    for name, colour in PARTS.items():
        if losses and name in losses[0]:
            label = _TITLES.get(name, name)
            axes[0].plot(steps, [row[name] for row in losses], color=colour, lw=1, label=label)
    axes[0].set(title="Losses, without their weights", xlabel="step", yscale="log")
    axes[0].legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    if epochs:
        values = [100 * row["overall"] for row in epochs]
        axes[1].plot([row["step"] for row in epochs], values, "o-", color=PARTS["noun"], ms=3, lw=1)
        axes[1].set(title="On what is scored", xlabel="step", ylabel="overall, points")
        axes[1].set_ylim(bottom=0)
    for each in axes:
        each.grid(alpha=0.3)
        each.xaxis.set_major_locator(MaxNLocator(integer=True))
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))
