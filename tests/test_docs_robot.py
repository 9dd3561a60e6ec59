"""docs/robot.md: its commands are run, and the drills that it lists are there."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.deploy.simulated import picture

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "robot.md").read_text()
DEPLOY = ROOT / "tests" / "toto_bench" / "deploy"
pytestmark = pytest.mark.usefixtures("one_thread")


ELSEWHERE = ("README.md", "docs/robots-simulation.md")


def commands(page: str = PAGE) -> list[list[str]]:
    """Every line of the `console` blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


SHORTER = {
    "record": ["--count", "4", "--size", "64x64"],
    "run --task": [
        "--set",
        "demonstrations=4",
        "--set",
        "crop=64",
        "--set",
        "epochs=1",
        "--set",
        "warmup_epochs=0",
    ],
    "dry-run": ["--seconds", "1"],
    "run TRIALS": ["--count", "1", "--seconds", "13"],
}
"""What makes the commands of the simulation take seconds."""


def shortened(words: list[str], run: str) -> list[str]:
    """A command of the simulation with the folder of the run that was made, and short."""
    line = " ".join(words[1:])
    more = next((more for start, more in SHORTER.items() if f" {start}" in f" {line}"), [])
    found = [word.replace("runs/RUN", run).replace("dino-s16", "timm:test_vit") for word in words[1:]]
    return [*found, *more]


def test_the_commands_of_the_simulation_work_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From demonstrations to the leaderboard, with a small network in the place of a backbone."""
    monkeypatch.chdir(tmp_path)
    renderer = picture.FrameRenderer
    monkeypatch.setattr(picture, "FrameRenderer", lambda *size_of: renderer(*size_of[:3], "ray"))
    simulation = PAGE.split("## Everything in simulation")[1].split("\n## ")[0]
    lines = re.findall(r"^toto-bench .*", simulation, re.MULTILINE)
    assert len(lines) == 7
    for line in lines:
        run = next((str(path) for path in Path("runs").glob("*") if Path("runs").is_dir()), "runs/RUN")
        words = shortened(shlex.split(line), run)
        assert invoke(words) == 0, (words, capsys.readouterr())
    out = capsys.readouterr().out
    assert "robot=simulated FR3 (mujoco)" in out


@pytest.mark.parametrize("words", [w for w in commands() if "franky" in w], ids=lambda words: words[2])
def test_the_commands_of_a_real_arm_are_understood(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no robot here: what cannot move it says that nobody answers, what could says that nobody is there."""
    monkeypatch.chdir(tmp_path)
    make_policies(tmp_path)
    here = [word.replace("172.16.0.2", "127.0.0.1") for word in words[1:]]
    code, said = invoke(here), capsys.readouterr()
    if importlib.util.find_spec("franky") is None and words[2] in ("check", "dry-run"):
        assert code == 2, said
        assert "toto-bench[franka]" in said.out + said.err
    elif words[2] in ("check", "dry-run"):
        assert code == 1, said
        assert "robot" in said.out + said.err
    else:
        assert code == 2, said
        assert "no terminal" in said.err


def make_policies(folder: Path) -> None:
    """The run that the commands name, and a token."""
    from toto_bench.robots.policy import ActionSpec, PolicySpec, make_policy

    names = (*(f"joint_{number}" for number in range(1, 8)), "gripper")
    spec = PolicySpec(proprio=names, action=ActionSpec(kind="joint-delta", names=names), rate_hz=10.0)
    make_policy(spec).save(folder / "runs" / "RUN" / "artifacts" / "policy")
    (folder / "robot-token").write_text("a-token-of-many-letters")
    (folder / "robot-token").chmod(0o600)


def test_the_other_commands_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of labels are tested where they are made; here only that they parse, on a folder without trials."""
    monkeypatch.chdir(tmp_path)
    rest = [words for words in commands() if "label" in words]
    assert len(rest) == 3
    assert [invoke(words[1:]) for words in rest] == [2, 2, 2]
    [serve] = [words for words in commands() if "serve" in words]
    assert serve[3:] == ["runs/RUN", "--device", "cuda", "--host", "0.0.0.0", "--token-file", "robot-token"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_other_pages_show_is_understood(name: str) -> None:
    """Commands and options are there; what they do is run from this page, or where the command is tested."""
    found = commands((ROOT / name).read_text())
    assert found
    assert [invoke([*words[1:], "--help"]) for words in found] == [0] * len(found)


def test_every_command_is_in_one_of_these_tests() -> None:
    kinds = {words[2] for words in commands() if words[1] == "robot"}
    assert kinds == {"record", "check", "calibrate-latency", "dry-run", "run", "label", "report", "serve"}


@pytest.mark.parametrize("name", re.findall(r"`([\w/]+\.py::\w+)`", PAGE))
def test_every_drill_in_the_table_is_a_test(name: str) -> None:
    path, function = name.split("::")
    assert re.search(rf"^def {function}\(", (DEPLOY / path).read_text(), re.MULTILINE), name
