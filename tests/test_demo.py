"""`make demo`: DAVIS on the sample that is shipped, and the table that the README shows of it."""

import re
from pathlib import Path

import pytest

from toto_bench.cli import invoke

ROOT = Path(__file__).resolve().parents[1]


def numbers(text: str) -> dict[str, float]:
    """Rows of a table of metrics: name to points."""
    rows = re.findall(r"^(J&F|[JF](?: recall| decay)?) +(-?\d+\.\d)", text, re.MULTILINE)
    return {name: float(value) for name, value in rows}


@pytest.mark.bundle
def test_the_readme_shows_what_the_demo_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command of the Makefile; to a point, since other machines decode and resize a little otherwise."""
    [command] = re.findall(
        r"^\t\$\(BIN\)/toto-bench (run .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    monkeypatch.chdir(tmp_path)
    assert invoke(command.split()) == 0
    printed = numbers(capsys.readouterr().out)
    assert len(printed) == 7
    assert printed == pytest.approx(numbers((ROOT / "README.md").read_text()), abs=1)
    assert len(list(tmp_path.glob("runs/*/artifacts/overlays/*.mp4"))) == 6
