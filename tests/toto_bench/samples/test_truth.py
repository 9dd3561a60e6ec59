"""Every recipe draws from its own random numbers, and what is rendered is what the labels say. Nothing is rendered."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from toto_bench.samples import video
from toto_bench.samples.cater import recipe as cater
from toto_bench.samples.cater.grid import cell_of, cell_to_end_in
from toto_bench.samples.davis import recipe as davis
from toto_bench.samples.ego4d_sta import recipe as ego4d_sta
from toto_bench.samples.ego4d_sta.annotating import NOUNS
from toto_bench.samples.ego4d_sta.things import KINDS, VERBS
from toto_bench.samples.imagenet import recipe as imagenet
from toto_bench.samples.imagenet.scenes import CLASSES
from toto_bench.samples.kinetics400 import recipe as kinetics400
from toto_bench.samples.kinetics400.motions import MOTIONS
from toto_bench.samples.recipe import Making
from toto_bench.samples.recipes import RECIPES
from toto_bench.samples.world.seeds import generator

MAKING = Making(seed=7, scale=3, backend="ray")
MODULES = {
    "davis": davis,
    "imagenet": imagenet,
    "kinetics400": kinetics400,
    "ego4d_sta": ego4d_sta,
    "cater": cater,
    "video": video,
}
SIZE = (4, 6)


class Studio:
    """Stands where scenes are built and played: what was drawn, built and played is written down."""

    def __init__(self, patch: pytest.MonkeyPatch, module: ModuleType) -> None:
        self.drawn: list[tuple[Any, ...]] = []
        """Names of random numbers, in the order of asking."""
        self.built: list[tuple[Any, ...]] = []
        """For each scene: what it was to show."""
        self.numbers: list[tuple[Any, ...]] = []
        """For each scene: names of the random numbers that it was built from."""
        self.played: list[object] = []
        """The number of the scene that was played."""
        self._of: dict[int, tuple[Any, ...]] = {}
        self._kept: list[np.random.Generator] = []
        patch.setattr(module, "generator", self._draw)
        patch.setattr(module, "play", self._play)
        for name in ("write_h264", "write_video"):
            patch.setattr(module, name, lambda path, *_, **__: path.parent.mkdir(parents=True), raising=False)

    def build(self, *what: Any) -> SimpleNamespace:
        """Instead of a builder of scenes, whose last argument is the random numbers."""
        *what, rng = what
        self.built.append(tuple(what))
        self.numbers.append(self._of[id(rng)])
        number = len(self.built) - 1
        return SimpleNamespace(
            number=number, scene=SimpleNamespace(number=number), target=("a",), contact=2.5
        )

    def _draw(self, *names: Any) -> np.random.Generator:
        rng = generator(*names)
        self._kept.append(rng)
        self._of[id(rng)] = names
        self.drawn.append(names)
        return rng

    def _play(self, scene: Any, *, frames: int, masks: Any = True, **_: Any) -> SimpleNamespace:
        self.played.append(scene.number)
        masked = range(frames) if masks is True else masks or ()
        return SimpleNamespace(
            items=("a",),
            frames=np.full((frames, *SIZE, 3), 10 * scene.number, np.uint8),
            masked=tuple(masked),
            masks=np.zeros((len(masked), *SIZE), np.uint8),
            boxes=np.ones((len(masked), 1, 4)),
            positions=np.zeros((frames, 1, 3)),
        )


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Studio]:
    """For a recipe."""

    def of(name: str) -> Studio:
        module = MODULES[name]
        studio = Studio(monkeypatch, module)
        for builder in ("build_scene", "build_approach"):
            monkeypatch.setattr(module, builder, studio.build, raising=False)
        if name == "davis":
            scenes = {kind: lambda rng, kind=kind: studio.build(kind, rng) for kind in davis.SCENES}
            monkeypatch.setattr(davis, "SCENES", scenes)
        return studio

    return of


def test_every_recipe_is_in_a_studio() -> None:
    assert set(MODULES) == set(RECIPES)


@pytest.mark.parametrize(
    ("name", "unit", "shows"),
    [
        ("davis", "crossing", ("crossing",)),
        ("davis", "rolling-2", ("rolling",)),
        ("kinetics400", "train-sliding_away-0", ("sliding away",)),
        ("kinetics400", "val-sliding_nearer-5", ("sliding nearer",)),
        ("ego4d_sta", "val-9", ("block", "pick")),
        ("video", "clip-000065", ()),
    ],
)
def test_a_unit_is_built_from_seed_task_and_name(
    studio: Callable[[str], Studio], tmp_path: Path, name: str, unit: str, shows: tuple[str, ...]
) -> None:
    """So that no two units, tasks or seeds share a scene; the scene is of the class that the name tells."""
    spy, recipe = studio(name), MODULES[name].RECIPE
    assert unit in recipe.units(MAKING)
    recipe.make(unit, tmp_path, MAKING)
    assert spy.drawn == spy.numbers == [(MAKING.seed, name, unit)]
    assert spy.built == [shows]
    assert spy.played == [0]


@pytest.mark.parametrize("kind", CLASSES)
def test_pictures_in_a_class_folder_are_of_that_class(
    studio: Callable[[str], Studio], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Each from random numbers of its own, and each the one that was rendered for its name."""
    spy = studio("imagenet")
    monkeypatch.setattr(imagenet, "IMAGES", {"train": 2, "val": 1})
    imagenet.RECIPE.make(f"{kind}-1", tmp_path, MAKING)
    files = [("train", f"{kind}_00002.JPEG"), ("train", f"{kind}_00003.JPEG"), ("val", f"{kind}_00001.JPEG")]
    assert spy.drawn == spy.numbers == [(MAKING.seed, "imagenet", split, name) for split, name in files]
    assert spy.built == [(kind,)] * 3
    for number, (split, name) in enumerate(files):
        with Image.open(tmp_path / split / kind / name) as image:
            assert np.asarray(image).mean() == pytest.approx(10 * number, abs=1)
    assert len([*tmp_path.rglob("*.JPEG")]) == 3


