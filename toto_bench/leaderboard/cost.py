"""What rows cost in tables: in words, as cells of CSV, and the rows of one backbone together."""

from collections.abc import Iterable
from dataclasses import dataclass

from toto_bench.cards import backbone_cards
from toto_bench.leaderboard.rows import Row

CSV_COLUMNS = (
    "macs",
    "macs_of",
    "items_per_second",
    "peak_memory_mb",
    "training_seconds",
    "seconds",
    "device",
)
"""What `--cost` adds to CSV; `parameters_m` is there anyway."""
UNIFIED_CSV_COLUMNS = ("parameters_m", "training_seconds", "seconds", "peak_memory_mb")
"""What it adds to the unified one."""
_MEBIBYTE = 2**20
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True)
class TasksCost:
    """What the rows of one backbone cost together."""

    parameters_m: str
    """Millions of parameters, several where rows disagree; of the card where no row states them."""
    training_seconds: float | None
    """Sum of the tasks that train."""
    seconds: float | None
    """Sum over all tasks."""
    peak_memory_mb: float | None
    """The largest."""


def cost_of_tasks(rows: Iterable[Row]) -> TasksCost:
    """One row of each task: time is added up, None where nothing is known."""
    rows = list(rows)
    costs = [row.cost for row in rows if row.cost]
    training = [cost.training_seconds for cost in costs if cost.training_seconds is not None]
    stated = [row.parameters_m for row in rows if row.parameters_m]
    return TasksCost(
        " / ".join(dict.fromkeys(stated or filter(None, map(parameters_of, rows)))),
        sum(training) if training else None,
        sum(cost.seconds for cost in costs) if costs else None,
        max((cost.peak_memory_mb for cost in costs), default=None),
    )


def parameters_of(row: Row) -> str:
    """Millions of parameters: as the paper or the record says, else as the backbone's card does."""
    card = backbone_cards().get(row.backbone)
    stated = card.architecture.parameters_m if card else None
    return row.parameters_m or ("" if stated is None else f"{stated:g}")


def cost_line(row: Row) -> dict[str, str]:
    """The cells of `CSV_COLUMNS`, and the parameters."""
    cost = row.cost
    cells = {name: csv_number(getattr(cost, name)) for name in CSV_COLUMNS} if cost else {}
    return {"parameters_m": parameters_of(row)} | cells


def tasks_cost_line(cost: TasksCost) -> dict[str, str]:
    """The cells of `UNIFIED_CSV_COLUMNS`."""
    return {name: csv_number(getattr(cost, name)) for name in UNIFIED_CSV_COLUMNS}


def csv_number(value: str | float | None) -> str:
    """A cell: integers in full, other numbers with four decimals at most."""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def giga(count: int | None) -> str:
    """Multiply-accumulates in units of 10^9, three digits."""
    return "" if count is None else _three_digits(count / 1e9)


def gigabytes(mebibytes: float | None) -> str:
    """Memory in units of 10^9 bytes."""
    return "" if mebibytes is None else f"{mebibytes * _MEBIBYTE / 1e9:.2f}"


def duration(seconds: float | None) -> str:
    """Seconds, minutes or hours, with three digits or so.

    >>> duration(4.25), duration(750), duration(36000)
    ('4.2 s', '12.5 min', '10.0 h')
    """
    if seconds is None:
        return ""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.1f} min"
    return f"{seconds / _HOUR:.1f} h"


def rate(items_per_second: float | None) -> str:
    """Items per second, three digits."""
    return "" if items_per_second is None else _three_digits(items_per_second)


def _three_digits(number: float) -> str:
    """Never with an exponent where the number is large."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"
