"""The sample of ImageNet: class folders of both splits, in which only shapes tell the class."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.samples.imagenet import RECIPE, recipe
from toto_bench.samples.imagenet.recipe import SIZES
from toto_bench.samples.imagenet.scenes import CLASSES, build_scene
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.seeds import generator
from toto_bench.simulation.backends import choose_backend

pytestmark = pytest.mark.slow  # renders; with EGL never in one process with torch's compiler


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    """One picture of each split in a unit, small ones."""
    monkeypatch.setattr(recipe, "IMAGES", {"train": 2, "val": 1})
    monkeypatch.setattr(recipe, "SIZES", ((24, 32),))
    return Making(seed=3, backend=choose_backend())


def test_a_unit_writes_class_folders_of_both_splits(making: Making, tmp_path: Path):
    RECIPE.make("mug-0", tmp_path, making)
    RECIPE.make("arch-0", tmp_path, making)
    RECIPE.finish(tmp_path, making)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.JPEG"))
    assert files == [
        "train/arch/arch_00000.JPEG",
        "train/arch/arch_00001.JPEG",
        "train/mug/mug_00000.JPEG",
        "train/mug/mug_00001.JPEG",
        "val/arch/arch_00000.JPEG",
        "val/mug/mug_00000.JPEG",
    ]
    with Image.open(tmp_path / files[0]) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (32, 24))


def test_a_unit_depends_on_its_name_and_the_seed_alone(making: Making, tmp_path: Path):
    for folder, units in (("alone", ["star-0"]), ("after", ["cone-0", "star-0"])):
        for unit in units:
            RECIPE.make(unit, tmp_path / folder, making)
    RECIPE.make("star-0", tmp_path / "other", making._replace(seed=4))
    alone, after, other = (
        [path.read_bytes() for path in sorted((tmp_path / folder / "train" / "star").iterdir())]
        for folder in ("alone", "after", "other")
    )
    assert alone == after
    assert not set(alone) & set(other)


def test_train_and_val_show_different_pictures(making: Making, tmp_path: Path):
    RECIPE.make("ball-0", tmp_path, making)
    assert len({path.read_bytes() for path in tmp_path.rglob("*.JPEG")}) == 3


def test_more_scale_gives_more_pictures_under_other_names(making: Making, tmp_path: Path):
    assert len(RECIPE.units(making._replace(scale=3))) == 3 * len(CLASSES)
    assert RECIPE.units(making) == RECIPE.units(making._replace(scale=3))[: len(CLASSES)]
    RECIPE.make("ring-1", tmp_path, making)
    assert sorted(path.name for path in (tmp_path / "train" / "ring").iterdir()) == [
        "ring_00002.JPEG",
        "ring_00003.JPEG",
    ]


def test_classes_are_in_the_order_of_their_folders():
    assert list(CLASSES) == sorted(CLASSES)
    assert len(CLASSES) == 10
    assert all(height % 2 == width % 2 == 0 for height, width in SIZES)


def test_colours_of_things_and_rooms_do_not_tell_the_class():
    """Nearest class mean on the mean colours of thing, table and walls stays near chance, 0.1."""

    def colours(kind: str, numbers: range) -> list[np.ndarray]:
        scenes = [build_scene(kind, generator(0, "test", kind, str(number))) for number in numbers]
        return [
            np.concatenate(
                [
                    look.texture.mean((0, 1))
                    for look in (scene.items[0].look, scene.surroundings.table, scene.surroundings.walls)
                    if look.texture is not None
                ]
            )
            for scene in scenes
        ]

    means = np.array([np.mean(colours(kind, range(12)), axis=0) for kind in CLASSES])
    right = [
        np.argmin(((means - colour) ** 2).sum(1)) == index
        for index, kind in enumerate(CLASSES)
        for colour in colours(kind, range(12, 18))
    ]
    assert len(right) == 60
    assert np.mean(right) < 0.25