@pytest.mark.parametrize("label", MOTIONS)
def test_clips_are_listed_under_the_motion_that_they_show(
    studio: Callable[[str], Studio], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    """Their identifiers are drawn from the seed too."""
    spy, unit = studio("kinetics400"), f"val-{label.replace(' ', '_')}-0"
    written: list[Path] = []
    monkeypatch.setattr(kinetics400, "write_h264", lambda path, *_, **__: written.append(path))
    kinetics400.RECIPE.make(unit, tmp_path, MAKING)
    monkeypatch.setattr(kinetics400.KineticsRecipe, "units", lambda *_: [unit])
    kinetics400.RECIPE.finish(tmp_path, MAKING)
    (line,) = (tmp_path / "annotations" / "val.csv").read_text().splitlines()[1:]
    listed, identifier, start, end, split = line.split(",")
    assert spy.built == [(listed,)] == [(label,)]
    assert written == [tmp_path / split / f"{identifier}_{int(start):06d}_{int(end):06d}.mp4"]
    assert identifier != kinetics400.row_of(unit, 0).youtube_id
    assert identifier != kinetics400.row_of(unit, MAKING.seed + 1).youtube_id


@pytest.mark.parametrize("unit", ["train-0", "train-17", "val-0", "val-9"])
def test_annotations_name_what_the_hand_does(
    studio: Callable[[str], Studio], tmp_path: Path, unit: str
) -> None:
    spy = studio("ego4d_sta")
    ego4d_sta.RECIPE.make(unit, tmp_path, MAKING)
    part = json.loads((tmp_path / ".parts" / f"{unit}.json").read_text())
    ((noun, verb),) = spy.built
    assert verb in KINDS[noun].verbs
    for annotation in part["annotations"]:
        (target,) = annotation["objects"]
        assert NOUNS[target["noun_category_id"]] == noun
        assert VERBS[target["verb_category_id"]] == verb
        assert target["time_to_contact"] == pytest.approx(2.5 - annotation["frame"] / 30, abs=1e-6)
    assert part["video"] == ego4d_sta.uid_of("ego4d_sta", str(MAKING.seed), unit)


def test_the_order_of_what_hands_do_is_drawn_from_the_seed() -> None:
    orders = {
        tuple(ego4d_sta._task(f"train-{number}", Making(seed)) for number in range(16)) for seed in range(3)
    }
    assert len(orders) == 3


@pytest.mark.parametrize("index", [0, 17])
def test_a_snitch_ends_in_the_cell_that_the_seed_gives(
    studio: Callable[[str], Studio], tmp_path: Path, index: int
) -> None:
    """Story and scene are drawn from the same numbers; the scene file is of what is rendered."""
    spy, unit = studio("cater"), f"CATER_new_{index:06d}"
    cater.RECIPE.make(unit, tmp_path, MAKING)
    assert spy.drawn == spy.numbers == [(MAKING.seed, "cater", unit)]
    ((tracks,),) = spy.built
    scene = json.loads((tmp_path / "scenes" / f"{unit}.json").read_text())
    for number, thing in enumerate(scene["objects"]):
        assert thing["instance"] == tracks.things[number].instance
        places = np.array([*thing["locations"].values()])
        assert places == pytest.approx(tracks.places[number], abs=6e-4)
    x, y, _ = tracks.places[0, -1]
    assert cell_of(x, y) == cell_to_end_in(MAKING.seed, index, cater.TRAIN, cater.VAL)


def test_the_order_of_cells_is_drawn_from_the_seed() -> None:
    orders = {tuple(cell_to_end_in(seed, index, 10, 5) for index in range(36 * 3)) for seed in range(3)}
    assert len(orders) == 3
