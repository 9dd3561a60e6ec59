"""What the trials of a plan say: tables, pictures, sentences, and a record for the leaderboard."""

from toto_bench.deploy.report.gather import TrialsReport, gather
from toto_bench.deploy.report.pairs import Pair, holm
from toto_bench.deploy.report.record import Unrecorded, record_trials
from toto_bench.deploy.report.write import write_report

__all__ = ["Pair", "TrialsReport", "Unrecorded", "gather", "holm", "record_trials", "write_report"]
