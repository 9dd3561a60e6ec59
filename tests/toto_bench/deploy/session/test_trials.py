"""A session of trials, from policies to labels: simulated ones alone, real ones with a person beside the arm."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.drivers.faults import Fault, FaultKind
from toto_bench.deploy.errors import JournalBusyError
from toto_bench.deploy.report import gather
from toto_bench.deploy.session.facts import read_sessions
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.outcome import End
from toto_bench.deploy.session.planning import PlanRequest
from toto_bench.deploy.session.policies import find_policies
from toto_bench.deploy.session.safety import PHRASE, UnsafeError
from toto_bench.deploy.session.start import SessionRequest, run_session
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.trials import Ledger
from toto_bench.errors import RequestError
from toto_bench.media.videos import describe_video
from toto_bench.results.record import Environment
from toto_bench.robots.policy import ActionSpec, Normalisation, PolicySpec, make_policy

Make = Callable[..., Any]
NAMES = (*(f"joint_{number}" for number in range(1, 8)), "gripper")
ENVIRONMENT = Environment(
    toto_bench="0.1",
    revision=None,
    dirty=None,
    packages={},
    device="cpu",
    driver=None,
    dtype="float32",
    batch_size=1,
    world_size=1,
    threads=1,
)


@pytest.fixture(autouse=True)
def one_thread_each(one_thread: None) -> None:
    pass


@pytest.fixture
def lazy(tmp_path: Path) -> Path:
    """A policy on disk that hardly moves."""
    still = Normalisation(mean=(0.0,) * 8, std=(1e-4,) * 8)
    spec = PolicySpec(
        proprio=NAMES, action=ActionSpec(kind="joint-delta", names=NAMES, statistics=still), rate_hz=10.0
    )
    make_policy(spec).save(tmp_path / "lazy")
    return tmp_path / "lazy"


@pytest.fixture
def wild(tmp_path: Path) -> Path:
    """A policy on disk that asks for joints at zero at once, far from where the arm is."""
    spec = PolicySpec(proprio=NAMES, action=ActionSpec(kind="joint-position", names=NAMES), rate_hz=10.0)
    make_policy(spec).save(tmp_path / "wild")
    return tmp_path / "wild"


def request(folder: Path, *policies: str, seconds: float = 20.0, count: int | None = 2) -> SessionRequest:
    found = find_policies(policies)
    return SessionRequest(
        folder=TrialsFolder(folder),
        policies=found,
        plan=PlanRequest(tuple(policy.name for policy in found), count=count),
        start=READY,
        environment=ENVIRONMENT,
        labeller="ada",
        seconds=seconds,
    )


def send_at_motion(station: Any, number: int, moves: int) -> None:
    """A signal when the arm has been sent somewhere so many times."""
    left = [number]

    def follow(now: float) -> None:
        if left and station.driver.moves > moves:
            os.kill(os.getpid(), left.pop())

    station.clock.follow(follow)


def test_a_simulation_runs_labels_and_films_by_itself(
    make_station: Make, person: Make, lazy: Path, tmp_path: Path
) -> None:
    """The script lifts the cube, the lazy policy does not; nobody is asked anything."""
    station, nobody = make_station(), person()
    nobody.present = False
    outcome = run_session(request(tmp_path / "t", "scripted", f"lazy={lazy}", seconds=15.0), station, nobody)
    assert outcome.end == End.DONE, outcome.message
    assert nobody.asked == []
    report = gather(TrialsFolder(tmp_path / "t"))
    assert {tally.backbone: (tally.successes, tally.count) for tally in report.tallies} == {
        "scripted": (2, 2),
        "lazy": (0, 2),
    }
    [session] = read_sessions(report.folder)
    assert report.simulated is True
    assert session.robot.driver == "mujoco"
    assert session.cameras == {"wrist": "a test's"}
    assert session.protocol == {"time_limit_s": 15.0, "speed_factor": 0.2}
    assert session.peak_memory_mb is not None
    for standing in report.standings.values():
        assert standing.ended is not None
        assert standing.label is not None
        assert standing.label.automatic
        assert standing.started is not None
        assert standing.started.policy == session.policies[standing.trial.backbone].identity
        assert standing.ended.video is not None
        film = describe_video(report.folder.path / standing.ended.video)
        assert abs(film.frames - standing.ended.steps) <= 1
        assert (report.folder.path / "logs" / f"trial-{standing.trial.number:03d}.jsonl").is_file()
    assert report.standings[1].trial.pose == report.standings[2].trial.pose, "poses are not shared"


def test_what_is_said_names_no_backbone_beside_its_trial(
    make_station: Make, person: Make, lazy: Path, tmp_path: Path
) -> None:
    ada = person()
    run_session(
        request(tmp_path / "t", "scripted", f"lazy={lazy}", seconds=1.0, count=1), make_station(), ada
    )
    from_trials = ada.said[next(i for i, text in enumerate(ada.said) if text.startswith("policy ")) :]
    assert any(text.startswith("Trial 1 of 2") for text in from_trials)
    assert not any("lazy" in text or "scripted" in text for text in from_trials)


def test_a_killed_session_goes_on_and_repeats_nothing(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    """Ctrl-C in a trial aborts it; the second session runs the rest."""
    station = make_station()
    send_at_motion(station, signal.SIGINT, 30)
    outcome = run_session(request(tmp_path / "t", "scripted", count=2), station, person())
    assert outcome.end == End.INTERRUPTED
    outcome = run_session(request(tmp_path / "t", "scripted", count=None), make_station(), person())
    assert outcome.end == End.DONE
    report = gather(TrialsFolder(tmp_path / "t"))
    assert [standing.is_aborted for standing in report.standings.values()] == [True, False]
    assert report.standings[1].ended is not None
    assert report.standings[1].ended.reason == "operator-stop"
    assert len(report.sessions) == 2
    outcome = run_session(request(tmp_path / "t", "scripted", count=None), make_station(), person())
    assert (outcome.end, outcome.message) == (End.DONE, "Every trial of the plan was run before.")


def test_a_signal_on_the_way_to_the_start_ends_the_session(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    station = make_station()
    send_at_motion(station, signal.SIGTERM, 0)
    start = READY + 0.2
    asked = request(tmp_path / "t", "scripted")
    outcome = run_session(replace(asked, start=start), station, person())
    assert outcome.end == End.INTERRUPTED
    assert station.driver.stops
    assert gather(TrialsFolder(tmp_path / "t")).standings[1].started is None


def test_a_policy_that_jumps_is_aborted_and_counted(
    make_station: Make, person: Make, wild: Path, lazy: Path, tmp_path: Path
) -> None:
    """The guard ends each of its trials; the other policy's go on."""
    asked = request(tmp_path / "t", f"lazy={lazy}", f"wild={wild}", seconds=1.0)
    assert run_session(asked, make_station(), person()).end == End.DONE
    found = {tally.backbone: tally for tally in gather(TrialsFolder(tmp_path / "t")).tallies}
    assert (found["wild"].aborted, found["wild"].count, found["wild"].successes) == (2, 2, 0)
    assert (found["lazy"].aborted, found["lazy"].count) == (0, 2)


