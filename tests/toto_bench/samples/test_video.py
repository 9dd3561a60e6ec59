"""Clips without labels."""

from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.samples import video
from toto_bench.samples.imagenet import scenes
from toto_bench.samples.recipe import Making
from toto_bench.samples.video import RECIPE, build_scene
from toto_bench.samples.world.seeds import generator
from toto_bench.simulation.backends import choose_backend

pytestmark = pytest.mark.slow  # renders; with EGL never in one process with torch's compiler


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    """Two short, small clips."""
    monkeypatch.setattr(video, "CLIPS", 2)
    monkeypatch.setattr(video, "FRAMES", 4)
    monkeypatch.setattr(video, "SIZE", (32, 32))
    return Making(seed=1, backend=choose_backend())


def test_every_clip_is_listed(making: Making, tmp_path: Path):
    for unit in RECIPE.units(making):
        RECIPE.make(unit, tmp_path, making)
    RECIPE.finish(tmp_path, making)
    listed = (tmp_path / "clips.txt").read_text().splitlines()
    assert listed == sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.mp4"))
    assert len(listed) == 2
    with av.open(str(tmp_path / listed[0])) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [frame.shape for frame in frames] == [(32, 32, 3)] * 4


def test_clips_are_of_160_pixels():
    assert video.SIZE == (160, 160)


def test_no_texture_is_in_another_sample():
    """The same names and seed give other random numbers under another task."""
    ours = build_scene(generator(0, "video", "clip-000000"))
    theirs = scenes.build_scene("mug", generator(0, "imagenet", "clip-000000"))
    one, other = ours.surroundings.table.texture, theirs.surroundings.table.texture
    assert one is not None
    assert other is not None
    assert not np.array_equal(one, other)


def test_clips_and_seeds_differ():
    places = {
        build_scene(generator(seed, "video", unit)).items[0].position
        for seed in (0, 1)
        for unit in RECIPE.units(Making())[:5]
    }
    assert len(places) == 10
