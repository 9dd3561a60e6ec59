"""What a task's card says of a metric, and the order of rows by it."""

from toto_bench.cards import MetricInfo, TaskCard, UnknownNameError
from toto_bench.leaderboard.rows import Number, Row

NOTHING = "—"
"""The cell of a value that is not there."""
DECIMALS = {"%": 1, "mAP": 2, "steps": 0, "px": 1, "": 2}
"""By unit; mAP of anticipation is small, and printed with two decimals in the paper."""


def scale_of(card: TaskCard, metric: str) -> int:
    """What a value is multiplied with in tables: 100 for fractions."""
    info = metric_info(card, metric)
    return 100 if info is not None and info.unit in ("%", "mAP") else 1


def decimals_of(card: TaskCard, metric: str) -> int:
    """Decimals in Markdown."""
    info = metric_info(card, metric)
    return DECIMALS[info.unit if info else ""]


def points(card: TaskCard, metric: str, value: float | None) -> str:
    """A value in Markdown; a dash where it is not defined."""
    if value is None:
        return NOTHING
    exact = round(value * scale_of(card, metric), 9)  # 17.55 stays 17.55 after its way through a fraction
    return f"{exact:.{decimals_of(card, metric)}f}"


def metric_info(card: TaskCard, metric: str) -> MetricInfo | None:
    """The card's description; None for a metric that an older card had."""
    try:
        return card.metric(metric)
    except UnknownNameError:
        return None


def metric_title(card: TaskCard, metric: str) -> str:
    """Heading: `J&F`, or `J&F (held-out)` for `j_and_f@held-out`."""
    info = metric_info(card, metric)
    name, _, variant = metric.partition("@")
    title = info.title if info else name
    return f"{title} ({variant})" if variant else title


def with_interval(card: TaskCard, metric: str, number: Number) -> str:
    """A value and, where there is one, its 95 % interval."""
    text = points(card, metric, number.value)
    if number.value is None or number.low is None or number.high is None:
        return text
    return f"{text} ({points(card, metric, number.low)} to {points(card, metric, number.high)})"


def ranking(row: Row, card: TaskCard) -> tuple[bool, float, str, bool, str]:
    """Sort key: best primary first, rows without one last; ties by name, published first, run id."""
    info = card.metric(card.primary)
    number = row.numbers.get(card.primary)
    value = number.value if number else None
    signed = 0.0 if value is None else (-value if info.higher_is_better else value)
    run = row.provenance.runs[0] if row.provenance else ""
    return (value is None, signed, row.method, row.provenance is not None, f"{row.setting} {run}")
