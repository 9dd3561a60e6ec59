"""Everything a report says, read from the folder of trials."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from toto_bench.deploy.errors import JournalError, TrialOrderError
from toto_bench.deploy.report.pairs import Pair, all_pairs
from toto_bench.deploy.session.facts import SessionFacts, read_sessions
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.trials import Standing, Tally, TrialPlan, read_journal, standings, tally


@dataclass(frozen=True)
class TrialsReport:
    """What is known of a plan's trials."""

    folder: TrialsFolder
    plan: TrialPlan
    standings: Mapping[int, Standing]
    """By number of the trial."""
    sessions: tuple[SessionFacts, ...]
    """With what they were run; none: nobody wrote it down."""
    tallies: tuple[Tally, ...]
    """In the plan's order of backbones."""
    pairs: tuple[Pair, ...]

    def of(self, backbone: str) -> list[Standing]:
        """The trials of a backbone, in the order in which they were run."""
        return [each for each in self.standings.values() if each.trial.backbone == backbone]

    @property
    def unlabelled(self) -> list[Standing]:
        """Trials that wait for a label."""
        return [each for each in self.standings.values() if each.needs_label]

    @property
    def robot(self) -> str:
        """What was driven, in words."""
        found = dict.fromkeys(str(session.robot) for session in self.sessions)
        return " and ".join(found) or "not written down"

    @property
    def simulated(self) -> bool | None:
        """Whether no real arm moved; None where it is not known, or some trials were and some were not."""
        found = {session.robot.simulated for session in self.sessions}
        return found.pop() if len(found) == 1 else None


def gather(folder: TrialsFolder) -> TrialsReport:
    """Read plan, journal and sessions; nothing is written, and a run of trials may go on meanwhile.

    Raises:
        RequestError: this is no folder of trials.
        JournalError: the journal is damaged, or of another plan.
    """
    plan = folder.read_plan()
    try:
        found = standings(plan, read_journal(folder.journal).events if folder.journal.is_file() else ())
    except TrialOrderError as error:
        raise JournalError(f"{folder.journal}: {error}") from error
    return TrialsReport(
        folder,
        plan,
        found,
        read_sessions(folder),
        tuple(tally(plan, found, backbone) for backbone in plan.backbones),
        all_pairs(plan, found),
    )


def median(values: list[float]) -> float:
    """Of a list that is not empty; the lower one of two."""
    return sorted(values)[math.ceil(len(values) / 2) - 1]
