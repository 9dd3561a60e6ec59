"""`robot record`, `check`, `dry-run`, `run` and `serve`, from words to exit code."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.deploy.report import gather
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.safety import PHRASE
from toto_bench.robots.demonstrations import read_lerobot
from toto_bench.robots.policy import ActionSpec, Normalisation, PolicySpec, make_policy

NAMES = (*(f"joint_{number}" for number in range(1, 8)), "gripper")
FAST = ["--pace", "fast"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn_by_rays: None, one_thread: None
) -> None:
    monkeypatch.chdir(tmp_path)
    still = Normalisation(mean=(0.0,) * 8, std=(1e-4,) * 8)
    spec = PolicySpec(
        proprio=NAMES, action=ActionSpec(kind="joint-delta", names=NAMES, statistics=still), rate_hz=10.0
    )
    make_policy(spec).save(tmp_path / "lazy")


@pytest.fixture
def drawn_by_rays(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenGL is not for tests that share a process with others."""
    from toto_bench.deploy.simulated import picture

    renderer = picture.FrameRenderer

    def rays(model: object, height: int, width: int, backend: str) -> object:
        return renderer(model, height, width, "ray")  # type: ignore[arg-type]

    monkeypatch.setattr(picture, "FrameRenderer", rays)


def run(*words: str) -> int:
    return invoke(["robot", "run", "T", *FAST, "--count", "1", *words])


def test_demonstrations_without_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    """Two, then a third into the same set."""
    record = ["robot", "record", "D", *FAST, "--size", "16x16", "--start-noise", "0.05"]
    assert invoke([*record, "--count", "1"]) == 0
    assert invoke([*record, "--count", "2"]) == 0
    assert "2 demonstrations in D; 0 attempts were dropped" in capsys.readouterr().out
    assert [each.success for each in read_lerobot(Path("D"))] == [True, True]


def test_check_looks_and_tells(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert invoke(["robot", "check", "T", *FAST, "--policy", "a=lazy"]) == 0
    out = capsys.readouterr().out
    assert "ok   policy a" in out
    assert "simulated FR3" in out
    assert "FAIL" not in out
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("U", (), {"free": 1e9})())
    assert invoke(["robot", "check", "T", *FAST]) == 1
    assert "FAIL disk" in capsys.readouterr().out


def test_a_dry_run_tells_what_would_be_sent(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["robot", "dry-run", "--policy", "a=lazy", *FAST, "--seconds", "1"]) == 0
    out = capsys.readouterr().out
    assert "nothing would have stopped it" in out
    assert "policy p99" in out


def test_a_dry_run_of_a_policy_that_jumps_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    action = ActionSpec(kind="joint-position", names=NAMES)
    make_policy(PolicySpec(proprio=NAMES, action=action, rate_hz=10.0)).save(Path("wild"))
    assert invoke(["robot", "dry-run", "--policy", "wild", *FAST, "--seconds", "1"]) == 1
    assert "nothing would have stopped it" not in capsys.readouterr().out


def test_run_then_report(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, a second time too; the report stands beside the trials."""
    words = ["--policy", "scripted", "--policy", "a=lazy", "--seconds", "15", "--set", "camera_age=0.3"]
    assert run(*words) == 0
    assert "Next: toto-bench robot report T" in capsys.readouterr().out
    assert run(*words) == 0
    assert "run before" in capsys.readouterr().out
    assert invoke(["robot", "report", "T"]) == 0
    out = capsys.readouterr().out
    assert "`scripted` succeeds in 1 of 1 trials" in out
    assert "`a` succeeds in 0 of 1 trials" in out
    report = gather(TrialsFolder(Path("T")))
    assert report.sessions[0].environment.toto_bench
    assert report.sessions[0].protocol["time_limit_s"] == 15.0
    assert report.sessions[0].settings["guard"]["a"]["camera_age"] == 0.3


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--policy", "nothing"],
        ["--policy", "scripted", "--start", "1,2,3"],
        ["--policy", "scripted", "--start", "9,0,0,0,0,0,0"],
        ["--policy", "scripted", "--box", "1,0,0,1,0,1"],
        ["--policy", "scripted", "--region", "a,b,c,d"],
        ["--policy", "scripted", "--task", "franka-cube-pik"],
        ["--policy", "scripted", "--camera", "wrist=opencv:/dev/video0"],
        ["--policy", "scripted", "--host", "172.16.0.2"],
        ["--policy", "scripted", "--driver", "franky"],
        ["--policy", "scripted", "--speed", "2"],
        ["--policy", "scripted", "--set", "camera_aje=1"],
        ["--policy", "scripted", "--set", "camera_age=-1"],
        ["--policy", "scripted", "--set", "limits=1"],
        ["--policy", "scripted", "--seed", "-1"],
    ],
    ids=" ".join,
)
def test_wrong_requests_are_refused_before_anything(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 2
    assert capsys.readouterr().err
    assert not Path("T").exists()


def test_a_fault_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("U", (), {"free": 1e9})())
    assert run("--policy", "a=lazy") == 1
    assert "1.0 GB free" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "record", "calibrate-latency"])
def test_no_real_arm_moves_from_a_pipe(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is typed into it: not even a connection is made where trials or demonstrations are asked for."""
    words = {
        "run": ["robot", "run", "T", "--policy", "a=lazy"],
        "record": ["robot", "record", "D"],
        "calibrate-latency": ["robot", "calibrate-latency"],
    }[command]
    done = subprocess.run(
        [sys.executable, "-m", "toto_bench", *words, "--driver", "franky", "--host", "192.0.2.1",
         "--camera", "wrist=opencv:/dev/video0"],
        input=f"{PHRASE}\n" * 5, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "no terminal" in done.stderr


def test_there_is_no_option_that_skips_the_question() -> None:
    """Neither for the phrase, nor to call a real arm simulated."""
    for command in ("run", "record", "calibrate-latency", "dry-run", "check"):
        done = subprocess.run(
            [sys.executable, "-m", "toto_bench", "robot", command, "--help"], capture_output=True, text=True, check=True
        )  # fmt: skip
        words = done.stdout.split()
        assert not {"--yes", "--force", "-y", "--skip", "--simulated", "--no-confirm"} & set(words)


def test_serve_says_where_and_ends_with_ctrl_c(
    tmp_path: Path, wait_for_line: Callable[[subprocess.Popen[str], str], str]
) -> None:
    command = [sys.executable, "-m", "toto_bench", "robot", "serve", "a=lazy", "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        line = wait_for_line(server, "Serving a")
        url = next(word for word in line.split() if word.startswith("ws://")).rstrip(";")
        assert run("--policy", f"a=remote:{url}", "--trained", "a=lazy", "--seconds", "1") == 0
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
    assert server.returncode == 130
    [session] = Path("T/sessions").glob("*.json")
    assert json.loads(session.read_text())["policies"]["a"]["source"] == f"remote:{url}"


@pytest.fixture
def wait_for_line() -> Callable[[subprocess.Popen[str], str], str]:
    def wait(process: subprocess.Popen[str], words: str) -> str:
        assert process.stdout is not None
        for line in process.stdout:
            if words in line:
                return line
        raise AssertionError(process.stderr.read() if process.stderr else "")

    return wait
