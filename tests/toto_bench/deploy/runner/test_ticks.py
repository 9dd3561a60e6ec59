"""The log of a trial: whatever was measured is written, and read again as it was."""

import math
from pathlib import Path

import numpy as np
import pytest

from toto_bench.deploy.errors import JournalError
from toto_bench.deploy.guard import Passed
from toto_bench.deploy.runner.record import TickLog
from toto_bench.deploy.runner.ticks import Tick, of_action, of_command, of_moment, of_passed, read_ticks
from toto_bench.deploy.types import Command, Moment, RobotMode, RobotState, Sight


def tick(number: int, q: np.ndarray) -> Tick:
    robot = RobotState(q, np.zeros(7), np.float32(0.5), 1.0, 2.0, RobotMode.MOVE, ("an error",))
    moment = Moment(robot, {"front": Sight(1.9, 7)})
    command = Command(q, 0.25)
    passed = Passed(command, shortened=(3,), edged=(4,))
    fields = of_moment(moment) | of_action(q.astype(np.float32)) | of_command(command) | of_passed(passed)
    return Tick(number=number, time=0.1 * number, **fields, seconds={"policy": 0.02})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    log = TickLog(tmp_path / "new" / "ticks.jsonl")
    log.begin()
    written = [tick(number, np.linspace(0, 1, 7) / (number + 1)) for number in range(3)]
    for each in written:
        log.tick(each, {})
    log.end()
    log.end()
    assert read_ticks(log.path) == written
    assert log.problem is None
    assert read_ticks(log.path)[1].command.q == pytest.approx(np.linspace(0, 1, 7) / 2, abs=0)


def test_every_line_is_there_before_the_end(tmp_path: Path) -> None:
    """A killed process loses none."""
    log = TickLog(tmp_path / "ticks.jsonl")
    log.begin()
    log.tick(tick(0, np.zeros(7)), {})
    assert len(read_ticks(log.path)) == 1


def test_numbers_that_are_none(tmp_path: Path) -> None:
    log = TickLog(tmp_path / "ticks.jsonl")
    log.begin()
    log.tick(tick(0, np.array([np.nan, np.inf, -np.inf, 0, 0, 0, 0])), {})
    log.end()
    q = read_ticks(log.path)[0].q
    assert math.isnan(q[0]) and q[1:3] == (math.inf, -math.inf)


def test_a_reading_of_the_wrong_kind_is_written_as_far_as_it_goes() -> None:
    robot = RobotState(None, "fast", 0.5, None, 2.0)  # type: ignore[arg-type]
    fields = of_moment(Moment(robot))
    assert fields["clock"] is None and fields["dq"] == () and fields["received"] == 2.0
    Tick(number=0, time=0.0, **fields)


def test_a_torn_last_line_is_left_out_and_another_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ticks.jsonl"
    whole = tick(0, np.zeros(7)).model_dump_json()
    path.write_text(f"{whole}\n{whole[:40]}")
    assert len(read_ticks(path)) == 1
    path.write_text(f"{whole[:40]}\n{whole}\n")
    with pytest.raises(JournalError, match="line 1"):
        read_ticks(path)
    with pytest.raises(JournalError, match="cannot be read"):
        read_ticks(tmp_path / "none.jsonl")
