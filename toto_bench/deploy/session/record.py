"""Recording a set of demonstrations: attempt after attempt, each kept or dropped."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from toto_bench.deploy.cameras import CameraFault
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.errors import GuardTrip
from toto_bench.deploy.session.attempt import Cast, Recording, act, begin_at_start, layout_for, place
from toto_bench.deploy.session.demonstrators import Demonstrator, Expert, Hand
from toto_bench.deploy.session.operator import Operator
from toto_bench.deploy.session.policy_wrappers import SHARE_OF_LIMIT
from toto_bench.deploy.session.safety import expect_emergency_stop, expect_operator
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.simulated.expert import PickExpert
from toto_bench.errors import RequestError, TotoBenchError
from toto_bench.robots.demonstrations import LeRobotWriter

_PATIENCE = 5
"""So many attempts in a row that yield nothing end a recording without a person."""
_REST = 2.0
"""s that the arm is given to come to rest."""
_FAULTS = (GuardTrip, RobotFault, CameraFault)


class Recorded(NamedTuple):
    """How it ended."""

    kept: int
    """Demonstrations of the set."""
    dropped: int
    """Attempts of this session that were thrown away."""


class NothingKeptError(TotoBenchError):
    """Attempt after attempt yielded nothing."""


def record_at(
    station: Station, demos: Path, recording: Recording, operator: Operator, *, by_hand: bool
) -> Recorded:
    """Open the station and the set, and record.

    Args:
        station: not yet open.
        demos: folder of the set; one that is there goes on.
        recording: what is recorded.
        operator: who places, guides and judges where no simulation does.
        by_hand: a hand guides the arm; else the script of the simulation moves it.

    Raises:
        RequestError: a real arm cannot be moved by the script, or nobody holds the emergency stop.
        RecordingError: the folder holds something else, or was recorded otherwise.
        TotoBenchError: as `record`.
    """
    if station.scene is None and not by_hand:
        raise RequestError(
            "The script knows where a simulation has its cube, and no more: a real arm is guided by hand (`--by hand`)."
        )
    expect_operator(operator, station.driver.info())
    with station.opened():
        expect_emergency_stop(operator, station.driver.info())
        layout = layout_for(station, recording.guard.rate_hz, by_hand=by_hand)
        with LeRobotWriter(demos, layout) as writer:
            who = _demonstrator(station, recording, operator, by_hand=by_hand)
            return record(
                Cast(station, writer, who, operator),
                recording,
                lambda kept: operator.say(f"{kept} of {recording.count} are kept."),
            )


def _demonstrator(
    station: Station, recording: Recording, operator: Operator, *, by_hand: bool
) -> Demonstrator:
    if by_hand or station.scene is None:
        return Hand(operator)
    speed = SHARE_OF_LIMIT * recording.guard.limits.speed_factor
    script = PickExpert(rate_hz=recording.guard.rate_hz, speed=speed)
    largest = np.array(recording.guard.largest_step)
    return Expert(station.scene, script, noise=recording.noise, largest=largest)


def record(cast: Cast, recording: Recording, progress: Callable[[int], None] = lambda _: None) -> Recorded:
    """Record until the set has as many demonstrations as wanted; what was kept stays, however this ends.

    A simulated arm is judged by the simulation, and made ready again after a fault. With a real one a person decides,
    and a fault ends the session.

    Args:
        cast: who and what takes part.
        recording: what is recorded.
        progress: told after each demonstration how many there are.

    Raises:
        KeyboardInterrupt: it was interrupted; the arm is stopped.
        GuardTrip, RobotFault, CameraFault: something is wrong with a real robot; the arm is stopped.
        NothingKeptError: a simulated arm fails again and again.
        DiskError: the operating system refused.
    """
    begun_with, dropped, in_vain = cast.writer.kept, 0, 0
    while (kept := cast.writer.kept) < recording.count:
        random = np.random.default_rng([recording.seed, begun_with, kept - begun_with + dropped])
        if _attempt(cast, recording, random):
            in_vain = 0
            progress(cast.writer.kept)
            continue
        dropped, in_vain = dropped + 1, in_vain + 1
        if in_vain == _PATIENCE and cast.station.scene is not None:
            raise NothingKeptError(
                f"{in_vain} demonstrations in a row did not succeed and were dropped; {kept} are kept. Give another "
                "region (`--x`, `--y`), more time (`--seconds`), or a slower rate."
            )
    return Recorded(cast.writer.kept, dropped)


def _attempt(cast: Cast, recording: Recording, random: np.random.Generator) -> bool:
    """One demonstration; whether it was kept."""
    driver, writer = cast.station.driver, cast.writer
    signals = StopSignals(driver.stop)
    try:
        if cast.station.scene is None:  # whose hand may still be at the arm
            cast.operator.ask("Let go of the arm and step back; Enter moves it to its start.")
        with signals:
            begin_at_start(cast, recording, random, signals.is_requested)
        place(cast, recording, random)
        writer.begin(task=recording.task)
        with signals:
            steps = act(cast, recording, random, signals.is_requested)
    except _FAULTS as fault:
        driver.stop(str(fault))
        writer.drop()
        if signals.is_requested():
            raise KeyboardInterrupt from fault
        if cast.station.scene is None:
            raise
        cast.operator.say(f"A demonstration was dropped: {fault}")
        driver.recover()
        return False
    except BaseException:
        driver.stop("The recording has ended.")
        writer.drop()
        driver.at_rest(_REST)
        raise
    if not steps:
        writer.drop()
        cast.operator.say("It was over before the first step: nothing is kept.")
        return False
    keep, success = _verdict(cast)
    if keep:
        writer.keep(success=success)
    else:
        writer.drop()
    return keep


def _verdict(cast: Cast) -> tuple[bool, bool | None]:
    """Whether to keep a demonstration, and whether the task was done."""
    scene = cast.station.scene
    if scene is not None and not cast.demonstrator.by_hand:
        return scene.succeeded, scene.succeeded
    while True:
        answer = cast.operator.ask("Keep it (k), keep it as a failure (f), or drop it (d)?").casefold()
        if answer in ("k", "keep"):
            return True, True
        if answer in ("f", "failure"):
            return True, False
        if answer in ("d", "drop"):
            return False, None
        cast.operator.say("Please answer k, f or d.")
