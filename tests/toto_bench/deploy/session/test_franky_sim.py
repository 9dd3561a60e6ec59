"""A session through franky and libfranka's real protocol: the code that drives a real arm, and no robot."""

from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.report import gather
from toto_bench.deploy.session.assemble import StationRequest, at_franky_sim
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.outcome import End
from toto_bench.deploy.session.planning import PlanRequest
from toto_bench.deploy.session.policies import find_policies
from toto_bench.deploy.session.start import SessionRequest, run_session
from toto_bench.deploy.session.thresholds import thresholds
from toto_bench.deploy.simulated.world import READY
from toto_bench.results.record import Environment
from toto_bench.testing.franky_sim import FrankySim

pytest.importorskip("franky")
pytest.importorskip("franky_sim")
pytestmark = pytest.mark.slow

ENVIRONMENT = Environment(
    toto_bench="0.1", revision=None, dirty=None, packages={}, device="cpu", driver=None, dtype="float32",
    batch_size=1, world_size=1, threads=1,
)  # fmt: skip


def test_the_script_picks_the_cube_up_over_the_wire(tmp_path: Path, person: Any) -> None:
    """Reset, trial, automatic label, record: as on a real arm, but for the person."""
    found = find_policies(["scripted"])
    folder = TrialsFolder(tmp_path / "t")
    request = SessionRequest(
        folder=folder,
        policies=found,
        plan=PlanRequest(("scripted",), count=1),
        start=READY,
        environment=ENVIRONMENT,
        labeller="ada",
        seconds=120.0,
        thresholds=thresholds(
            {"robot_age": 2.0, "watchdog_periods": 30, "misses_in_a_row": 30}
        ),  # a busy machine
    )
    nobody = person()
    with FrankySim() as simulation:
        station = at_franky_sim(StationRequest("franky", cameras=()), simulation.host, simulation)
        object.__setattr__(station, "cameras", {})  # drawing would slow the robot down
        outcome = run_session(request, station, nobody)
    assert outcome.end == End.DONE, outcome.message
    report = gather(folder)
    [session] = report.sessions
    assert (session.robot.driver, session.robot.simulated) == ("franky", True)
    assert report.tallies[0].count == 1
    [standing] = report.standings.values()
    assert standing.ended is not None
    assert standing.ended.outcome == "completed", standing.ended.message
    assert report.tallies[0].successes == 1
