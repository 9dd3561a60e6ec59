"""Items of a task: which are scored and which are not, what identifies their files, the number over them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from toto_bench.errors import DataError
from toto_bench.files import sha256_of
from toto_bench.results.record import Coverage, Metric
from toto_bench.results.statistics import bootstrap_mean, describe_bootstrap
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.context import RunContext

PROBLEM = "problem"
"""Key of a committed row whose item could not be scored; its value says why."""


def usable_items(data: DataReport, context: RunContext, what: str = "items") -> list[str]:
    """Items that this run can score, up to `--limit`; see `usable`."""
    return usable(data, context.limit, allow_missing=context.allow_missing, what=what)


def usable(data: DataReport, limit: int | None, *, allow_missing: bool, what: str = "items") -> list[str]:
    """Items that can be scored, up to the limit.

    Args:
        data: what is listed, and what `check` found wrong.
        limit: how many of the listed ones are wanted; None = all.
        allow_missing: leave out those that cannot be scored.
        what: what the task calls them.

    Raises:
        DataError: some cannot, and that was not allowed; or none can.
    """
    wanted = data.listed[:limit]
    broken = {name: data.problems[name] for name in wanted if name in data.problems}
    fine = [name for name in wanted if name not in broken]
    if broken and not (allow_missing and fine):
        shown = "; ".join(f"`{name}`: {problem}" for name, problem in list(broken.items())[:5])
        raise DataError(
            f"{len(broken)} of {len(wanted)} {what} in {data.path} cannot be scored. {shown}. Mend or restore them "
            f"(`toto-bench data check TASK --data {data.path}` lists all), or leave them out with `--allow-missing`: "
            "coverage is then shown beside every number."
        )
    return fine


def scored_items(rows: Mapping[str, Any], data: DataReport, what: str = "items") -> list[str]:
    """Of the items that were worked on, those that were scored.

    Args:
        rows: item to its row; one with PROBLEM in it was not scored.
        data: where they lie.
        what: what the task calls them.

    Raises:
        DataError: none was.
    """
    scored = [name for name, row in rows.items() if PROBLEM not in row]
    if not scored:
        raise DataError(
            f"None of the {what} in {data.path} could be scored: {next(iter(rows.values()))[PROBLEM]}"
        )
    return scored


def coverage_of(data: DataReport, rows: Mapping[str, Any]) -> Coverage:
    """Scored and listed, and why not.

    Args:
        data: says what is listed, and what `check` found wrong.
        rows: item to its committed row; one with PROBLEM in it was not scored.
    """
    scored = [name for name in data.listed if name in rows and PROBLEM not in rows[name]]
    left_out = set(data.listed) - set(scored)
    reasons = {
        name: data.problems.get(name) or rows.get(name, {}).get(PROBLEM, "beyond --limit")
        for name in data.listed
        if name in left_out
    }
    return Coverage(scored=len(scored), listed=len(data.listed), missing=reasons)


def fingerprint(root: Path, files: Iterable[Path], annotations: Iterable[Path] = ()) -> str:
    """Hash of the sorted (path below `root`, byte size) of every file, and of the content of every annotation."""
    lines = [f"{path.relative_to(root).as_posix()} {path.stat().st_size}" for path in files]
    lines += [f"{path.relative_to(root).as_posix()} {sha256_of(path)}" for path in annotations]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def mean_metric(values: Sequence[float], *, unit: str, seed: int) -> Metric:
    """The mean of one value per unit, with its bootstrap interval (none below 5 units).

    Args:
        values: one per unit, fractions in [0, 1].
        unit: what is drawn with replacement, as the card says it: "images".
        seed: of the draws.

    Raises:
        DataError: there is none.
    """
    if not values:
        raise DataError(
            "No item could be scored: every one was left out. The run's coverage would name them."
        )
    array = np.asarray(values, dtype=np.float64)
    interval = bootstrap_mean(array, np.arange(len(array)), seed=seed)
    known = not np.isnan(interval.low)
    return Metric(
        value=float(array.mean()),
        low=interval.low if known else None,
        high=interval.high if known else None,
        n=len(array),
        method=describe_bootstrap(unit) if known else f"no interval: fewer than 5 {unit}",
    )
