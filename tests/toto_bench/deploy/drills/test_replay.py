"""A recorded trial replayed: the same policy passes, another one is told where it differs."""

import numpy as np
import pytest

from toto_bench.deploy.clock import VirtualClock
from toto_bench.deploy.drivers.replay import ReplayDriver
from toto_bench.deploy.runner import Cause
from toto_bench.deploy.runner.ticks import read_ticks
from toto_bench.errors import RequestError


@pytest.fixture
def replayed(bench, make_bench, swaying):
    """A bench on the record of another's trial."""

    def make(**options):
        bench.connect()
        assert bench.run().outcome == "completed"
        count = sum(tick.command is not None for tick in bench.ticks)
        again = make_bench(policy=swaying(**options))
        again.driver._driver = ReplayDriver(read_ticks(bench.log.path), again.clock)
        again.log.path = bench.folder / "again.jsonl"
        again.journal = bench.folder / "again.trials.jsonl"
        again.connect()
        return again, count

    return make


def test_the_same_policy_repeats_the_trial(replayed) -> None:
    bench, count = replayed()
    ending = bench.run()
    assert bench.driver._driver.left == 0
    assert ending.steps == count


def test_another_policy_is_told_where_it_differs(replayed) -> None:
    def spoil(number, chunk):
        if number == 7:
            chunk.actions[0, 0] += np.float32(1e-4)

    bench, _ = replayed(spoil=spoil)
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.ROBOT, "Command 7 is 0.0001 rad from the recorded one")
    assert ending.steps == 7


def test_a_trial_without_commands_cannot_be_replayed() -> None:
    with pytest.raises(RequestError, match="nothing to replay"):
        ReplayDriver([], VirtualClock())
