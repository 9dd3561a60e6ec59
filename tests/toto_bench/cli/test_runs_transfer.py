"""`runs verify`, `runs export` and `runs import`, from words to exit code."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.cli import invoke

FAST = ["--set", "resolution=64", "--set", "resize=square", "--set", "context_frames=2", "--set", "radius=4"]


@pytest.fixture
def name(make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> str:
    """Id of a finished run in `runs`, in the current folder."""
    make_davis(frames=3)
    monkeypatch.chdir(tmp_path)
    assert invoke(["run", "--task", "davis", "--backbone", "pixels", "--data", "DAVIS", *FAST]) == 0
    capsys.readouterr()
    return next(Path("runs").iterdir()).name


def forge(name: str, before: str, after: str) -> None:
    path = Path("runs") / name / "record.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def test_verify_has_a_line_per_run(name, capsys):
    """All of them, or those that are named; scored again on request."""
    assert invoke(["runs", "verify"]) == 0
    assert capsys.readouterr().out == f"ok      {name}\n"
    assert invoke(["runs", "verify", "davis-pixels", f"runs/{name}", "--rescore"]) == 0
    assert capsys.readouterr().out == f"ok      {name}\n", "once, although it is named twice"


def test_verify_exits_with_1_when_a_run_is_not_as_it_says(name, capsys):
    """The others are still looked at."""
    shutil.copytree(Path("runs") / name, Path("runs") / f"{name}-2")
    forge(f"{name}-2", f'"id": "{name}"', f'"id": "{name}-2"')
    forge(name, '"seed": 0', '"seed": 1')
    assert invoke(["runs", "verify"]) == 1
    bad, good = capsys.readouterr().out.splitlines()
    assert bad.startswith(f"FAILED  {name}: ")
    assert "identity" in bad
    assert good == f"ok      {name}-2"


def test_verify_rescore_notices_an_edited_metric(name, capsys):
    """Which the rest does not."""
    value = json.loads((Path("runs") / name / "record.json").read_text())["metrics"]["j"]["value"]
    forge(name, f'"value": {value}', f'"value": {value / 2}')
    assert invoke(["runs", "verify"]) == 0
    assert invoke(["runs", "verify", "--rescore"]) == 1
    assert "scored again" in capsys.readouterr().out


def test_verify_takes_data_from_elsewhere(name, capsys):
    """A run of another machine: without its data nothing is wrong with it. A slip in the name of the data is one."""
    Path("DAVIS").rename("moved")
    assert invoke(["runs", "verify", "--rescore"]) == 0
    assert capsys.readouterr().out.startswith(f"ok      {name} (not scored again: Data: ")
    assert invoke(["runs", "verify", "--rescore", "--data", "moved"]) == 0
    assert capsys.readouterr().out == f"ok      {name}\n"
    assert invoke(["runs", "verify", "--rescore", "--data", "move"]) == 2
    assert "move, which does not exist" in capsys.readouterr().err
    assert invoke(["runs", "verify", "--data", "moved"]) == 2
    assert "add `--rescore`" in capsys.readouterr().err


def test_verify_as_json(name, capsys):
    """For scripts."""
    assert invoke(["runs", "verify", "--json"]) == 0
    [run] = json.loads(capsys.readouterr().out)
    assert run == {"id": name, "path": f"runs/{name}", "ok": True, "problems": [], "notes": []}


def test_verify_says_what_it_did_not_look_at(name, capsys):
    """Unfinished runs have no record; a folder without runs has nothing."""
    (Path("runs") / "davis-dino-b8-cc33" / "state").mkdir(parents=True)
    assert invoke(["runs", "verify"]) == 0
    assert "left aside: 1" in capsys.readouterr().err
    assert invoke(["runs", "verify", "davis-dino-b8-cc33"]) == 2
    assert "is not finished" in capsys.readouterr().err
    Path("empty").mkdir()
    assert invoke(["runs", "verify", "--runs", "empty"]) == 0
    assert "No finished runs in empty" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_verify_of_a_folder_that_is_not_there(words, tmp_path, monkeypatch, capsys):
    """Nothing was looked at: a slip in its name is no success."""
    monkeypatch.chdir(tmp_path)
    assert invoke(["runs", "verify", "--runs", "nowhere", *words]) == 2
    captured = capsys.readouterr()
    assert captured.err == "Error: There is no folder of runs nowhere: name one with `--runs DIR`.\n"
    assert captured.out == ""


@pytest.mark.parametrize("light", [[], ["--light"]], ids=["whole", "light"])
def test_export_and_import(name, capsys, light):
    """The run is in another folder afterwards, and enters lists and tables there."""
    assert invoke(["runs", "export", "davis-pixels", "--to", "pixels.tar.gz", *light]) == 0
    out = capsys.readouterr().out
    assert name in out
    assert ("left out" in out) == bool(light)
    assert invoke(["runs", "import", "pixels.tar.gz", "--runs", "others"]) == 0
    assert capsys.readouterr().out == f"others/{name}\n"
    assert invoke(["runs", "import", "pixels.tar.gz", "--runs", "others"]) == 0
    assert "is there already, skipped" in capsys.readouterr().out
    assert invoke(["runs", "verify", "--runs", "others"]) == 0
    assert invoke(["runs", "list", "--runs", "others"]) == 0
    assert name in capsys.readouterr().out
    assert invoke(["leaderboard", "--runs", "others", "--task", "davis"]) == 0
    assert "pixels" in capsys.readouterr().out


def test_import_of_what_was_left_out(name, capsys):
    """How many files were added is said; then the run can be scored again."""
    assert invoke(["runs", "export", "--to", "light.tar.gz", "--light"]) == 0
    assert invoke(["runs", "export", "--to", "whole.tar.gz"]) == 0
    assert invoke(["runs", "import", "light.tar.gz", "--runs", "others"]) == 0
    capsys.readouterr()
    assert invoke(["runs", "verify", "--runs", "others", "--rescore"]) == 0
    assert "not scored again: its predictions were left out" in capsys.readouterr().out
    assert invoke(["runs", "import", "whole.tar.gz", "--runs", "others"]) == 0
    files = sum(
        path.is_file()
        for folder in ("predictions", "overlays")
        for path in Path("runs").rglob(f"{folder}/**/*")
    )
    said = f"is there already; files added that had been left out: {files}"
    assert capsys.readouterr().out == f"others/{name}: {said}\n"
    assert invoke(["runs", "verify", "--runs", "others", "--rescore"]) == 0
    assert capsys.readouterr().out == f"ok      {name}\n"


def test_export_of_everything(name, capsys):
    """But of what is not finished, which is said."""
    (Path("runs") / "davis-dino-b8-cc33" / "state").mkdir(parents=True)
    assert invoke(["runs", "export", "--to", "all.tar.gz"]) == 0
    captured = capsys.readouterr()
    assert name in captured.out
    assert "left aside: 1" in captured.err


def test_export_asks_for_what_it_needs(name, capsys):
    """Runs, a file, and leave to replace one."""
    assert invoke(["runs", "export", "--to", "x.tar.gz", "--runs", "nowhere"]) == 2
    assert "no finished runs in nowhere" in capsys.readouterr().err
    assert invoke(["runs", "export", name]) == 2
    assert invoke(["runs", "export", "davis-dino", "--to", "x.tar.gz"]) == 2
    assert "There is no run `davis-dino`" in capsys.readouterr().err
    Path("x.tar.gz").write_bytes(b"mine")
    assert invoke(["runs", "export", name, "--to", "x.tar.gz"]) == 2
    assert Path("x.tar.gz").read_bytes() == b"mine"
    assert invoke(["runs", "export", name, "--to", "x.tar.gz", "--force"]) == 0


@pytest.mark.parametrize(("content", "code"), [(None, 2), (b"junk", 1)], ids=["absent", "junk"])
def test_import_of_what_is_no_archive(tmp_path, monkeypatch, capsys, content, code):
    """One paragraph."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("x.tar.gz").write_bytes(content)
    assert invoke(["runs", "import", "x.tar.gz"]) == code
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("Error: ")


def test_nothing_heavy_is_imported(name):
    """Verifying (without scoring again), exporting and importing are hashes and copies."""
    code = (
        "import sys\n"
        "from toto_bench.cli import invoke\n"
        "assert invoke(['runs', 'verify']) == 0\n"
        "assert invoke(['runs', 'export', 'davis-pixels', '--to', 'x.tar.gz']) == 0\n"
        "assert invoke(['runs', 'import', 'x.tar.gz', '--runs', 'others']) == 0\n"
        "heavy = {'torch', 'numpy', 'pandas', 'pyarrow', 'timm', 'transformers', 'cv2', 'matplotlib'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
