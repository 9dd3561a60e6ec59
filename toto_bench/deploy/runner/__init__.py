"""Running a policy on an arm, with a guard in between, and writing down what happens."""

from toto_bench.deploy.runner.ending import Cause, DryRun, Ending
from toto_bench.deploy.runner.record import NoRecorder, Recorder, TickLog
from toto_bench.deploy.runner.runner import PolicyRunner
from toto_bench.deploy.runner.settings import RunnerSettings
from toto_bench.deploy.runner.ticks import Tick, read_ticks
from toto_bench.deploy.runner.trial import run_trial
from toto_bench.deploy.runner.unwritten import Unwritten
from toto_bench.deploy.runner.warmup import PolicyTooSlowError, WarmUp

__all__ = [
    "Cause",
    "DryRun",
    "Ending",
    "NoRecorder",
    "PolicyRunner",
    "PolicyTooSlowError",
    "Recorder",
    "RunnerSettings",
    "Tick",
    "TickLog",
    "Unwritten",
    "WarmUp",
    "read_ticks",
    "run_trial",
]
