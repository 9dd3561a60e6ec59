"""Clips without labels."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.samples import video
from toto_bench.samples.recipe import Making
from toto_bench.samples.video import RECIPE, _mixed, build_scene
from toto_bench.samples.world.furnishing import random_look
from toto_bench.samples.world.seeds import generator
from toto_bench.simulation.backends import choose_backend


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    """Two short, small clips."""
    monkeypatch.setattr(video, "CLIPS", 2)
    monkeypatch.setattr(video, "FRAMES", 4)
    monkeypatch.setattr(video, "SIZE", (32, 32))
    return Making(seed=1, backend=choose_backend())


@pytest.mark.slow  # renders; with EGL never in one process with torch's compiler
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


def test_surfaces_mix_two_patterns_where_other_samples_have_one():
    """The first pattern is that of the look; the second one comes next from the random numbers."""
    look = random_look(generator(0, "test", "first"))
    over = random_look(generator(0, "test", "second"), size=len(look.texture)).texture
    mixed = _mixed(generator(0, "test", "second"), look).texture.astype(float)
    first, second = look.texture.astype(float).ravel(), over.astype(float).ravel()
    shares = np.linalg.lstsq(np.stack([first, second], axis=1), mixed.ravel(), rcond=None)[0]
    assert shares.sum() == pytest.approx(1, abs=0.01)
    assert shares.min() > 0.29


def test_every_surface_is_mixed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(video, "_mixed", lambda _rng, look: replace(look, shine=-1.0))
    scene = build_scene(generator(0, "video", "clip-000000"))
    room = scene.surroundings
    looks = [room.table, room.walls, room.floor, *(item.look for item in scene.items)]
    assert {look.shine for look in looks} == {-1.0}


def test_clips_and_seeds_differ():
    places = {
        build_scene(generator(seed, "video", unit)).items[0].position
        for seed in (0, 1)
        for unit in RECIPE.units(Making())[:5]
    }
    assert len(places) == 10
