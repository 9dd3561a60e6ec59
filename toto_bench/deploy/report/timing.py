"""How quick the loop was, and how often the guard changed what was asked."""

import re
from collections.abc import Iterable
from typing import Any

from toto_bench.deploy.report.gather import TrialsReport, median
from toto_bench.deploy.report.rows import Rows, timing_rows

LATENCY, GUARD = "latency", "guard"
PERCENTS = ("50", "95", "99")
"""Percentiles of a trial's latencies."""
_TIME = re.compile(rf"(?P<stage>.+) p(?P<percent>{'|'.join(PERCENTS)})")
"""Names of latencies that are times, such as `policy p95`; the others are counts."""


def stage_rows(report: TrialsReport) -> Rows:
    """For each backbone and stage of the loop, in ms: the median over trials of each percentile, and the worst one."""
    values: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in timing_rows(report):
        if row["kind"] == LATENCY and (match := _TIME.fullmatch(row["name"])):
            found = values.setdefault((row["backbone"], match["stage"]), {})
            found.setdefault(f"p{match['percent']}", []).append(1000 * row["value"])
    return [
        {
            "backbone": backbone,
            "stage": stage,
            "trials": max(map(len, found.values())),
            **{name: median(found[name]) if name in found else None for name in _names()},
            "worst": max(max(each) for each in found.values()),
        }
        for (backbone, stage), found in _by_backbone(report, values.items())
    ]


def count_rows(report: TrialsReport) -> Rows:
    """For each backbone the sums of everything that was counted."""
    sums: dict[str, dict[str, float]] = {}
    for row in timing_rows(report):
        if row["kind"] == GUARD or not _TIME.fullmatch(row["name"]):
            found = sums.setdefault(row["backbone"], {})
            found[row["name"]] = found.get(row["name"], 0) + row["value"]
    return [{"backbone": name, **sums[name]} for name in report.plan.backbones if name in sums]


def took_no_time(report: TrialsReport) -> bool:
    """Whether every latency is zero: in a simulation's virtual time computing takes none."""
    return all(row["worst"] == 0 for row in stage_rows(report))


def _names() -> list[str]:
    return [f"p{percent}" for percent in PERCENTS]


def _by_backbone(report: TrialsReport, items: Iterable[tuple[tuple[str, str], Any]]) -> list[Any]:
    order = {backbone: index for index, backbone in enumerate(report.plan.backbones)}
    return sorted(items, key=lambda item: order[item[0][0]])
