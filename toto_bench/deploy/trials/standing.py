"""How a trial stands after its events."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from toto_bench.deploy.errors import TrialOrderError
from toto_bench.deploy.trials.events import Ended, Event, Labelled, Planned, Started
from toto_bench.deploy.trials.plan import PlannedTrial, TrialPlan


@dataclass(frozen=True)
class Standing:
    """Of one trial."""

    trial: PlannedTrial
    started: Started | None = None
    ended: Ended | None = None
    label: Labelled | None = None

    @property
    def is_aborted(self) -> bool:
        """It ended by a fault, the guard or a stop, and needs no label."""
        return self.ended is not None and self.ended.outcome == "aborted"

    @property
    def needs_label(self) -> bool:
        """It was completed, and nobody has said how it went."""
        return self.ended is not None and not self.is_aborted and self.label is None

    @property
    def was_interrupted(self) -> bool:
        """It began, and its end was never written down."""
        return self.started is not None and self.ended is None


def standings(plan: TrialPlan, events: Iterable[Event]) -> dict[int, Standing]:
    """How every trial stands, by its number.

    Raises:
        TrialOrderError: events that do not follow from each other, or are of another plan.
    """
    found = {trial.number: Standing(trial) for trial in plan.trials}
    for event in events:
        if (after := follow(plan, found, event)) is not None:
            found[after.trial.number] = after
    return found


def follow(plan: TrialPlan, before: dict[int, Standing], event: Event) -> Standing | None:
    """The standing after an event; None where it is of no trial.

    Raises:
        TrialOrderError: it cannot follow.
    """
    if event.plan != plan.identity:
        raise TrialOrderError(
            f"An event is of plan {event.plan[:12]}, and this is plan {plan.identity[:12]}: the journal belongs to "
            "another plan, or the plan was changed after it was begun. Give the plan that it was begun with."
        )
    if isinstance(event, Planned):
        return None
    if event.trial not in before:
        raise TrialOrderError(f"There is no trial {event.trial}: the plan has {len(before)}.")
    standing = before[event.trial]
    if (problem := _problem(standing, event)) is not None:
        raise TrialOrderError(f"Trial {event.trial} {problem}.")
    if isinstance(event, Started):
        return replace(standing, started=event)
    if isinstance(event, Ended):
        return replace(standing, ended=event)
    return replace(standing, label=event if isinstance(event, Labelled) else None)


def _problem(standing: Standing, event: Event) -> str | None:
    if isinstance(event, Started):
        return _problem_of_start(standing, event)
    if isinstance(event, Ended):
        if standing.started is None:
            return "cannot end: it was not started"
        return "has ended before" if standing.ended is not None else None
    return _problem_of_label(standing, given=isinstance(event, Labelled))


def _problem_of_start(standing: Standing, event: Started) -> str | None:
    if standing.started is not None:
        return "has been started before: no trial is repeated"
    backbone, pose = standing.trial.backbone, standing.trial.pose
    if (event.backbone, event.pose) != (backbone, pose):
        return f"is of `{backbone}` from pose {pose}, not of `{event.backbone}` from pose {event.pose}"
    return None


def _problem_of_label(standing: Standing, *, given: bool) -> str | None:
    if not given:
        return "has no label to undo" if standing.label is None else None
    if standing.ended is None:
        return "has not ended: there is nothing to label"
    if standing.is_aborted:
        return "was aborted: the plan says what that counts as"
    return "has a label: undo it first" if standing.label is not None else None
