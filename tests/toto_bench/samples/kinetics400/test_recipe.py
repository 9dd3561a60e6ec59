"""The sample of Kinetics-400: lists and clips as CVDF has them."""

import csv
from pathlib import Path

import av
import pytest

from toto_bench.samples.kinetics400 import RECIPE, recipe
from toto_bench.samples.kinetics400.motions import MOTIONS
from toto_bench.samples.kinetics400.recipe import CLIPS, FPS, row_of
from toto_bench.samples.recipe import Making
from toto_bench.simulation.backends import choose_backend

pytestmark = pytest.mark.slow  # renders; with EGL never in one process with torch's compiler


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    """One short, small clip of each class and split."""
    monkeypatch.setattr(recipe, "CLIPS", {"train": 1, "val": 1})
    monkeypatch.setattr(recipe, "SIZE", (24, 32))
    monkeypatch.setattr(recipe, "SECONDS", 0.2)
    return Making(seed=1, backend=choose_backend())


def test_the_layout_is_that_of_cvdf(making: Making, tmp_path: Path):
    for unit in RECIPE.units(making):
        RECIPE.make(unit, tmp_path, making)
    RECIPE.finish(tmp_path, making)
    listed = set()
    for split in ("train", "val"):
        text = (tmp_path / "annotations" / f"{split}.csv").read_text()
        assert text.startswith("label,youtube_id,time_start,time_end,split\n")
        for line in csv.DictReader(text.splitlines()):
            assert line["split"] == split
            start, end = int(line["time_start"]), int(line["time_end"])
            listed.add((f"{split}/{line['youtube_id']}_{start:06d}_{end:06d}.mp4", line["label"]))
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.mp4")}
    assert found == {name for name, _ in listed}
    assert {label for _, label in listed} == set(MOTIONS)
    classes = (tmp_path / "annotations" / "classes.txt").read_text().splitlines()
    assert classes == sorted(MOTIONS)


def test_a_clip_is_h264_with_every_frame(making: Making, tmp_path: Path):
    unit = RECIPE.units(making)[0]
    RECIPE.make(unit, tmp_path, making)
    with av.open(str(tmp_path / row_of(unit, making.seed).file)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.codec_context.pix_fmt, stream.width, stream.height) == ("yuv420p", 32, 24)
        assert stream.average_rate == FPS
        assert stream.frames == sum(1 for _ in container.decode(video=0)) == 6


def test_the_same_frames_give_the_same_file_whatever_was_made_before(making: Making, tmp_path: Path):
    first, second = RECIPE.units(making)[:2]
    for folder, units in (("alone", [second]), ("after", [first, second])):
        for unit in units:
            RECIPE.make(unit, tmp_path / folder, making)
    name = row_of(second, making.seed).file
    assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "after" / name).read_bytes()


def test_identifiers_are_as_awkward_as_real_ones():
    rows = [row_of(unit, 0) for unit in RECIPE.units(Making(scale=2))]
    names = [row.youtube_id for row in rows]
    assert len(set(names)) == len(names) == 2 * len(MOTIONS) * sum(CLIPS.values())
    assert all(len(name) == 11 for name in names)
    assert any(name.startswith("-") for name in names)
    assert any(name.startswith("_") for name in names)
    assert all(Path(row.file).stem.rsplit("_", 2)[0] == row.youtube_id for row in rows)
