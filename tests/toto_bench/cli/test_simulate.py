"""simulate: experts are counted, robot models are listed, and looking at help is light."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.media.videos import describe_video
from toto_bench.simulation import backends

FEW = ["simulate", "expert", "franka-pick", "--episodes", "4"]


@pytest.mark.parametrize("part", ["expert", "assets"])
def test_help_imports_nothing_heavy(part: str) -> None:
    heavy = ("torch", "numpy", "mujoco", "gymnasium", "av")
    code = (
        f"import sys; from toto_bench.cli import invoke; status = invoke(['simulate', '{part}', '--help']);"
        f"print([name for name in {heavy} if name in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"
    assert "--json" in done.stdout


def test_an_experts_success_is_told_with_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke([*FEW, "--noise", "0.2", "--seed", "5"]) == 0
    shown = capsys.readouterr().out
    assert "franka-pick, action noise 0.2" in shown
    assert "100.0 % of 4 episodes (95 %: 51.0 to 100.0)" in shown
    assert shown.split("ending")[1].split() == ["episodes", "success", "4"]


def test_json_holds_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke([*FEW, "--seed", "5", "--noise", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["assets"], found["seed"], found["noise"]) == (
        "franka-pick",
        "primitive",
        5,
        50,
    )
    assert sum(found["endings"].values()) == found["episodes"] == 4
    assert found["successes"] == found["endings"]["success"] == 0
    assert found["failed"] == [5, 6, 7, 8]
    assert found["steps"] == {"p5": None, "p50": None, "p95": None}
    assert 0 == found["success"]["low"] < found["success"]["high"] < 0.6


def test_the_first_episode_is_filmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("toto_bench.cli.simulate_expert._SIDE", 32)
    monkeypatch.setattr(backends, "probe", lambda backend: "no OpenGL in this test")
    film = tmp_path / "new" / "expert.mp4"
    assert invoke([*FEW, "--video", str(film), "--json"]) == 0
    assert [path.name for path in film.parent.iterdir()] == ["expert.mp4"]
    steps = json.loads(capsys.readouterr().out)["steps"]
    info = describe_video(film)
    assert (info.height, info.width, info.fps) == (32, 32, 30)
    assert steps["p5"] / 2 - 2 <= info.frames <= steps["p95"] / 2 + 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["expert", "franka-push"], "choose one of franka-pick"),
        (["expert", "franka-pick", "--video", "expert.avi"], ".mp4"),
        (["expert", "franka-pick", "--assets", "meshes"], "Choose one of primitive, menagerie"),
        (["expert", "kuka-pick", "--assets", "menagerie"], "assets=primitive"),
        (["expert", "franka-pick", "--episodes", "0"], "--episodes"),
        (["expert", "franka-pick", "--noise", "-1"], "--noise"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_requests_exit_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["simulate", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert not captured.out


def test_models_are_listed_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mujoco_menagerie", None)
    assert invoke(["simulate", "assets"]) == 0
    shown = capsys.readouterr().out
    assert "primitive  franka        primitive-" in shown
    assert "pip install toto-bench[robot-assets]" in shown
    assert invoke(["simulate", "assets", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["source"], row["robot"], row["here"]) for row in rows] == [
        ("primitive", "franka", True),
        ("primitive", "kuka-allegro", True),
        ("menagerie", "franka", False),
    ]
    assert invoke(["simulate", "assets", "--prefetch"]) == 1
    captured = capsys.readouterr()
    assert "pip install toto-bench[robot-assets]" in captured.err
    assert not captured.out
