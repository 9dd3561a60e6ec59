"""The cost of a measured row: of the records of its seeds."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toto_bench.results.record import RunRecord


@dataclass(frozen=True)
class RowCost:
    """What a measured row took, over its seeds."""

    macs: int | None
    """Multiply-accumulates of one forward pass of the backbone; None where not counted."""
    macs_of: str
    """What that pass reads."""
    items_per_second: float | None
    """Mean over seeds."""
    peak_memory_mb: float
    """Largest of the seeds, in MiB."""
    training_seconds: float | None
    """Mean over seeds; None where nothing was trained."""
    seconds: float
    """Mean over seeds of the wall-clock seconds of all stages."""
    device: str
    """Device in words; several where seeds ran on different ones."""


def cost_over_seeds(records: Sequence[RunRecord]) -> RowCost:
    """Means over the seeds; of memory the largest; the first count of MACs, which no seed changes."""
    costs = [record.cost for record in records]
    counted = next((cost for cost in costs if cost.macs is not None), costs[0])
    return RowCost(
        macs=counted.macs,
        macs_of=counted.macs_of or "",
        items_per_second=_mean(cost.items_per_second for cost in costs),
        peak_memory_mb=max(cost.peak_memory_mb for cost in costs),
        training_seconds=_mean(cost.training_seconds for cost in costs),
        seconds=statistics.fmean(cost.total_seconds for cost in costs),
        device=" / ".join(dict.fromkeys(record.environment.device for record in records)),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    """Of those that are stated."""
    stated = [value for value in values if value is not None]
    return statistics.fmean(stated) if stated else None
