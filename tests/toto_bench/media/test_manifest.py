"""What is remembered about files."""

import os
from pathlib import Path

import pytest

from toto_bench.media.manifest import Known, Manifest
from toto_bench.media.sources import Source


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Source]:
    """One good, one bad, and two parts of a third."""
    for name, text in (("good", "good"), ("bad", "bad!"), ("parts", "goodbad!")):
        (tmp_path / name).write_text(text)
    parts = {f"part-{start}": Source(tmp_path / "parts", start, 4) for start in (0, 4)}
    return {name: Source(tmp_path / name) for name in ("good", "bad")} | parts


class Look:
    """Finds fault with what says `bad`, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, source: Source) -> tuple[str | None, tuple[float, ...]]:
        self.asked += 1
        return ("it is bad", ()) if b"bad" in source.read() else (None, (source.read()[0],))


def test_problems_are_remembered(files: dict[str, Source], tmp_path: Path) -> None:
    """By another process too, which looks at nothing."""
    look = Look()
    found = Manifest(tmp_path, "videos").probe(files, look)
    assert {name for name, known in found.items() if known.problem} == {"bad", "part-4"}
    assert found["good"].facts == (ord("g"),)
    later = Manifest(tmp_path, "videos")
    assert later.problems(files) == {"bad": "it is bad", "part-4": "it is bad"}
    assert later.probe(files, look) == found
    assert look.asked == 4


def test_a_changed_file_is_looked_at_again(files: dict[str, Source], tmp_path: Path) -> None:
    """Mended, of the same length: its time tells."""
    look = Look()
    Manifest(tmp_path, "videos").probe(files, look)
    (tmp_path / "bad").write_text("good")
    os.utime(tmp_path / "bad", ns=(1, 1))
    manifest = Manifest(tmp_path, "videos")
    assert list(manifest.problems(files)) == ["part-4"]
    assert manifest.probe(files, look)["bad"].problem is None
    assert look.asked == 5


def test_data_sets_and_kinds_are_apart(files: dict[str, Source], tmp_path: Path) -> None:
    """What does not decode as a video may be an image."""
    Manifest(tmp_path, "videos").probe(files, Look())
    assert Manifest(tmp_path, "images").problems(files) == {}
    assert Manifest(tmp_path.parent, "videos").problems(files) == {}


def test_a_file_that_cannot_be_looked_at(tmp_path: Path) -> None:
    """A broken link: a problem, and not remembered."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    files = {"link": Source(tmp_path / "link")}
    manifest = Manifest(tmp_path, "videos")
    assert "cannot be read" in str(manifest.probe(files, Look())["link"].problem)
    assert Manifest(tmp_path, "videos").problems(files) == {}


@pytest.mark.parametrize("content", ["", "[1, 2]", '{"good": [1]}', '{"good": ["a", "b", null, []]}'])
def test_a_damaged_manifest_is_begun_anew(content: str, files: dict[str, Source], tmp_path: Path) -> None:
    """It costs time, nothing else."""
    manifest = Manifest(tmp_path, "videos")
    manifest.path.parent.mkdir(parents=True, exist_ok=True)
    manifest.path.write_text(content)
    again = Manifest(tmp_path, "videos")
    assert again.problems(files) == {}
    assert isinstance(again.probe(files, Look())["good"], Known)


def test_an_interrupted_check_keeps_what_it_found(
    files: dict[str, Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved now and then, not only at the end."""
    monkeypatch.setattr("toto_bench.media.manifest._SAVED_EVERY", 1)

    def stop_at_bad(source: Source) -> tuple[str | None, tuple[float, ...]]:
        if source.path.name == "bad":
            raise KeyboardInterrupt
        return None, ()

    with pytest.raises(KeyboardInterrupt):
        Manifest(tmp_path, "videos").probe(files, stop_at_bad, workers=1)
    look = Look()
    Manifest(tmp_path, "videos").probe(files, look)
    assert look.asked == 3
