"""The report as a page."""

from collections.abc import Iterator
from pathlib import Path

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.report.published import against_published
from toto_bench.deploy.report.rows import Rows, comparison_rows, success_rows, trial_rows
from toto_bench.deploy.report.timing import count_rows, stage_rows, took_no_time
from toto_bench.leaderboard.markdown_table import table_lines

SIMULATED = (
    "**Simulated: no real arm moved.** These numbers say how policies and procedure work, not how a real robot does; "
    "in the leaderboard they stand in rows of their own, never beside the paper's real trials."
)
COUNTED = {
    "failure": "Aborted trials count as failures; this was fixed in the plan before the first trial.",
    "exclude": "Aborted trials are left out; this was fixed in the plan before the first trial.",
}


def to_markdown(report: TrialsReport, pictures: dict[str, str], videos: dict[int, str]) -> str:
    """The whole page.

    Args:
        report: what is known.
        pictures: file by title, relative to the page.
        videos: file by trial, relative to the page.
    """
    lines = [
        f"# Trials of {report.plan.task}",
        "",
        *_head(report),
        *_success(report, pictures),
        *_comparisons(report),
        *_aborted(report),
        *_timing(report, pictures),
        *_trials(report, pictures, videos),
    ]
    return "\n".join(lines) + "\n"


def _head(report: TrialsReport) -> Iterator[str]:
    plan, tallies = report.plan, report.tallies
    if report.simulated:
        yield from (SIMULATED, "")
    yield f" - Robot: {report.robot}."
    yield (
        f" - Plan `{plan.identity[:12]}`: {len(plan.poses)} start poses, the same for {len(plan.backbones)} "
        f"backbone(s), {len(plan.trials)} trials in mixed order."
    )
    done = sum(tally.count for tally in tallies)
    waiting, aborted = len(report.unlabelled), sum(tally.aborted for tally in tallies)
    left = sum(tally.pending for tally in tallies) - waiting
    yield f" - {done} trials count, {aborted} were aborted, {waiting} wait for a label, {left} are not finished."
    yield f" - {COUNTED[plan.aborted]}"
    if waiting:
        yield " - This page names backbones: give the labels that are missing before you read on."


def _success(report: TrialsReport, pictures: dict[str, str]) -> Iterator[str]:
    yield from ("", "## Success", "")
    headings = ("backbone", "success, %", "95 % interval", "successes", "trials", "aborted", "not finished")
    rows = [
        [row["backbone"], _points(row["success"]), _interval(row), *(str(row[n]) for n in _COUNTS)]
        for row in success_rows(report)
    ]
    yield from table_lines(headings, rows, [False, *[True] * 6])
    yield from _picture(pictures, "success")


_COUNTS = ("successes", "trials", "aborted", "pending")


def _comparisons(report: TrialsReport) -> Iterator[str]:
    yield from ("", "## Can the trials tell them apart?", "")
    if not report.pairs:
        yield "There are no two backbones with trials to compare."
    yield from (f" - {pair.verdict}" for pair in report.pairs)
    if report.pairs:
        headings = ("backbones", "exact McNemar p", "after Holm p", "Fisher p (unpaired)")
        cells = [
            [
                f"{row['first']}, {row['second']}",
                *(f"{row[n]:.3g}" for n in ("p_mcnemar", "p_holm", "p_fisher")),
            ]
            for row in comparison_rows(report)
        ]
        yield from ("", *table_lines(headings, cells, [False, True, True, True]))
    if published := against_published(report):
        yield from (
            "",
            "Against the paper's table, by counts alone; its demonstrations, arm and start poses are others:",
            "",
            *(f" - {comparison}" for comparison in published),
        )


def _aborted(report: TrialsReport) -> Iterator[str]:
    rows = [row for row in trial_rows(report) if row["result"] == "aborted"]
    if rows:
        yield from ("", "## Aborted trials", "", COUNTED[report.plan.aborted], "")
        cells = [[str(row["trial"]), row["backbone"], row["ended_by"], row["message"]] for row in rows]
        yield from table_lines(
            ("trial", "backbone", "reason", "in words"), cells, [True, False, False, False]
        )


def _timing(report: TrialsReport, pictures: dict[str, str]) -> Iterator[str]:
    counts = count_rows(report)
    if not counts:
        return
    yield from ("", "## Latency and guard", "")
    if took_no_time(report):
        yield "These trials ran in a simulation's own time, in which computing takes none: there are no latencies."
    else:
        yield "In ms: the median over trials of each trial's percentiles, and the worst trial."
        headings = ("backbone", "stage", "trials", "p50", "p95", "p99", "worst")
        rows = [["" if cell is None else _short(cell) for cell in row.values()] for row in stage_rows(report)]
        yield from ("", *table_lines(headings, rows, [False, False, *[True] * 5]))
        yield from _picture(pictures, "latency")
    yield from (
        "",
        "Over all trials: commands that the guard let pass, those it changed, and deadlines missed.",
        "",
    )
    names = list(dict.fromkeys(name for row in counts for name in row))
    cells = [[_short(row.get(name, 0)) for name in names] for row in counts]
    yield from table_lines(
        [name.replace("_", " ") for name in names], cells, [False, *[True] * (len(names) - 1)]
    )


def _trials(report: TrialsReport, pictures: dict[str, str], videos: dict[int, str]) -> Iterator[str]:
    yield from ("", "## Every trial", "")
    yield from _picture(pictures, "trials")
    yield from ("", *table_lines(_HEADINGS, _cells(trial_rows(report), videos), [True, True, *[False] * 7]))


_HEADINGS = ("trial", "pose", "backbone", "result", "ended by", "seconds", "label by", "note", "video")


def _cells(rows: Rows, videos: dict[int, str]) -> list[list[str]]:
    return [
        [
            str(row["trial"]),
            str(row["pose"]),
            row["backbone"],
            row["result"],
            row["ended_by"] or "",
            "" if row["seconds"] is None else f"{row['seconds']:.1f}",
            (row["labeller"] or "") + (" (automatic)" if row["automatic"] else ""),
            row["note"] or "",
            f"[{Path(videos[row['trial']]).name}]({videos[row['trial']]})" if row["trial"] in videos else "",
        ]
        for row in rows
    ]


def _picture(pictures: dict[str, str], name: str) -> Iterator[str]:
    if name in pictures:
        yield from ("", f"![{name}]({pictures[name]})")


def _points(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _interval(row: dict[str, float | None]) -> str:
    low, high = row["low"], row["high"]
    return "" if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f}"


def _short(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
