"""The curves of a run as one PNG."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from toto_bench.files import write_with

_BLUE, _RED, _GREY = "#1f3b73", "#e76f51", "#999999"
Rows = Sequence[Mapping[str, Any]]


def plot_curves(path: Path, curves: Mapping[str, Rows], losses: Rows, classes: int, unit: str) -> None:
    """Top-1 against layers, all rates, where there are several; calibration; the loss of the training.

    Args:
        path: of the PNG.
        curves: `layers`, `probes` and `calibration`.
        losses: of the steps of the training; none where nothing was trained by steps.
        classes: of the task.
        unit: what items are.
    """
    rates = {row["learning_rate"] for row in curves["probes"]}
    panels: list[Callable[[Axes], None]] = []
    if len(curves["layers"]) > 1 or not (losses or curves["calibration"]):
        panels.append(lambda axes: _layers(axes, curves["layers"], classes, unit))
    if len(rates) > 1:
        panels.append(lambda axes: _rates(axes, curves["probes"]))
    if curves["calibration"]:
        panels.append(lambda axes: _calibration(axes, curves["calibration"]))
    if losses:
        panels.append(lambda axes: _losses(axes, losses))
    figure = Figure(figsize=(4.6 * len(panels), 3.7), layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        panel(axes)
        axes.grid(alpha=0.3)
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))


def _layers(axes: Axes, rows: Rows, classes: int, unit: str) -> None:
    """The best probe of each layer, and what the honest choice of a layer looks at."""
    layers = [row["layer"] for row in rows]
    axes.plot(
        layers, [_points(row["top1"]) for row in rows], "o-", color=_BLUE, ms=4, label="val, best probe"
    )
    axes.plot(
        layers,
        [_points(row["held_out"]) for row in rows],
        "o--",
        color=_RED,
        ms=3,
        lw=1,
        label=f"held-out training {unit}",
    )
    axes.axhline(100 / classes, color=_GREY, lw=1, ls=":", label="chance")
    best = max(rows, key=lambda row: (_points(row["top1"]), -row["layer"]))
    side = (best["layer"] - min(layers)) / max(max(layers) - min(layers), 1)  # words stay inside the panel
    axes.annotate(
        f"best on val: layer {best['layer']}, {_points(best['top1']):.1f}",
        (best["layer"], max(_points(best["top1"]), _points(best["held_out"] or 0))),
        xytext=(0, 8),
        textcoords="offset points",
        ha="left" if side < 0.25 else "right" if side > 0.75 else "center",
        fontsize=8,
    )
    axes.set(title="Which layer knows most", xlabel="layer", ylabel="top-1, points", ylim=(0, 108))
    axes.set_xlim(min(layers) - 0.7, max(layers) + 0.7)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=8, loc="best")


def _rates(axes: Axes, rows: Rows) -> None:
    """Top-1 of the best probe of every rate, a line for each layer."""
    layers = sorted({row["layer"] for row in rows})
    for number, layer in enumerate(layers):
        best: dict[float, float] = {}
        for row in rows:
            if row["layer"] == layer:
                rate, points = row["learning_rate"], _points(row["top1"])
                best[rate] = max(best.get(rate, points), points)
        own = sorted(best.items())
        shade = 0.85 - 0.7 * number / max(len(layers) - 1, 1)
        axes.plot(
            *zip(*own, strict=True), "o-", ms=3, lw=1.2, color=(shade * 0.5, shade * 0.8, 0.9 - shade * 0.3)
        )
        axes.annotate(str(layer), own[-1], xytext=(4, -3), textcoords="offset points", fontsize=7)
    axes.set(title="Every learning rate", xlabel="peak learning rate (line: layer)", ylim=(0, 108))
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sorted({row["learning_rate"] for row in rows})))
    axes.xaxis.set_major_formatter("{x:.0e}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="x", labelsize=7, labelrotation=45)


def _calibration(axes: Axes, rows: Rows) -> None:
    """Accuracy against confidence; the share of items behind."""
    total = sum(row["items"] for row in rows)
    centres = [(row["low"] + row["high"]) / 2 for row in rows]
    width = rows[0]["high"] - rows[0]["low"]
    axes.bar(
        centres,
        [row["items"] / total for row in rows],
        width=width * 0.95,
        color="#cccccc",
        label="share of items",
    )
    filled = [row for row in rows if row["items"]]
    axes.plot([0, 1], [0, 1], ":", color=_GREY, lw=1)
    axes.plot(
        [row["confidence"] for row in filled],
        [row["accuracy"] for row in filled],
        "o-",
        color=_BLUE,
        ms=4,
        label="accuracy",
    )
    axes.set(title="How sure, how right", xlabel="confidence", xlim=(0, 1), ylim=(0, 1.05))
    axes.legend(frameon=False, fontsize=8, loc="upper left")


def _losses(axes: Axes, rows: Rows) -> None:
    steps = [row["step"] for row in rows]
    dot = "o" if len(steps) == 1 else None  # a line of one point is none
    losses = [row["probe_loss"] for row in rows]
    axes.plot(steps, losses, color=_BLUE, lw=1.2, marker=dot, label="mean over probes")
    if "self_supervised" in rows[0]:
        own = [row["self_supervised"] for row in rows]
        axes.plot(steps, own, color=_RED, lw=1, marker=dot, label="the backbone's own")
    axes.set(title="Training", xlabel="step", ylabel="cross-entropy")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend(frameon=False, fontsize=8)


def _points(value: float | None) -> float:
    return float("nan") if value is None else 100 * value
