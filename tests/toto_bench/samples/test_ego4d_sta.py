"""The sample of short-term anticipation: annotations, boxes, contacts, videos and pictures."""

import json
import uuid
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from toto_bench.samples.ego4d_sta import recipe as ego4d
from toto_bench.samples.ego4d_sta import scene as scenes
from toto_bench.samples.ego4d_sta.annotating import box_of, choose_frames, uid_of
from toto_bench.samples.ego4d_sta.hand import TOUCHING
from toto_bench.samples.ego4d_sta.things import KINDS, VERBS, some_things
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator
from toto_bench.simulation.backends import probe

pytestmark = pytest.mark.slow  # renders; with EGL never in one process with torch's compiler

MAKING = Making(seed=5, backend="ray")
SIZE = (48, 64)
UNITS = ["train-0", "train-1", "val-0"]


def small(patch: pytest.MonkeyPatch) -> None:
    """Tiny pictures, and only a few units."""
    for name in ("scene", "recipe", "annotating"):
        patch.setattr(f"toto_bench.samples.ego4d_sta.{name}.SIZE", SIZE)
    patch.setattr(ego4d.Ego4dStaRecipe, "units", lambda *_: UNITS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ego4d_sta")
    with pytest.MonkeyPatch.context() as patch:
        small(patch)
        for unit in UNITS:
            ego4d.RECIPE.make(unit, folder, MAKING)
        ego4d.RECIPE.finish(folder, MAKING)
    return folder


def content_of(folder: Path, split: str) -> dict:
    return json.loads((folder / "annotations" / f"fho_sta_{split}.json").read_text())


def annotations_of(folder: Path) -> list[dict]:
    return [entry for split in ("train", "val") for entry in content_of(folder, split)["annotations"]]


def test_annotation_files_have_the_official_structure(made: Path):
    for split, videos in (("train", 2), ("val", 1)):
        content = content_of(made, split)
        assert {"version", "date", "description", "split", "info"} <= set(content)
        assert content["split"] == split
        metadata = content["info"]["video_metadata"]
        assert len(metadata) == videos
        for entry in metadata.values():
            assert entry == {"frame_width": SIZE[1], "frame_height": SIZE[0], "fps": 30.0}
        for kind, names in (("noun", [*KINDS]), ("verb", [*VERBS])):
            listed = content[f"{kind}_categories"]
            assert listed == [{"id": number, "name": name} for number, name in enumerate(names)]
        assert {entry["video_id"] for entry in content["annotations"]} == set(metadata)


def test_annotations_have_the_official_keys_and_types(made: Path):
    for entry in annotations_of(made):
        assert entry["video_id"] == entry["video_uid"]
        assert entry["uid"].startswith(entry["video_uid"])
        for name in ("video_uid", "clip_uid"):
            assert str(uuid.UUID(entry[name])) == entry[name]
        for name in ("frame", "clip_frame", "clip_id"):
            assert type(entry[name]) is int
        (target,) = entry["objects"]
        assert [type(value) for value in target["box"]] == [float] * 4
        x1, y1, x2, y2 = target["box"]
        assert 0 <= x1 < x2 <= SIZE[1]
        assert 0 <= y1 < y2 <= SIZE[0]
        assert target["verb_category_id"] in range(len(VERBS))
        assert target["noun_category_id"] in range(len(KINDS))
        assert type(target["time_to_contact"]) is float
        assert 0.25 <= target["time_to_contact"] <= 2.3
    uids = [entry["uid"] for entry in annotations_of(made)]
    assert len(set(uids)) == len(uids)


def test_there_is_a_video_and_a_picture_of_each_annotated_frame(made: Path):
    annotations = annotations_of(made)
    videos = {f"{entry['video_uid']}.mp4" for entry in annotations}
    pictures = {f"{entry['video_uid']}_{entry['frame']:07d}.jpg" for entry in annotations}
    assert {path.name for path in (made / "full_scale").iterdir()} == videos
    assert {path.name for path in (made / "object_frames").iterdir()} == pictures


def test_videos_are_h264_at_30_frames_per_second_and_show_the_annotated_pictures(made: Path):
    annotations = annotations_of(made)
    for path in (made / "full_scale").iterdir():
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert stream.average_rate == 30
            decoded = [*container.decode(stream)]
        assert len(decoded) == scenes.FRAMES
        steps = {(b.pts - a.pts) * stream.time_base for a, b in pairwise(decoded)}
        assert len(steps) == 1
        for entry in annotations:
            if entry["video_uid"] == path.stem:
                picture = made / "object_frames" / f"{path.stem}_{entry['frame']:07d}.jpg"
                expected = np.asarray(Image.open(picture)).astype(int)
                seen = decoded[entry["frame"]].to_ndarray(format="rgb24")
                assert np.abs(seen - expected).mean() < 12


def test_boxes_and_times_are_those_of_masks_and_contacts(made: Path, monkeypatch: pytest.MonkeyPatch):
    small(monkeypatch)
    unit = UNITS[0]
    part = json.loads((made / ".parts" / f"{unit}.json").read_text())
    noun, verb = ego4d._task(unit, MAKING)
    approach = scenes.build_approach(noun, verb, generator(MAKING.seed, "ego4d_sta", unit))
    clip = play(
        approach.scene, frames=scenes.FRAMES, fps=scenes.FPS, size=SIZE, backend="ray", pictures=False
    )
    starts = [
        contact.start
        for name in TOUCHING
        for target in approach.target
        for contact in clip.touches(name, target)
    ]
    numbers = [clip.items.index(name) + 1 for name in approach.target]
    for entry in part["annotations"]:
        (target,) = entry["objects"]
        ys, xs = np.nonzero(np.isin(clip.masks[clip.masked.index(entry["frame"])], numbers))
        assert target["box"] == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        assert target["time_to_contact"] == pytest.approx(min(starts) - entry["frame"] / 30, abs=1e-5)
        assert [*KINDS][target["noun_category_id"]] == noun
        assert VERBS[target["verb_category_id"]] == verb


def test_annotations_are_the_same_whatever_renders(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if reason := probe("egl"):
        pytest.skip(reason)
    small(monkeypatch)
    ego4d.RECIPE.make(UNITS[0], tmp_path, MAKING._replace(backend="egl"))
    name = Path(".parts", f"{UNITS[0]}.json")
    assert (tmp_path / name).read_bytes() == (made / name).read_bytes()
    picture = next((tmp_path / "object_frames").iterdir())
    assert picture.read_bytes() != (made / "object_frames" / picture.name).read_bytes()


def test_the_same_seed_gives_the_same_labels(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small(monkeypatch)
    ego4d.RECIPE.make("val-0", tmp_path, MAKING)
    assert (tmp_path / ".parts/val-0.json").read_bytes() == (made / ".parts/val-0.json").read_bytes()


def test_another_seed_gives_other_things_in_other_places():
    scenes_ = [some_things("mug", generator(seed, "ego4d_sta", "val-0")) for seed in (5, 6)]
    places = [[thing.place for thing in things] for things in scenes_]
    assert places[0] != places[1]


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_begins_with_the_hand_at_the_target_and_then_moves_it(verb: str):
    noun = next(noun for noun, kind in KINDS.items() if verb in kind.verbs)
    approach = scenes.build_approach(noun, verb, generator(0, "test", verb))
    clip = play(approach.scene, frames=scenes.FRAMES, fps=scenes.FPS, size=SIZE, pictures=False, masks=False)
    moved = clip.items.index(approach.target[-1])
    before = int(approach.contact * scenes.FPS)
    places, rotations = clip.positions[:, moved], clip.rotations[:, moved]
    assert np.linalg.norm(places[before] - places[0]) < 0.01
    turned = 1 - abs(float(rotations[-1] @ rotations[before]))
    gone = np.linalg.norm(places[-1] - places[before])
    assert turned > 0.02 if verb == "turn" else gone > 0.02
    others = [name for name in clip.items if name.startswith(noun) and name not in approach.target]
    assert others
    touched = {name for contact in clip.contacts if contact.start < approach.contact for name in contact[:2]}
    hand = {contact for contact in clip.contacts if set(contact[:2]) & set(TOUCHING)}
    assert touched
    assert all(contact.start >= approach.contact for contact in hand if not set(contact[:2]) <= set(TOUCHING))


def test_every_pair_of_noun_and_verb_comes_in_turn_and_val_asks_for_none_that_train_lacks():
    train = [ego4d._task(f"train-{number}", MAKING) for number in range(ego4d.VIDEOS["train"])]
    val = [ego4d._task(f"val-{number}", MAKING) for number in range(ego4d.VIDEOS["val"])]
    assert len(set(train)) == len(train)
    assert set(val) <= set(train)
    assert {verb for _, verb in train} == set(VERBS)
    assert len({verb for _, verb in val}) >= 3


def test_frames_are_chosen_before_the_contact_with_history_in_front():
    for seed in range(50):
        frames = choose_frames(2.4, np.random.default_rng(seed))
        assert frames == sorted(set(frames))
        assert frames[0] >= 15
        assert all(0.25 <= 2.4 - frame / 30 <= 2.04 for frame in frames)


def test_uids_depend_on_every_name():
    assert uid_of("a", "b") == uid_of("a", "b")
    assert len({uid_of("a", "b"), uid_of("ab"), uid_of("b", "a")}) == 3


def test_a_box_of_two_parts_holds_both(monkeypatch: pytest.MonkeyPatch):
    class Boxes:
        items = ("pot0", "pot0 lid", "other")
        masked = (7,)
        boxes = np.array([[[3.0, 5, 9, 8], [2, 2, 8, 6], [0, 0, 20, 20]]])

    assert box_of(Boxes(), ("pot0", "pot0 lid"), 7) == [2.0, 2.0, 9.0, 8.0]
