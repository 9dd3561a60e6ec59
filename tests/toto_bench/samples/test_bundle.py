"""The bundled sample: small enough to ship, and as its manifest says."""

import pytest

from toto_bench.samples.bundle import BUNDLE, bundled
from toto_bench.samples.manifest import describe, read_manifest

MOST, MOST_EACH = 10_000_000, 4_000_000


def test_it_is_small() -> None:
    """10 MB in all, each file under 4 MB."""
    sizes = {path: path.stat().st_size for path in BUNDLE.rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= MOST
    assert max(sizes.values()) < MOST_EACH


@pytest.mark.bundle
def test_it_is_what_its_manifest_says() -> None:
    """Every file of every task with its digest, and no other folder or file."""
    manifest = read_manifest(BUNDLE)
    assert (manifest.seed, manifest.scale) == (0, 1)
    assert {path.name for path in BUNDLE.iterdir()} == {*manifest.tasks, "manifest.json"}
    for name, files in manifest.tasks.items():
        assert describe(BUNDLE / name) == files
        assert bundled(name) == BUNDLE / name


def test_a_task_without_one(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """None, so that the task writes its own."""
    monkeypatch.setattr("toto_bench.samples.bundle.BUNDLE", tmp_path)
    assert bundled("davis") is None
    (tmp_path / "davis").mkdir()
    assert bundled("davis") == tmp_path / "davis"
