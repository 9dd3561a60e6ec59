"""Which sequences are scored, which are not, and why."""

from collections.abc import Collection, Mapping
from typing import Any

from toto_bench.errors import DataError
from toto_bench.results.record import Coverage
from toto_bench.tasks.base import DataReport

PROBLEM = "problem"
"""Key of a committed sequence that could not be scored."""


def usable_sequences(data: DataReport, limit: int | None, *, allow_missing: bool) -> list[str]:
    """Sequences that can be scored, up to the limit.

    Raises:
        DataError: some cannot, and that was not allowed; or none can.
    """
    wanted = data.listed[:limit]
    broken = {name: data.problems[name] for name in wanted if name in data.problems}
    usable = [name for name in wanted if name not in broken]
    if broken and not (allow_missing and usable):
        shown = "; ".join(f"`{name}`: {problem}" for name, problem in list(broken.items())[:5])
        raise DataError(
            f"{len(broken)} of {len(wanted)} sequences in {data.path} cannot be scored. {shown}. Mend or restore "
            f"them (`toto-bench data check davis --data {data.path}` lists all), or leave them out with "
            "`--allow-missing`: coverage is then shown beside every number."
        )
    return usable


def scored_sequences(committed: Mapping[str, Any], names: Collection[str], data: DataReport) -> list[str]:
    """Of the sequences that were worked on, those that were scored.

    Raises:
        DataError: none was.
    """
    scored = [name for name in names if PROBLEM not in committed[name]]
    if not scored:
        raise DataError(
            f"No sequence of {data.path} could be scored: {committed[next(iter(names))][PROBLEM]}"
        )
    return scored


def coverage_of(data: DataReport, scored: Collection[str], committed: Mapping[str, Any]) -> Coverage:
    """Scored and listed, and why not."""
    missing = {
        name: data.problems.get(name) or committed.get(name, {}).get(PROBLEM, "beyond --limit")
        for name in data.listed
        if name not in scored
    }
    return Coverage(scored=len(scored), listed=len(data.listed), missing=missing)