def test_a_policy_faster_than_the_limits_is_refused(make_station: Make, person: Make, tmp_path: Path) -> None:
    """Its demonstrations went 0.3 rad a step: the guard would shorten every one."""
    far = Normalisation(mean=(0.3,) * 8, std=(1e-3,) * 8)
    action = ActionSpec(kind="joint-delta", names=NAMES, statistics=far)
    make_policy(PolicySpec(proprio=NAMES, action=action, rate_hz=10.0)).save(tmp_path / "fast")
    station = make_station()
    outcome = run_session(request(tmp_path / "t", f"fast={tmp_path / 'fast'}"), station, person())
    assert outcome.end == End.FAULT
    assert outcome.message.startswith("speed of fast: joint")
    assert station.driver.moves == 0


def test_a_fault_of_the_arm_ends_even_a_simulated_session(
    make_station: Make, person: Make, tmp_path: Path
) -> None:
    station = make_station()
    station.driver.add(Fault(FaultKind.BARE_ERROR, "act", at=5))
    outcome = run_session(request(tmp_path / "t", "scripted"), station, person())
    assert outcome.end == End.FAULT
    assert "driver failed" in outcome.message
    report = gather(TrialsFolder(tmp_path / "t"))
    assert report.standings[1].is_aborted
    assert report.standings[2].started is None


def test_two_sessions_at_once_are_refused(make_station: Make, person: Make, tmp_path: Path) -> None:
    asked = request(tmp_path / "t", "scripted")
    assert (
        run_session(request(tmp_path / "t", "scripted", seconds=1.0), make_station(), person()).end
        == End.DONE
    )
    folder = TrialsFolder(tmp_path / "t")
    with Ledger(folder.read_plan(), folder.journal), pytest.raises(JournalBusyError):
        run_session(asked, make_station(), person())


def test_another_plan_or_policy_is_refused(
    make_station: Make, person: Make, lazy: Path, wild: Path, tmp_path: Path
) -> None:
    """A plan is not changed once it was begun, nor is what a name means."""
    run_session(request(tmp_path / "t", f"a={lazy}", seconds=1.0), make_station(), person())
    for other, words in (
        (request(tmp_path / "t", f"b={lazy}"), "are `b`"),
        (request(tmp_path / "t", f"a={lazy}", count=5), "another `trials`"),
    ):
        with pytest.raises(RequestError, match=words):
            run_session(other, make_station(), person())


def test_a_real_arm_does_not_move_without_the_phrase(
    make_station: Make, person: Make, lazy: Path, tmp_path: Path
) -> None:
    """Policies are warmed up and watch, and that is all."""
    station = make_station(real=True)
    with pytest.raises(UnsafeError):
        run_session(request(tmp_path / "t", f"a={lazy}"), station, person("yes"))
    assert station.driver.moves == 0
    assert not (tmp_path / "t" / "sessions").exists()


