"""A plan and its journal together: what is next, what is written, what waits for a label."""

from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from toto_bench.deploy.errors import JournalError, TrialOrderError
from toto_bench.deploy.trials.events import Ended, Event, Labelled, Planned, Started, Undone
from toto_bench.deploy.trials.journal import Journal
from toto_bench.deploy.trials.plan import PlannedTrial, TrialPlan
from toto_bench.deploy.trials.standing import Standing, follow, standings

INTERRUPTED = "interrupted"
"""Reason of a trial whose process was killed."""


class Ledger:
    """Runs through a plan once: every trial is started at most once, also over several processes."""

    def __init__(self, plan: TrialPlan, path: Path) -> None:
        """Begin or resume; a trial that was under way when its process died is written down as aborted.

        Raises:
            JournalBusyError: another process runs trials of this plan.
            JournalError: the journal is damaged, or of another plan.
            DiskError: the operating system refused.
        """
        self.plan, self._journal = plan, Journal(path)
        try:
            self._resume()
        except BaseException:
            self._journal.close()
            raise

    def _resume(self) -> None:
        try:
            self.standings = standings(self.plan, self._journal.events)
        except TrialOrderError as error:
            raise JournalError(f"{self._journal.path}: {error}") from error
        if not self._journal.events:
            self._write(Planned(plan=self.plan.identity))
        for number, standing in list(self.standings.items()):
            if standing.was_interrupted:
                self.end(number, "aborted", INTERRUPTED, message="Its process was killed.")

    @property
    def next(self) -> PlannedTrial | None:
        """The first trial that was not started; None after the last."""
        left = (standing.trial for standing in self.standings.values() if standing.started is None)
        return next(left, None)

    @property
    def unlabelled(self) -> list[Standing]:
        """Trials that wait for a label, in their order."""
        return [standing for standing in self.standings.values() if standing.needs_label]

    def start(self, number: int, *, policy: str = "") -> None:
        """Write down that a trial begins; the arm may move after this.

        Raises:
            TrialOrderError: it was started before.
            DiskError: it could not be written: nothing may move.
        """
        trial = self._standing(number).trial
        self._write(
            Started(
                plan=self.plan.identity,
                trial=number,
                backbone=trial.backbone,
                pose=trial.pose,
                policy=policy,
            )
        )

    def end(self, number: int, outcome: Literal["completed", "aborted"], reason: str, **details: Any) -> None:
        """Write down that a trial has ended; `details` are fields of `Ended`.

        Raises:
            TrialOrderError: it does not run.
            DiskError: it could not be written; the call may be tried again.
        """
        self._write(Ended(plan=self.plan.identity, trial=number, outcome=outcome, reason=reason, **details))

    def label(
        self, number: int, *, success: bool, labeller: str, automatic: bool = False, note: str = ""
    ) -> None:
        """Write down how a trial went.

        Raises:
            TrialOrderError: it was not completed, or has a label.
            DiskError: it could not be written; the call may be tried again.
        """
        self._write(
            Labelled(
                plan=self.plan.identity,
                trial=number,
                success=success,
                labeller=labeller,
                automatic=automatic,
                note=note,
            )
        )

    def undo(self, *, labeller: str) -> Standing:
        """Take back the label that was given last, of those that stand.

        Returns:
            The trial, which waits for its label again.

        Raises:
            TrialOrderError: no label stands.
            DiskError: it could not be written.
        """
        given = [
            event.trial
            for event in self._journal.events
            if isinstance(event, Labelled) and self.standings[event.trial].label is event
        ]
        if not given:
            raise TrialOrderError("There is no label to undo.")
        self._write(Undone(plan=self.plan.identity, trial=given[-1], labeller=labeller))
        return self.standings[given[-1]]

    def close(self) -> None:
        """Let other processes go on; a second call does nothing."""
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _standing(self, number: int) -> Standing:
        try:
            return self.standings[number]
        except KeyError:
            raise TrialOrderError(
                f"There is no trial {number}: the plan has {len(self.standings)}."
            ) from None

    def _write(self, event: Event) -> None:
        after = follow(self.plan, self.standings, event)
        self._journal.append(event)
        if after is not None:
            self.standings[after.trial.number] = after
