"""Trials on the robot: planned before the first, written down at once, judged with what they can show."""

from toto_bench.deploy.trials.compare import Comparison, compare_counts, compare_paired
from toto_bench.deploy.trials.events import Ended, Event, Labelled, Planned, Started, Undone
from toto_bench.deploy.trials.journal import Journal, read_journal
from toto_bench.deploy.trials.ledger import Ledger
from toto_bench.deploy.trials.make import make_plan
from toto_bench.deploy.trials.plan import PlannedTrial, Region, StartPose, TrialPlan, read_plan
from toto_bench.deploy.trials.standing import Standing, standings
from toto_bench.deploy.trials.statistics import fisher_exact, mcnemar_exact, trials_needed
from toto_bench.deploy.trials.tally import Tally, tally

__all__ = [
    "Comparison",
    "Ended",
    "Event",
    "Journal",
    "Labelled",
    "Ledger",
    "Planned",
    "PlannedTrial",
    "Region",
    "Standing",
    "StartPose",
    "Started",
    "Tally",
    "TrialPlan",
    "Undone",
    "compare_counts",
    "compare_paired",
    "fisher_exact",
    "make_plan",
    "mcnemar_exact",
    "read_journal",
    "read_plan",
    "standings",
    "tally",
    "trials_needed",
]
