"""The sample of Kinetics-400: lists and clips as CVDF has them, motions that no single frame tells."""

import csv
from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.samples.kinetics400 import RECIPE, recipe
from toto_bench.samples.kinetics400.motions import MOTIONS, build_scene
from toto_bench.samples.kinetics400.recipe import CLIPS, FPS, row_of
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator
from toto_bench.simulation.backends import choose_backend

pytestmark = pytest.mark.slow  # renders; with EGL never in one process with torch's compiler


def physics(label: str, number: int) -> Clip:
    """A clip without pictures."""
    scene = build_scene(label, generator(0, "test", label, str(number)))
    return play(scene, frames=75, fps=FPS, size=(120, 160), pictures=False, masks=False)


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


@pytest.mark.parametrize("number", range(3))
def test_things_move_as_their_class_says(number: int):
    away, nearer = (
        clip.positions[-1, 0] - clip.positions[0, 0]
        for clip in (physics(f"sliding {way}", number) for way in ("away", "nearer"))
    )
    assert away[1] > 0.15 > -0.15 > nearer[1]
    fall, bounces = (np.diff(physics(label, number).positions[:, 0, 2]) for label in ("falling", "bouncing"))
    assert fall.sum() < -0.15
    assert fall.max() < 0.01 < bounces.max()
    rolling, sliding = (physics(label, number).rotations[:, 0] for label in ("rolling", "sliding away"))
    assert np.abs(rolling[0] @ rolling[-1]) < 0.999
    assert np.allclose(sliding[0], sliding[-1])
    collision = physics("colliding", number)
    assert collision.touches("actor", "twin")
    assert np.linalg.norm(collision.positions[-1, 1] - collision.positions[0, 1]) > 0.1
    cover, uncover = (physics(label, number).positions[:, 2, 2] for label in ("covering", "uncovering"))
    assert cover[0] > cover[-1] + 0.1
    assert uncover[-1] > uncover[0] + 0.1


def test_where_things_stand_at_first_does_not_tell_the_class():
    """Nearest class mean on the starting places of all actors stays near chance, 0.125."""

    def places(label: str, numbers: range) -> np.ndarray:
        scenes = [build_scene(label, generator(0, "test", label, str(number))) for number in numbers]
        return np.array([[item.position[0] for item in scene.items[:3]] for scene in scenes])

    means = np.array([places(label, range(16)).mean(0) for label in MOTIONS])
    right = [
        np.argmin(((means - place) ** 2).sum(1)) == index
        for index, label in enumerate(MOTIONS)
        for place in places(label, range(16, 24))
    ]
    assert len(right) == 64
    assert np.mean(right) < 0.35
