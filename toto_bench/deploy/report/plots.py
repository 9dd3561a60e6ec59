"""The pictures of a report."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.report.rows import Rows, result_of, timing_rows
from toto_bench.deploy.report.timing import LATENCY, stage_rows, took_no_time
from toto_bench.files import write_with

RESULTS = {
    "success": "#2a9d8f",
    "failure": "#e76f51",
    "aborted": "#6d2e46",
    "no label yet": "#e9c46a",
    "not run": "#e5e5e5",
}
"""What a cell of the table of trials may be, and its colour."""
_COLOURS = ("#1f3b73", "#e76f51", "#2a9d8f", "#8d6a9f", "#b08900", "#555555")


def plot_success(report: TrialsReport, path: Path) -> None:
    """Success of each backbone with its 95 % Wilson interval."""
    figure = Figure(figsize=(7.2, 1.5 + 0.5 * len(report.tallies)), layout="constrained")
    axes = figure.subplots()
    for row, tally in enumerate(report.tallies):
        if tally.share is None:
            axes.text(50, row, "no trial yet", ha="center", va="center", color="#777777", fontsize=9)
            continue
        share = 100 * tally.share
        if tally.interval is not None:
            low, high = 100 * tally.interval.low, 100 * tally.interval.high
            axes.plot([low, high], [row, row], color=_COLOURS[0], lw=2, solid_capstyle="butt")
        axes.plot(share, row, "o", color=_COLOURS[0], ms=7)
        words = f"{tally.successes} of {tally.count}"
        axes.annotate(words, (share, row), (0, 8), textcoords="offset points", ha="center", fontsize=8)
    axes.set_yticks(range(len(report.tallies)), [tally.backbone for tally in report.tallies])
    axes.set(
        xlim=(-3, 103), ylim=(len(report.tallies) - 0.4, -0.7), xlabel="success, %, with 95 % Wilson interval"
    )
    axes.set_title(_title(report), fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))


def plot_trials(report: TrialsReport, path: Path) -> None:
    """What became of every start pose with every backbone."""
    plan, names = report.plan, list(RESULTS)
    index = {backbone: row for row, backbone in enumerate(plan.backbones)}
    cells = [[names.index("not run")] * len(plan.poses) for _ in plan.backbones]
    for standing in report.standings.values():
        result = result_of(standing)
        trial = standing.trial
        cells[index[trial.backbone]][trial.pose - 1] = names.index(result if result in RESULTS else "not run")
    figure = Figure(figsize=(2.2 + 0.36 * len(plan.poses), 1.6 + 0.36 * len(cells)), layout="constrained")
    axes = figure.subplots()
    colours = ListedColormap(list(RESULTS.values()))
    axes.pcolormesh(cells, cmap=colours, vmin=-0.5, vmax=len(names) - 0.5, edgecolors="white", lw=1.5)
    axes.set_xticks(
        [n + 0.5 for n in range(len(plan.poses))], [str(pose.number) for pose in plan.poses], fontsize=8
    )
    axes.set_yticks([row + 0.5 for row in range(len(cells))], list(plan.backbones), fontsize=8)
    axes.set(xlabel="start pose", ylim=(len(cells), 0))
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    figure.legend(
        handles=[Patch(color=colour, label=name) for name, colour in RESULTS.items()],
        loc="outside upper center", ncols=len(RESULTS), frameon=False, fontsize=8,
    )  # fmt: skip
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))


def plot_latency(report: TrialsReport, path: Path) -> bool:
    """Median and 99th percentile of each stage, trial by trial; False where no latency was measured."""
    rows = [row for row in timing_rows(report) if row["kind"] == LATENCY]
    stages = list(dict.fromkeys(row["stage"] for row in stage_rows(report)))
    if took_no_time(report):
        return False
    figure = Figure(figsize=(max(7.0, 1.2 + 2.6 * len(stages)), 3.0), layout="constrained")
    panels = figure.subplots(1, len(stages), squeeze=False, sharex=True).ravel()
    for axes, stage in zip(panels, stages, strict=True):
        _panel(axes, stage, rows, report.plan.backbones)
    panels[0].set_ylabel("ms", fontsize=8)
    panels[0].set_xlim(0.5, len(report.plan.trials) + 0.5)
    panels[0].xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    write_with(path, lambda temporary: figure.savefig(temporary, dpi=150))
    return True


def _panel(axes: Axes, stage: str, rows: Rows, backbones: tuple[str, ...]) -> None:
    for number, backbone in enumerate(backbones):
        for percent, marker in ((50, "o"), (99, "x")):
            own = [row for row in rows if (row["backbone"], row["name"]) == (backbone, f"{stage} p{percent}")]
            axes.plot(
                [row["trial"] for row in own],
                [1000 * row["value"] for row in own],
                marker,
                ms=3,
                color=_COLOURS[number % len(_COLOURS)],
                label=f"{backbone}, p{percent}",
            )
    axes.set_title(stage, fontsize=9)
    axes.set_xlabel("trial", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)


def _title(report: TrialsReport) -> str:
    kind = {True: ", simulated", False: ", real arm", None: ""}[report.simulated]
    return f"{report.plan.task}{kind}, {len(report.plan.poses)} start poses"
