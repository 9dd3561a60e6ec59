"""Wheel, sdist, editable install and the checkout find the same cards."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("tasks", "backbones", "leaderboards")
SCRIPT = """
import json, sys, toto_bench
from toto_bench.cards import backbone_cards, task_cards
from toto_bench.paths import shipped
print(json.dumps({
    "file": toto_bench.__file__,
    "tasks": {name: card.model_dump_json() for name, card in task_cards().items()},
    "backbones": {name: card.model_dump_json() for name, card in backbone_cards().items()},
    "shipped": str(shipped("tasks")),
}))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of what git tracks (or would), so that stray files of a working tree play no part."""
    folder = tmp_path_factory.mktemp("checkout")
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)
    names = listing.stdout.split("\n") if listing.returncode == 0 else []
    for name in filter(None, names):
        if (source := ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    if not names:
        pytest.skip("not a git checkout")
    return folder


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel, the sdist, and the wheel that is built from the sdist."""
    out = tmp_path_factory.mktemp("dist")
    build(checkout, out)
    sdist = next(out.glob("*.tar.gz"))
    unpacked = tmp_path_factory.mktemp("sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    again = tmp_path_factory.mktemp("again")
    build(next(unpacked.iterdir()), again, "--wheel")
    return {
        "wheel": next(out.glob("*.whl")),
        "sdist": next(unpacked.iterdir()),
        "again": next(again.glob("*.whl")),
    }


def build(source: Path, out: Path, *options: str) -> None:
    """Build with the hatchling that is installed."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *options, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def look(path: Path, cwd: Path) -> dict[str, object]:
    """What a fresh Python with `path` in front sees."""
    code = f"import sys; sys.path.insert(0, {str(path)!r})\n" + SCRIPT
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=cwd)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_all_ways_find_the_same_cards(built: dict[str, Path], checkout: Path, tmp_path: Path) -> None:
    """Checkout, sdist, wheel, wheel from the sdist and the installed package agree."""
    places = {"checkout": checkout, "sdist": built["sdist"]}
    for name in ("wheel", "again"):
        places[name] = tmp_path / name
        with zipfile.ZipFile(built[name]) as archive:
            archive.extractall(places[name])
    found = {name: look(place, tmp_path) for name, place in places.items()}
    for name, seen in found.items():
        assert str(seen["file"]).startswith(str(places[name])), "another copy was imported"
        assert str(seen["shipped"]).startswith(str(places[name])), "cards of another copy were read"
        assert seen["tasks"] == found["checkout"]["tasks"]
        assert seen["backbones"] == found["checkout"]["backbones"]
    editable = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert json.loads(editable.stdout)["tasks"] == found["checkout"]["tasks"]


@pytest.mark.parametrize("name", ["wheel", "again"])
def test_cards_in_the_wheel_equal_the_roots(built: dict[str, Path], checkout: Path, name: str) -> None:
    """Byte for byte, and each file once."""
    with zipfile.ZipFile(built[name]) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        for kind in KINDS:
            inside = {n: archive.read(n) for n in names if n.startswith(f"toto_bench/_data/{kind}/")}
            root = {
                f"toto_bench/_data/{path.relative_to(checkout).as_posix()}": path.read_bytes()
                for path in (checkout / kind).rglob("*")
                if path.is_file()
            }
            assert inside == root


@pytest.mark.parametrize("name", ["wheel", "again"])
def test_the_wheel_holds_every_file_of_the_package(built: dict[str, Path], checkout: Path, name: str) -> None:
    """Code and what lies beside it, the bundled sample too, byte for byte; in the sdist each lies once."""
    files = {path.relative_to(checkout).as_posix(): path for path in (checkout / "toto_bench").rglob("*")}
    package = {name: path.read_bytes() for name, path in files.items() if path.is_file()}
    with zipfile.ZipFile(built[name]) as archive:
        inside = {
            n: archive.read(n)
            for n in archive.namelist()
            if n.startswith("toto_bench/") and not n.startswith("toto_bench/_data/")
        }
    assert inside == package
    in_sdist = [
        path.relative_to(built["sdist"]).as_posix() for path in built["sdist"].rglob("*") if path.is_file()
    ]
    assert {path for path in in_sdist if path.startswith("toto_bench/")} == package.keys()


def test_the_wheel_holds_nothing_else(built: dict[str, Path]) -> None:
    """One top-level package, its types, its licence; no tests, no root folders under generic names."""
    with zipfile.ZipFile(built["wheel"]) as archive:
        names = archive.namelist()
    assert {n.split("/")[0] for n in names if ".dist-info" not in n} == {"toto_bench"}
    assert "toto_bench/py.typed" in names
    assert any(n.endswith("licenses/LICENSE") for n in names)