@pytest.fixture(autouse=True)
def real_time_kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody tests on a real-time kernel."""
    kernel = tmp_path / "realtime"
    kernel.write_text("1\n")
    monkeypatch.setattr("toto_bench.deploy.session.checks._KERNEL", kernel)
    monkeypatch.setattr("resource.getrlimit", lambda which: (99, 99))


def test_real_trials_with_a_person_beside_the_arm(
    make_station: Make, agreeing: Make, lazy: Path, tmp_path: Path
) -> None:
    """Phrase, slow run, start, place with photos, trial, label; the reference photo is kept and shown again."""
    station = make_station(real=True)
    ada = agreeing(Type=PHRASE, should="y", success="s slowly", another="")
    outcome = run_session(
        request(tmp_path / "t", f"a={lazy}", f"b={lazy}", seconds=1.0, count=1), station, ada
    )
    assert outcome.end == End.DONE, outcome.message
    asked = [question for question in ada.asked if "ends" not in question]
    assert PHRASE in asked[0]
    assert "slowly and not counted" in asked[1]
    assert sum("Did the arm move" in question for question in asked) == 2
    report = gather(TrialsFolder(tmp_path / "t"))
    assert report.simulated is False
    assert [tally.successes for tally in report.tallies] == [1, 1]
    label = report.standings[1].label
    assert label is not None
    assert (label.labeller, label.note, label.automatic) == ("ada", "slowly", False)
    assert report.folder.photo(1).is_file()
    assert (report.folder.photos / "now.png").is_file()
    assert any("becomes it" in text for text in ada.said)
    assert any("Similarity" in text for text in ada.said)


def test_the_operator_may_pause_between_trials(
    make_station: Make, agreeing: Make, lazy: Path, tmp_path: Path
) -> None:
    ada = agreeing(Type=PHRASE, should="y", success="s", ends="q")
    asked = request(tmp_path / "t", f"a={lazy}", seconds=1.0)
    assert run_session(asked, make_station(real=True), ada).end == End.PAUSED
    assert gather(TrialsFolder(tmp_path / "t")).standings[1].started is None


@pytest.mark.parametrize(("answer", "end"), [("n", End.FAULT), ("y", End.DONE)])
def test_after_an_aborted_real_trial_a_person_decides(
    answer: str, end: End, make_station: Make, agreeing: Make, lazy: Path, tmp_path: Path
) -> None:
    """Nothing is made ready again by itself."""
    station = make_station(real=True)
    ada = agreeing(Type=PHRASE, should="y", success="s", Go=answer)
    ask, faults = ada.ask, [Fault(FaultKind.REFLEX, "act", count=1)]

    def ask_and_fail(question: str) -> str:
        if "starts the trial" in question and faults:
            station.driver.add(faults.pop())
        if "Enter ends the trial" in question:
            time.sleep(0.3)
        return str(ask(question))

    ada.ask = ask_and_fail
    assert run_session(request(tmp_path / "t", f"a={lazy}", seconds=1.0), station, ada).end == end
    report = gather(TrialsFolder(tmp_path / "t"))
    assert report.standings[1].is_aborted
    assert (report.standings[2].label is not None) == (answer == "y")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_told_to_end_does_not_wait_for_enter(
    number: int, make_station: Make, agreeing: Make, lazy: Path, tmp_path: Path
) -> None:
    """The arm stands, the journal says why, and whoever sent the signal may be far from the keyboard."""
    station = make_station(real=True)
    ada, nobody = agreeing(Type=PHRASE, should="y"), threading.Event()
    ask = ada.ask

    def ask_or_be_gone(question: str) -> str:
        if "Enter ends the trial" in question:
            before = station.driver.moves
            while station.driver.moves == before:
                time.sleep(0.001)
            os.kill(os.getpid(), number)
            nobody.wait()
        return str(ask(question))

    ada.ask = ask_or_be_gone
    outcome = run_session(request(tmp_path / "t", f"a={lazy}", seconds=30.0), station, ada)
    nobody.set()
    assert outcome.end == End.INTERRUPTED
    assert gather(TrialsFolder(tmp_path / "t")).standings[1].is_aborted


def test_a_camera_for_photos_has_to_be_there(
    make_station: Make, person: Make, lazy: Path, tmp_path: Path
) -> None:
    asked = replace(request(tmp_path / "t", f"a={lazy}"), photo_camera="wirst")
    with pytest.raises(RequestError, match="Did you mean `wrist`"):
        run_session(asked, make_station(), person())
    assert not (tmp_path / "t").exists()


def test_a_full_disk_is_refused_before_anything_moves(
    make_station: Make, person: Make, lazy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("U", (), {"free": 1e9})())
    station = make_station()
    outcome = run_session(request(tmp_path / "t", f"a={lazy}"), station, person())
    assert outcome.end == End.FAULT
    assert "1.0 GB free" in outcome.message
    assert station.driver.moves == 0
