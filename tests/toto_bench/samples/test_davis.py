"""The sample of DAVIS is what the reader of DAVIS wants. One sequence is rendered, with rays and few frames."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.cards import find_task
from toto_bench.samples.davis import RECIPE, recipe
from toto_bench.samples.davis.scenes import SCENES
from toto_bench.samples.davis.writing import palette
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator
from toto_bench.samples.world.stage import Stage
from toto_bench.simulation.backends import probe
from toto_bench.simulation.renderer import FrameRenderer
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.check import check
from toto_bench.tasks.davis.predictions import davis_palette

pytestmark = pytest.mark.slow  # renders; with EGL never in one process with torch's compiler


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of one sequence at a quarter of the size."""
    out = tmp_path_factory.mktemp("davis")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "FRAMES", 3)
        patch.setattr(recipe, "SIZE", (120, 212))
        patch.setattr(recipe, "SCENES", {"crossing": SCENES["crossing"]})
        making = Making(backend="ray")
        for unit in RECIPE.units(making):
            RECIPE.make(unit, out, making)
        RECIPE.finish(out, making)
    return out


def test_the_reader_accepts_it(folder: Path) -> None:
    report = check(folder, DavisProtocol(**find_task("davis").values("sample")), thorough=True)
    assert not report.problems
    assert report.counts == {"sequences": 1, "frames": 3, "masks": 3, "objects": 2}


def test_masks_are_those_of_the_picture_and_the_same_files_whatever_renders(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendered with EGL they come out to the byte; OpenGL sees the objects where rays do."""
    if reason := probe("egl"):
        pytest.skip(reason)
    monkeypatch.setattr(recipe, "FRAMES", 3)
    monkeypatch.setattr(recipe, "SIZE", (120, 212))
    RECIPE.make("crossing", tmp_path, Making(backend="egl"))
    masks = sorted(path.relative_to(folder) for path in folder.rglob("*.png"))
    assert len(masks) == 3
    for path in masks:
        assert (tmp_path / path).read_bytes() == (folder / path).read_bytes()
    pictures = "JPEGImages/480p/crossing/00000.jpg"
    assert (tmp_path / pictures).read_bytes() != (folder / pictures).read_bytes()


@pytest.mark.parametrize("kind", SCENES)
def test_rays_and_opengl_see_the_same_objects(kind: str) -> None:
    """So that masks cast with rays fit pictures drawn with OpenGL, round things too."""
    if reason := probe("egl"):
        pytest.skip(reason)
    size = (240, 426)
    stage = Stage(SCENES[kind](generator(0, "davis", kind)), 0.002)
    stage.settle(0.0)
    stage.look()
    seen = []
    for backend in ("egl", "ray"):
        with FrameRenderer(stage.model, *size, backend) as renderer:
            geoms = renderer.segmentation(stage.data)
        seen.append(np.where(geoms >= 0, stage.model.geom_bodyid[geoms], -1))
    for body in stage.item_bodies:
        one, two = (bodies == body for bodies in seen)
        assert (one & two).sum() / (one | two).sum() > 0.98


def test_masks_have_the_official_palette(folder: Path) -> None:
    with Image.open(folder / "Annotations/480p/crossing/00000.png") as image:
        assert image.mode == "P"
        assert image.getpalette()[:15] == davis_palette()[:15]
    assert palette() == davis_palette()


def test_more_sequences_have_names_and_looks_of_their_own() -> None:
    names = RECIPE.units(Making(scale=2))
    assert len(set(names)) == len(names) == 2 * len(SCENES)
    one, two = (SCENES["rolling"](generator(0, "davis", unit)) for unit in ("rolling", "rolling-1"))
    assert not np.array_equal(one.items[0].look.texture, two.items[0].look.texture)


@pytest.mark.parametrize("kind", SCENES)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_object_is_there_from_the_first_frame_and_something_moves(kind: str, seed: int) -> None:
    """What is not in the first mask is never scored."""
    scene = SCENES[kind](generator(seed, "davis", kind))
    clip = play(scene, frames=2, fps=0.65, size=(120, 212), backend="ray", pictures=False)
    assert 1 <= len(scene.items) <= 4
    assert (clip.areas[0] > 40).all()
    assert np.nanmax(np.linalg.norm(clip.projected[1] - clip.projected[0], axis=1)) > 20
