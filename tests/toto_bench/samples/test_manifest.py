"""The manifest: what counts as a label, and what changes its digest."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench._version import __version__
from toto_bench.files import sha256_of
from toto_bench.samples.manifest import (
    changed_files,
    describe,
    new_manifest,
    read_manifest,
    write_manifest,
)
from toto_bench.samples.recipe import Making

LABELS = np.arange(64, dtype=np.uint8).reshape(8, 8) % 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, a mask, a list, and something hidden."""
    root = tmp_path / "task"
    (root / ".parts").mkdir(parents=True)
    (root / ".parts" / "a.json").write_text("1")
    Image.fromarray(np.stack([LABELS * 100] * 3, axis=-1)).save(root / "a.jpg")
    Image.fromarray(LABELS).save(root / "a.png")
    (root / "list.txt").write_text("a 1\n")
    return root


def test_every_file_has_its_digest_and_size(folder: Path) -> None:
    """Hidden ones are left out."""
    found = describe(folder)
    assert list(found.files) == ["a.jpg", "a.png", "list.txt"]
    for name, file in found.files.items():
        assert file.sha256 == sha256_of(folder / name)
        assert file.bytes == (folder / name).stat().st_size
    assert found.bytes == sum(file.bytes for file in found.files.values())


def test_pixels_do_not_change_the_digest_of_labels(folder: Path) -> None:
    """Another renderer or encoder gives other pictures of the same world."""
    before = describe(folder)
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "a.jpg")
    after = describe(folder)
    assert after.files["a.jpg"] != before.files["a.jpg"]
    assert after.labels == before.labels


def test_masks_count_by_their_content(folder: Path) -> None:
    """Another compression is the same mask; one pixel is another one."""
    before = describe(folder)
    Image.fromarray(LABELS).save(folder / "a.png", compress_level=0)
    same = describe(folder)
    assert same.files["a.png"] != before.files["a.png"]
    assert same.labels == before.labels
    changed = LABELS.copy()
    changed[0, 0] += 1
    Image.fromarray(changed).save(folder / "a.png")
    assert describe(folder).labels != before.labels


@pytest.mark.parametrize("change", ["content", "name"])
def test_lists_count_by_their_bytes(folder: Path, change: str) -> None:
    """And by where they lie."""
    before = describe(folder).labels
    if change == "content":
        (folder / "list.txt").write_text("a 2\n")
    else:
        (folder / "list.txt").rename(folder / "other.txt")
    assert describe(folder).labels != before


def test_it_says_what_made_it(tmp_path: Path, folder: Path) -> None:
    """Versions, seed, scale, backend; read back as it was written."""
    manifest = new_manifest(Making(3, 2, "ray")).with_task("task", describe(folder))
    write_manifest(tmp_path, manifest)
    written = json.loads((tmp_path / "manifest.json").read_text())
    assert (written["toto_bench"], written["seed"], written["scale"], written["backend"]) == (
        __version__,
        3,
        2,
        "ray",
    )
    assert written["libraries"] == {name: version(name) for name in ("mujoco", "pillow", "av")}
    assert read_manifest(tmp_path) == manifest
    assert not manifest.without_task("task").tasks


def test_changed_files_are_found(folder: Path) -> None:
    """Missing, or of another size; additional ones do not matter."""
    files = describe(folder)
    (folder / "more.txt").write_text("more")
    assert changed_files(folder, files) == []
    (folder / "list.txt").write_text("a 11\n")
    (folder / "a.png").unlink()
    assert changed_files(folder, files) == ["a.png", "list.txt"]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "list.txt"])
def test_one_bit_is_a_change(folder: Path, name: str) -> None:
    """Of a label as of a picture; the size is the same."""
    files, content = describe(folder), bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    assert changed_files(folder, files) == [name]
