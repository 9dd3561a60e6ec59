"""A trial of a plan: written down before the arm moves, and after it stands."""

from collections.abc import Callable

from toto_bench.deploy.runner.ending import Ending
from toto_bench.deploy.runner.record import NoRecorder, Recorder
from toto_bench.deploy.runner.runner import PolicyRunner, never
from toto_bench.deploy.runner.unwritten import Unwritten
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.trials import Ledger


def run_trial(
    runner: PolicyRunner,
    ledger: Ledger,
    number: int,
    unwritten: Unwritten,
    recorder: Recorder | None = None,
    *,
    identity: str = "",
    video: str | None = None,
    signals: StopSignals | None = None,
    finished: Callable[[], bool] = never,
) -> Ending:
    """Run one trial from where arm and object stand.

    Args:
        runner: warmed up, its driver ready.
        ledger: of the plan.
        number: of the trial.
        unwritten: takes the trial's end where the disk does not.
        recorder: of the ticks.
        identity: hash of the policy.
        video: what the recorder makes, beside the journal.
        signals: requests to stop, if somebody else listens to them already.
        finished: asked every tick; True ends the trial as completed.

    Raises:
        TrialOrderError: it was started before.
        DiskError: its beginning could not be written down; nothing has moved.
    """
    if signals is None:  # until the end is written: an impatient Ctrl-C must not cost it
        with runner.stop_signals() as own:
            return run_trial(
                runner,
                ledger,
                number,
                unwritten,
                recorder,
                identity=identity,
                video=video,
                signals=own,
                finished=finished,
            )
    recorder = recorder or NoRecorder()
    recorder.begin()
    try:
        ledger.start(number, policy=identity)
    except BaseException:
        recorder.end()
        raise
    ending = runner.run(recorder, signals=signals, finished=finished)

    def write() -> None:
        ledger.end(number, ending.outcome, ending.reason, video=video, **ending.details)

    content = {"trial": number, "outcome": ending.outcome, "reason": ending.reason, **ending.details}
    unwritten.write(f"The end of trial {number}", write, content)
    return ending
