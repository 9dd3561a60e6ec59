"""The bundled sample is what its recipes make today: labels are made again, without pictures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from toto_bench.samples.bundle import BUNDLE
from toto_bench.samples.cater import recipe as cater
from toto_bench.samples.davis import RECIPE as DAVIS
from toto_bench.samples.davis import recipe as davis
from toto_bench.samples.ego4d_sta import recipe as ego4d_sta
from toto_bench.samples.kinetics400 import RECIPE as KINETICS
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.playing import play

MAKING = Making(seed=0, scale=1, backend="ray")


def without_pictures(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe plays its scenes, but draws nothing and writes no picture."""

    def dark(scene: Any, *, frames: int, size: tuple[int, int], **more: Any) -> Clip:
        clip = play(scene, frames=frames, size=size, pictures=False, **more)
        object.__setattr__(clip, "frames", np.zeros((frames, 1, 1, 3), np.uint8))
        return clip

    monkeypatch.setattr(module, "play", dark)
    for writer in ("write_h264", "write_video", "write_jpeg"):
        if hasattr(module, writer):
            monkeypatch.setattr(module, writer, lambda *_, **__: None)


def test_lists_that_need_no_clips(tmp_path: Path) -> None:
    """Sequences of DAVIS; identifiers, times, labels and classes of Kinetics-400: byte for byte."""
    for recipe, files in (
        (DAVIS, ["ImageSets/2017/val.txt"]),
        (KINETICS, [f"annotations/{name}" for name in ("train.csv", "val.csv", "classes.txt")]),
    ):
        recipe.finish(tmp_path, MAKING)
        for name in files:
            assert (tmp_path / name).read_bytes() == (BUNDLE / recipe.name / name).read_bytes()


@pytest.mark.parametrize("unit", ["CATER_new_000001", "CATER_new_000013"])
def test_places_of_cater(unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every object in every frame."""
    without_pictures(cater, monkeypatch)
    cater.RECIPE.make(unit, tmp_path, MAKING)
    again, bundled = (
        json.loads((root / "scenes" / f"{unit}.json").read_text()) for root in (tmp_path, BUNDLE / "cater")
    )
    assert again["movements"] == bundled["movements"]
    for one, other in zip(again["objects"], bundled["objects"], strict=True):
        assert one["shape"] == other["shape"]
        assert np.allclose(list(one["locations"].values()), list(other["locations"].values()), atol=1e-6)


@pytest.mark.slow
def test_every_scene_and_list_of_cater(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of all three grids, byte for byte; places are rounded to thousandths."""
    without_pictures(cater, monkeypatch)
    for unit in cater.RECIPE.units(MAKING):
        cater.RECIPE.make(unit, tmp_path, MAKING)
    cater.RECIPE.finish(tmp_path, MAKING)
    for folder, count in (("scenes", 15), ("lists", 12)):
        files = sorted(path for path in (BUNDLE / "cater" / folder).rglob("*") if path.is_file())
        assert len(files) == count
        for path in files:
            assert (tmp_path / path.relative_to(BUNDLE / "cater")).read_bytes() == path.read_bytes()


def test_annotations_of_ego4d(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes to a pixel, times to a step of physics: another processor may round otherwise."""
    without_pictures(ego4d_sta, monkeypatch)
    ego4d_sta.RECIPE.make("val-0", tmp_path, MAKING)
    part = json.loads((tmp_path / ".parts" / "val-0.json").read_text())
    content = json.loads((BUNDLE / "ego4d_sta/annotations/fho_sta_val.json").read_text())
    bundled = [entry for entry in content["annotations"] if entry["video_uid"] == part["video"]]
    assert [entry["frame"] for entry in part["annotations"]] == [entry["frame"] for entry in bundled]
    for one, other in zip(part["annotations"], bundled, strict=True):
        (mine,), (theirs,) = one["objects"], other["objects"]
        assert (mine["noun_category_id"], mine["verb_category_id"]) == (
            theirs["noun_category_id"],
            theirs["verb_category_id"],
        )
        assert mine["box"] == pytest.approx(theirs["box"], abs=1)
        assert mine["time_to_contact"] == pytest.approx(theirs["time_to_contact"], abs=0.005)


def test_masks_of_davis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first frames of a sequence, pixel by pixel, but for a few along edges."""
    without_pictures(davis, monkeypatch)
    monkeypatch.setattr(davis, "FRAMES", 3)
    davis.RECIPE.make("crossing", tmp_path, MAKING)
    for index in range(3):
        name = f"Annotations/480p/crossing/{index:05d}.png"
        again, bundled = (np.array(Image.open(root / name)) for root in (tmp_path, BUNDLE / "davis"))
        assert (again != bundled).mean() < 1e-4
        assert set(np.unique(again)) == {0, 1, 2}
