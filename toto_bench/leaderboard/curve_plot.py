"""Learning curves over seeds as a picture."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from toto_bench.cards import TaskCard
from toto_bench.files import write_with
from toto_bench.leaderboard.curves import LearningCurve
from toto_bench.leaderboard.metrics import scale_of

_COLOURS = colormaps["tab10"]
_WIDEST = 90
"""Characters of a line of the title."""


def plot_curves(path: Path, curves: Sequence[LearningCurve], card: TaskCard) -> None:
    """The mean over seeds as a line, its interval as a band; references without learning dashed.

    A learner that reads no backbone has the same curve in all runs, and is drawn once.

    Args:
        path: of the PNG.
        curves: of one protocol.
        card: of the task.
    """
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    scale = scale_of(card, card.primary)
    for number, (label, curve) in enumerate(labelled(curves)):
        _draw(axes, curve, label, _COLOURS(number % 10), scale)
    info = card.metric(card.primary)
    axes.set_title("\n".join(wrap(f"{card.title}: {curves[0].protocol}", _WIDEST)), fontsize=9)
    axes.set(
        xlabel="environment steps",
        ylabel=f"{info.title}, %" if scale > 1 else info.title,
    )
    axes.grid(alpha=0.3)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.legend(frameon=False, fontsize=8)
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))


def labelled(curves: Sequence[LearningCurve]) -> list[tuple[str, LearningCurve]]:
    """Curves with the words of the legend; those of one name that are equal in all methods become one."""
    found: dict[str, LearningCurve] = {}
    for curve in curves:
        same = [other.points for other in curves if other.name == curve.name]
        alike = len(same) > 1 and all(points == curve.points for points in same)
        seeds = f"{len(curve.seeds)} seed" + ("s" if len(curve.seeds) > 1 else "")
        who = curve.name if alike else f"{curve.key.backbone}, {curve.name}"
        found.setdefault(f"{who} ({seeds})", curve)
    return list(found.items())


def _draw(axes: Axes, curve: LearningCurve, label: str, colour: tuple[float, ...], scale: int) -> None:
    known = [(steps, number) for steps, number in curve.points if number.value is not None]
    steps = [at for at, _ in known]
    style = "o--" if curve.floor else "o-"
    axes.plot(steps, [scale * (n.value or 0) for _, n in known], style, color=colour, ms=4, label=label)
    if all(n.low is not None and n.high is not None for _, n in known):
        ends = [[scale * (end or 0) for end in (n.low, n.high)] for _, n in known]
        axes.fill_between(
            steps, [low for low, _ in ends], [high for _, high in ends], color=colour, alpha=0.15, lw=0
        )
