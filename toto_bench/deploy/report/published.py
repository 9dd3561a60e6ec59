"""The rows of the paper's table as counts, to be compared with."""

from toto_bench.cards import task_cards
from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.trials import Comparison, Tally, compare_counts
from toto_bench.leaderboard.published import published_rows

_METRIC, _TRIALS = "success", "trials"


def published_tallies(task: str) -> list[Tally]:
    """The published rows of a task, each from as many trials as its card says; none where it says nothing."""
    card = task_cards().get(task)
    count = card.protocol[_TRIALS].value if card and _TRIALS in card.protocol else None
    if not isinstance(count, int):
        return []
    shares = [(row.method, row.numbers.get(_METRIC)) for row in published_rows({task})]
    return [
        Tally(f"{method} (published)", round(number.value * count), count)
        for method, number in shares
        if number is not None and number.value is not None
    ]


def against_published(report: TrialsReport) -> list[Comparison]:
    """Every backbone against every published row, by counts alone; only of trials on a real arm."""
    if report.simulated is not False:
        return []
    published = published_tallies(report.plan.task)
    return [compare_counts(own, other) for own in report.tallies if own.count for other in published]
