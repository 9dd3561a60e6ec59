"""The command line as a whole: light, quiet, and clear when something is wrong."""

import os
import subprocess
import sys

import click
import pytest

from toto_bench.cli import COMMANDS, cli, invoke
from toto_bench.errors import TotoBenchError

HEAVY = ("torch", "numpy", "pandas", "pyarrow", "timm", "cv2", "sklearn", "matplotlib", "av")
LIGHT = [
    ["--help"],
    ["--version"],
    ["list"],
    ["show", "task", "davis"],
    ["show", "backbone", "dino-b8"],
    ["leaderboard", "--task", "davis"],
    ["runs", "list"],
    *([command, "--help"] for command in COMMANDS),
]


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_light_commands_import_nothing_heavy(arguments: list[str], tmp_path) -> None:
    """Looking at cards and tables does not wait for torch."""
    code = (
        "import sys; from toto_bench.cli import invoke; status = invoke(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stderr.strip().splitlines()[-1] == "[] 0"
    assert done.stdout


def test_python_m_is_the_same_program() -> None:
    """Also the way in for torchrun."""
    done = subprocess.run(
        [sys.executable, "-m", "toto_bench", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("toto-bench, version ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["runn"], "No such command"),
        (["run", "--task", "davis"], "--backbone"),
        (["run", "--task", "davs", "--backbone", "pixels"], "Did you mean `davis`"),
        (["show", "task", "davs"], "Did you mean `davis`"),
        (["show", "backbone", "dino"], "Did you mean"),
        (
            ["run", "--task", "davis", "--backbone", "pixels", "--set", "topk=3", "--data", "sample"],
            "`top_k`",
        ),
        (
            ["run", "--task", "davis", "--backbone", "pixels", "--set", "top_k", "--data", "sample"],
            "name=value",
        ),
        (["run", "--task", "davis", "--backbone", "pixels", "--limit", "0"], "--limit"),
        (["run", "--task", "davis", "--backbone", "pixels"], "--data sample"),
        (["score", "davis", "nowhere", "--data", "sample"], "does not exist"),
        (["score", "franka-cube-pick", "nowhere"], "nothing to score"),
        (["run", "--task", "franka-cube-pick", "--backbone", "pixels"], "Record demonstrations"),
        (["score", "imagenet", "nowhere"], "nothing to score"),
        (["data", "check", "davis", "--data", "nowhere"], "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_requests_exit_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One paragraph on stderr, nothing on stdout, no traceback."""
    assert invoke(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert not captured.out


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (TotoBenchError("the disk is full"), 1, "Error: the disk is full"),
        (ZeroDivisionError("division by zero"), 1, "--debug"),
        (KeyboardInterrupt(), 130, "goes on where it was"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_errors_have_exit_codes(
    error: BaseException,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A traceback only with --debug."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli, "main", fail)
    assert invoke(["list"]) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    if code == 1:
        invoke(["--debug", "list"])
        assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_is_no_error(tmp_path) -> None:
    """`toto-bench list | head -1` ends quietly."""
    command = f"{sys.executable} -m toto_bench list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True, env=os.environ)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_every_command_says_what_it_does() -> None:
    """Help texts are there, for every option too."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.help
