"""From an installed wheel, in an empty folder: what `toto-bench new` writes runs end to end, alone and shared."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest

from toto_bench.scaffold.names import Names
from toto_bench.scaffold.write import TEMPLATES

ROOT = Path(__file__).resolve().parents[1]


class Place:
    """A Python that has toto-bench from its wheel, the libraries of this one, and a folder to work in."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python, self.folder = python, folder
        self.packages = next(python.parents[1].glob("lib/python*/site-packages"))

    def install(self, wheel: Path) -> None:
        """As pip would, without its checks."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.packages)

    def run(self, line: str, **environment: str) -> str:
        """Run a command line as it stands; its stdout."""
        words = shlex.split(line)
        known = {"toto-bench": ["-m", "toto_bench"], "pytest": ["-m", "pytest"], "python": []}
        done = subprocess.run(
            [self.python, *known[words[0]], *words[1:]],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def build(source: Path, out: Path) -> Path:
    """The wheel of a project, built with the hatchling that is installed."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel in its own site-packages; the editable install is out of its reach."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    packages = next(place.glob("lib/python*/site-packages"))
    # A path alone: the .pth files in it, and with them the editable install, are not followed.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with zipfile.ZipFile(build(ROOT, tmp_path_factory.mktemp("dist"))) as archive:
        archive.extractall(packages)
    return python


@pytest.fixture
def place(installed: Path, tmp_path: Path) -> Place:
    """That Python, in an empty folder."""
    (tmp_path / "empty").mkdir()
    return Place(installed, tmp_path / "empty")


def printed_commands(out: str) -> list[str]:
    """The indented lines that `new` ends with."""
    return [line.strip() for line in out.splitlines() if line.startswith("  ")]


@pytest.mark.slow  # minutes; each command is also run by the documents' tests
def test_a_new_task_and_a_new_backbone_run_together(place: Place) -> None:
    """Every command that `new` prints works as it is printed; then the one runs on the other, and has its row."""
    where = place.run("python -c 'import toto_bench; print(toto_bench.__file__)'")
    assert where.startswith(str(place.packages)), "another copy was imported"
    lines = printed_commands(place.run("toto-bench new task count-shapes"))
    lines += printed_commands(place.run("toto-bench new backbone tiny-eyes"))
    assert len(lines) == 8
    for line in dict.fromkeys(lines):
        place.run(line)
    place.run("toto-bench validate count-shapes tiny-eyes --plugin-dir my_plugins")
    both = "--backbone tiny-eyes --random-init --data sample --plugin-dir my_plugins"
    place.run(f"toto-bench run --task count-shapes {both} --seed 0 --seed 1")
    table = place.run("toto-bench leaderboard --task count-shapes --plugin-dir my_plugins")
    assert re.search(r"\| (Tiny Eyes|tiny-eyes).*\| 24/24 \|", table), table
    listed = place.run("toto-bench list", TOTO_BENCH_PATH="my_plugins")
    assert "count-shapes" in listed
    assert "tiny-eyes" in listed


def test_shared_as_a_package_it_needs_no_option(place: Place, tmp_path: Path) -> None:
    """The pyproject.toml in the document, built into a wheel: cards and code are found from anywhere."""
    place.run("toto-bench new task count-shapes")
    document = (ROOT / "docs" / "add-a-task.md").read_text()
    [project] = re.findall(r"```toml\n(\[build-system\].*?)```", document, re.DOTALL)
    (place.folder / "pyproject.toml").write_text(project)
    wheel = build(place.folder, tmp_path / "wheel")
    elsewhere = Place(place.python, tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    elsewhere.install(wheel)
    try:
        assert "count-shapes" in elsewhere.run("toto-bench list tasks")
        out = elsewhere.run("toto-bench run --task count-shapes --backbone pixels --data sample --json")
        assert '"accuracy"' in out
    finally:
        for path in elsewhere.packages.glob("my_plugins*"):
            path.rename(tmp_path / path.name)


READER = '''
"""A task that reads with workers of its own, and a data set that asks there for the cards of its plug-in."""

from torch.utils.data import DataLoader, Dataset

from toto_bench.cards import task_cards
from toto_bench.tasks.base import DataReport, ProtocolModel, Task


class Cards(Dataset):
    """Whether a process sees the task that this very module belongs to."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return int("count-shapes" in task_cards())


class CountShapes(Task):
    """Only `check` is there."""

    protocol = ProtocolModel

    def check(self, data, protocol, *, thorough=False):
        counts = {
            way: sum(int(x) for x in DataLoader(Cards(), num_workers=1, multiprocessing_context=way))
            for way in ("fork", "spawn")
        }
        return DataReport(data, "made up", "flat", counts, ("a",), {}, (), "0")

    def evaluate(self, backbone, data, protocol, context):
        raise NotImplementedError
'''


@pytest.mark.parametrize("way", ["option", "variable"])
def test_plug_ins_work_in_workers(way: str, tmp_path: Path) -> None:
    """A data set of a plug-in's module is read by workers that are forked, and by those that start afresh."""
    names = Names("plug", "count-shapes", "count_shapes", "CountShapes", "Count Shapes")
    folder = tmp_path / "apart" / "plug"
    (folder / "tasks").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "count_shapes.py").write_text(textwrap.dedent(READER))
    card = names.fill((TEMPLATES / "task" / "card.toml").read_text())
    card = re.sub(r"(?m)^(side|layer|final_norm|similarity|values) = .*\n", "", card)
    (folder / "tasks" / "count-shapes.toml").write_text(card)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").touch()
    option = ["--plugin-dir", str(folder)] if way == "option" else []
    variable = {"TOTO_BENCH_PATH": str(folder)} if way == "variable" else {}
    done = subprocess.run(
        [sys.executable, "-m", "toto_bench", "data", "check", "count-shapes", "--data", "data", *option],
        cwd=tmp_path,
        env=os.environ | variable,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"Fork +2\nSpawn +2\n", done.stdout), done.stdout
