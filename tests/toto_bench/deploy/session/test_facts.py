"""What a session keeps, and what may not change between two sessions of one plan."""

from pathlib import Path

import pytest

from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.errors import JournalError
from toto_bench.deploy.session.facts import (
    PolicyFacts,
    RobotFacts,
    SessionFacts,
    end_session,
    read_sessions,
    write_session,
)
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.errors import RequestError
from toto_bench.results.record import Environment

ENVIRONMENT = Environment(
    toto_bench="0.1", revision=None, dirty=None, packages={}, device="cpu", driver=None, dtype="float32",
    batch_size=1, world_size=1, threads=1,
)  # fmt: skip


def facts(driver: str = "franky", *, simulated: bool = False, policy: str = "abc") -> SessionFacts:
    robot = RobotFacts.of(RobotInfo(driver, "fr3", simulated, {"franky-control": "2.0.0"}))
    return SessionFacts(
        plan="p",
        robot=robot,
        policies={"a": PolicyFacts(source="runs/a", identity=policy)},
        environment=ENVIRONMENT,
    )


def test_sessions_come_back_in_order_and_equal(tmp_path: Path) -> None:
    folder = TrialsFolder(tmp_path)
    written = [facts(), facts()]
    paths = [write_session(folder, each) for each in written]
    assert read_sessions(folder) == tuple(written)
    end_session(paths[1], written[1])
    first, second = read_sessions(folder)
    assert first.peak_memory_mb is None
    assert second.peak_memory_mb is not None
    assert second.peak_memory_mb > 10


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            facts("mujoco", simulated=True),
            "begun on a real FR3 .franky., and this is a simulated FR3 .mujoco.",
        ),
        (facts(simulated=True), "results would be mixed"),
        (facts(policy="def"), "begun with the policy abc"),
    ],
)
def test_another_robot_or_policy_is_refused(tmp_path: Path, other: SessionFacts, words: str) -> None:
    """A simulated trial never gets into a plan of real ones, nor another policy under the same name."""
    folder = TrialsFolder(tmp_path)
    write_session(folder, facts())
    with pytest.raises(RequestError, match=words):
        write_session(folder, other)
    assert len(read_sessions(folder)) == 1


def test_a_damaged_session_is_named(tmp_path: Path) -> None:
    folder = TrialsFolder(tmp_path)
    write_session(folder, facts()).write_text("{}")
    with pytest.raises(JournalError, match=r"001\.json does not say"):
        read_sessions(folder)
