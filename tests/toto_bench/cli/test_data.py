"""`toto-bench data make-sample`, `show` and `check`, from words to exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.samples.recipes import RECIPES

RECIPE = """
import time


class Dots:
    name = "dots"

    def units(self, making):
        return [f"dot-{number}" for number in range(2 * making.scale)]

    def make(self, unit, folder, making):
        (folder / f"{unit}.txt").write_text(f"{unit} {making.seed}")

    def finish(self, folder, making):
        (folder / "list.txt").write_text(" ".join(self.units(making)))


class Broken(Dots):
    def make(self, unit, folder, making):
        raise ZeroDivisionError("nothing to divide")


DOTS, BROKEN = Dots(), Broken()
"""
HEAVY = ("torch", "numpy", "pandas", "pyarrow", "timm", "cv2", "mujoco", "PIL", "av", "matplotlib")


@pytest.fixture(autouse=True)
def recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only two samples are quickly made, or not at all; the current folder is empty."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "dots_recipe.py").write_text(RECIPE)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    for name in reversed(list(RECIPES)):  # they come back from the last to the first: in their order
        monkeypatch.delitem(RECIPES, name)
    monkeypatch.setitem(RECIPES, "dots", "dots_recipe:DOTS")
    monkeypatch.setitem(RECIPES, "broken", "dots_recipe:BROKEN")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def make(*more: str) -> int:
    """`toto-bench data make-sample` without a renderer."""
    return invoke(["data", "make-sample", "--out", "world", "--backend", "ray", "--workers", "1", *more])


def test_make_sample_says_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each sample, and what made it; then again, when nothing is left to do."""
    assert make("--tasks", "dots", "--scale", "2", "--seed", "3") == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].split()[:3] == ["dots", "4", "5"]
    assert "manifest.json: seed 3, scale 2, rendered with ray" in captured.out
    assert Path("world/dots/dot-3.txt").read_text() == "dot-3 3"
    assert make("--tasks", "dots", "--scale", "2", "--seed", "3") == 0
    assert "made before" in capsys.readouterr().out


def test_make_sample_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One document on stdout."""
    assert make("--tasks", "dots,dots", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    manifest = json.loads(Path("world/manifest.json").read_text())
    dots = document["tasks"].pop("dots")
    assert (dots["made"], dots["kept"], dots["files"]) == (2, 0, 3)
    assert dots["labels"] == manifest["tasks"]["dots"]["labels"]
    assert {**document, "tasks": manifest["tasks"]} == manifest


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--tasks", "dotz"], 2, "Did you mean `dots`"),
        (["--out", ""], 2, "`--out` is empty"),
        (["--tasks", ""], 2, "`--tasks` names nothing"),
        (["--tasks", " , "], 2, "`--tasks` names nothing"),
        (["--tasks", "broken"], 1, "`dot-0` of the sample `broken` could not be made (ZeroDivisionError"),
        (["--scale", "0"], 2, "--scale"),
        (["--seed", "-1"], 2, "--seed"),
        (["--backend", "vulkan"], 2, "--backend"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_paragraph(
    more: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, nothing on stdout."""
    assert make(*more) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert not captured.out


def test_another_seed_in_the_same_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the way out."""
    assert make("--tasks", "dots") == 0
    assert make("--tasks", "dots", "--seed", "1") == 2
    assert "choose another with `--out`" in capsys.readouterr().err


def test_show_writes_pictures(make_davis, capsys: pytest.CaptureFixture[str]) -> None:
    """And says where."""
    data = make_davis()
    assert invoke(["data", "show", str(data)]) == 0
    assert capsys.readouterr().out == "Wrote contact-sheets/davis.png\n"
    assert Path("contact-sheets/davis.png").is_file()
    assert invoke(["data", "show", "nowhere"]) == 2
    assert invoke(["data", "show", str(data), "--task", "cater"]) == 2
    assert "has not the layout of `cater`" in capsys.readouterr().err


def test_check_reads_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    """It is right, and has a fingerprint."""
    assert invoke(["data", "check", "davis", "--data", "sample", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["fingerprint"]) == 64
    assert report["listed"]
    assert not report["problems"]


@pytest.mark.parametrize("command", ["make-sample", "show", "check"])
def test_help_is_light(command: str) -> None:
    """It waits for no library."""
    code = (
        "import sys; from toto_bench.cli import invoke; invoke(['data', sys.argv[1], '--help']);"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "Usage: toto-bench data" in done.stdout
