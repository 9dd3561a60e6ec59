"""Several presets in one command."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.results.folder import find_records

FAST = ["--set", "resolution=64", "--set", "resize=square", "--set", "context_frames=2", "--set", "radius=4"]


def test_each_preset_is_a_run(
    make_davis: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In their order, named as they begin; a wrong name stops the command before the first."""
    monkeypatch.chdir(tmp_path)
    make_davis()
    words = ["run", "--task", "davis", "--backbone", "pixels", "--data", "DAVIS", *FAST, "--preset", "paper"]
    assert invoke([*words, "--preset", "nope"]) == 2
    assert "nope" in capsys.readouterr().err
    assert not find_records(Path("runs"))
    assert invoke([*words, "--preset", "dino"]) == 0
    err = capsys.readouterr().err
    assert err.index("== davis, pixels, preset paper, seed 0") < err.index(
        "== davis, pixels, preset dino, seed 0"
    )
    assert {record.preset for _, record in find_records(Path("runs"))} == {"paper", "dino"}
