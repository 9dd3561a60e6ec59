"""Runs through a plan: reset, place, trial, label, next."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toto_bench.deploy.cameras import Camera
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.runner import Cause, Ending, Unwritten, run_trial
from toto_bench.deploy.session.checks import disk_check
from toto_bench.deploy.session.competitor import Competitor
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.keeping import recording_of
from toto_bench.deploy.session.labelling import HELP, Labeller, headline, label_all, label_one
from toto_bench.deploy.session.operator import Enter, Operator, agrees
from toto_bench.deploy.session.outcome import End, Outcome
from toto_bench.deploy.session.photos import Placing, SessionEndedError
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.trials import Ledger, PlannedTrial
from toto_bench.deploy.way import go_to_start

SIMULATION = "simulation"
"""Who labels where nobody has to."""
_MENDABLE = {*Reason, Cause.POLICY, Cause.LATE, Cause.WATCHDOG}
"""Why a simulated trial may have been aborted without anything being wrong with arm, cameras or disk."""


@dataclass(frozen=True, eq=False)
class TrialSession:
    """Everything that takes part; the station is open and the policies are warm."""

    station: Station
    folder: TrialsFolder
    ledger: Ledger
    competitors: Mapping[str, Competitor]
    """By the plan's names."""
    operator: Operator
    labeller: str
    start: Vector
    """Where the arm begins, float64 [7], rad."""
    photo_camera: Camera | None = None
    """For reference photos of real scenes."""

    def run(self) -> Outcome:
        """Run every trial that is left, and ask for every label.

        Raises:
            KeyboardInterrupt: the operator stops at a question; nothing moves, everything is on disk.
            DiskError: a trial could not be begun.
        """
        unwritten = Unwritten(
            Path(tempfile.gettempdir()) / f"toto-bench-trials-{self.ledger.plan.identity[:12]}.json"
        )
        judge = Labeller(self.labeller, self.operator, self.folder)
        if self.station.scene is None:
            label_all(self.ledger, judge)
            self.operator.say(HELP)
        while (trial := self.ledger.next) is not None:
            try:
                outcome = self._one(trial, unwritten, judge)
            except SessionEndedError:
                return Outcome(End.PAUSED)
            if outcome is not None:
                return outcome
        return Outcome(End.DONE)

    def _one(self, trial: PlannedTrial, unwritten: Unwritten, judge: Labeller) -> Outcome | None:
        """One trial with its label; an outcome where no further trial may follow."""
        if not (disk := disk_check(self.folder.path)).good:
            return Outcome(End.FAULT, disk.words)
        self.operator.say(headline(self.ledger, self.ledger.standings[trial.number]))
        if (outcome := self._reset(self.competitors[trial.backbone].guard)) is not None:
            return outcome
        self._place(trial)
        ending = self._trial(trial, unwritten)
        self.operator.say(
            f"{ending.outcome.capitalize()} ({ending.reason}) after {ending.seconds:.1f} s: {ending.message}"
        )
        while unwritten.problem is not None:
            self.operator.say(unwritten.problem)
            if not self.operator.present:
                return Outcome(End.FAULT, unwritten.problem)
            self.operator.ask("Free some space; Enter tries again.")
            unwritten.retry()
        if ending.outcome == "completed":
            self._label(trial, judge)
        return self._after(ending)

    def _reset(self, guard: GuardSettings) -> Outcome | None:
        """Bring the arm to its start: a person says that it may move."""
        if self.station.scene is None:
            self.operator.ask(
                "Step back and take the object out of the gripper; Enter moves the arm to its start."
            )
        driver = self.station.driver
        signals = StopSignals(driver.stop)
        try:
            with signals:
                driver.recover()
                go_to_start(driver, guard, self.start, signals.is_requested)
        except (RobotFault, GuardTrip) as fault:
            driver.stop(str(fault))
            end = End.INTERRUPTED if signals.is_requested() else End.FAULT
            return Outcome(end, str(fault))
        return None

    def _place(self, trial: PlannedTrial) -> None:
        pose = self.ledger.plan.poses[trial.pose - 1]
        if self.station.scene is not None:
            self.station.scene.place_cube(pose.x, pose.y, pose.yaw)
        else:
            Placing(self.folder, self.operator, self.photo_camera).place(pose)

    def _trial(self, trial: PlannedTrial, unwritten: Unwritten) -> Ending:
        competitor, scene = self.competitors[trial.backbone], self.station.scene
        enter = Enter(
            self.operator, "Enter ends the trial: the task is done, or cannot be. Ctrl-C aborts it."
        )
        if scene is None:
            enter.begin()
        recording = recording_of(self.folder, trial.number, competitor)
        ending = run_trial(
            competitor.runner,
            self.ledger,
            trial.number,
            unwritten,
            recording.recorder,
            identity=competitor.facts.identity,
            video=recording.video,
            finished=enter.pressed if scene is None else (lambda: scene.succeeded),
        )
        if (
            not ending.is_request
        ):  # no further question follows, and somebody who ended the process may be far away
            enter.end()
        return ending

    def _label(self, trial: PlannedTrial, judge: Labeller) -> None:
        scene = self.station.scene
        if scene is None:
            label_one(self.ledger, self.ledger.standings[trial.number], judge)
            return
        self.ledger.label(trial.number, success=scene.succeeded, labeller=SIMULATION, automatic=True)

    def _after(self, ending: Ending) -> Outcome | None:
        """Whether the next trial may follow. Nothing is made ready again without a person, or a simulation."""
        if not ending.at_rest:
            return Outcome(End.FAULT, ending.message)
        if ending.is_request:
            return Outcome(End.INTERRUPTED, ending.message)
        if ending.outcome == "completed":
            return None
        if self.station.scene is not None:
            return None if ending.reason in _MENDABLE else Outcome(End.FAULT, ending.message)
        if agrees(self.operator, "The trial was aborted, and is recorded as such. Go on with the next one?"):
            return None
        return Outcome(End.FAULT, ending.message)
