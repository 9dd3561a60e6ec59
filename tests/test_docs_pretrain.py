"""The commands of docs/pretrain.md, on a few clips and for a step or two."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from toto_bench.cli import invoke
from toto_bench.media.h264 import write_h264

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("one_thread")


def commands() -> list[list[str]]:
    """Every line of the `console` blocks that begins with `toto-bench`."""
    text = (ROOT / "docs" / "pretrain.md").read_text().replace("\\\n", " ")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [
        shlex.split(line) for block in blocks for line in block.splitlines() if line.startswith("toto-bench")
    ]


def test_the_commands_work_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make-sample` has tests of its own, and weights of Toto-large are not at hand: the rest is run."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for number in range(4):
        frames = rng.integers(0, 256, (20, 10, 14, 3), np.uint8).repeat(16, axis=1).repeat(16, axis=2)
        write_h264(tmp_path / "world" / "video" / f"{number}.mp4", frames, 30, crf=30)
    done = []
    for words in commands():
        if "make-sample" in words or "toto-large.safetensors" in words or "FILE" in words:
            continue
        shorter = ["--steps", "1"] if words[1] == "pretrain" else ["--limit", "1"]
        code = invoke([*words[1:], *shorter])
        assert code == 0, (words, capsys.readouterr().err)
        done.append(words[1])
    assert done == ["pretrain", "pretrain", "run", "pretrain", "loss"]


def test_the_command_of_adaptation_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    [words] = [words for words in commands() if "toto-large.safetensors" in words]
    assert invoke(words[1:]) == 2
    assert "toto-large.safetensors" in capsys.readouterr().err
