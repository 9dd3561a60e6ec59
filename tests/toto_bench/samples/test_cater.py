"""The sample of CATER: classes, covers, videos and lists."""

import json
import math
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.samples.cater import recipe as cater
from toto_bench.samples.cater.grid import GRIDS, HALF, cell_of, cell_to_end_in, place_in
from toto_bench.samples.cater.scene import FPS, METRES, build_scene
from toto_bench.samples.cater.script import STORIES, play_story
from toto_bench.samples.cater.tracks import Tracks
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator

MAKING = Making(seed=3, backend="ray")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole round in tiny pictures."""
    folder = tmp_path_factory.mktemp("cater")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cater, "SIZE", (18, 24))
        for unit in cater.RECIPE.units(MAKING):
            cater.RECIPE.make(unit, folder, MAKING)
    cater.RECIPE.finish(folder, MAKING)
    return folder


def lines(folder: Path, grid: str, name: str) -> list[list[str]]:
    return [line.split() for line in (folder / "lists" / grid / f"{name}.txt").read_text().splitlines()]


def scene_of(folder: Path, video: str) -> dict:
    return json.loads((folder / "scenes" / f"{Path(video).stem}.json").read_text())


def snitch_of(scene: dict) -> dict:
    (snitch,) = [thing for thing in scene["objects"] if thing["shape"] == "spl"]
    return snitch


@pytest.mark.parametrize(
    ("place", "side", "cell"),
    [
        ((-3, -3), 6, 0),
        ((2.9999, 2.9999), 6, 35),
        ((1.5, -0.5), 6, 16),
        ((-3, 2), 6, 30),
        ((-0.5, 1.5), 4, 13),
        ((1.25, 2.75), 4, 14),
        ((1.5, -0.5), 8, 30),
        ((-1e-9, -1e-9), 8, 27),
    ],
)
def test_cells_are_those_of_the_official_labels(place, side, cell):
    assert cell_of(*place, side) == cell


def test_places_of_a_cell_lie_in_it_and_not_close_to_a_border():
    rng = np.random.default_rng(0)
    for cell in range(36):
        x, y = place_in(cell, rng)
        assert cell_of(x, y) == cell
        for value in (x, y):
            assert 0.1 < value % 1 < 0.9
            assert 0.05 < value % 0.75 < 0.7


def test_cells_to_end_in_are_used_evenly_and_those_of_val_are_some_of_train():
    train, val = cater.TRAIN, cater.VAL
    ends = [cell_to_end_in(0, index, train, val) for index in range((train + val) * 36)]
    in_train = [end for index, end in enumerate(ends) if index % (train + val) < train]
    in_val = [end for index, end in enumerate(ends) if index % (train + val) >= train]
    assert sorted(in_train) == sorted([*range(36)] * train)
    assert set(in_val) == set(range(36))
    assert set(ends[train : train + val]) <= set(ends[:train])
    assert 35 in ends[train : train + val]


def test_every_list_gives_the_class_of_the_last_place_in_the_scene_file(made: Path):
    for grid, side in GRIDS.items():
        scale = side / 6
        for split, count in (("train", cater.TRAIN), ("val", cater.VAL)):
            listed = lines(made, grid, split)
            assert len(listed) == count
            for video, label in listed:
                locations = snitch_of(scene_of(made, video))["locations"]
                x, y, _ = locations[str(len(locations) - 1)]
                column, row = math.floor(x * scale) + side // 2, math.floor(y * scale) + side // 2
                assert int(label) == row * side + column


def test_subsets_split_train_four_to_one(made: Path):
    for grid in GRIDS:
        train, four, one = (lines(made, grid, name) for name in ("train", "train_subsetT", "train_subsetV"))
        assert sorted(four + one) == sorted(train)
        assert len(four) == 4 * len(one)


def test_folders_hold_what_the_lists_name_and_nothing_else(made: Path):
    listed = {video for split in ("train", "val") for video, _ in lines(made, "localize", split)}
    assert {path.name for path in (made / "videos").iterdir()} == listed
    assert {f"{path.stem}.avi" for path in (made / "scenes").iterdir()} == listed
    assert all(name.startswith("CATER_new_") and len(name) == len("CATER_new_000123.avi") for name in listed)


def test_videos_are_motion_jpeg_with_every_frame(made: Path):
    for path in (made / "videos").iterdir():
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert (container.format.name, stream.codec_context.name) == ("avi", "mjpeg")
            assert stream.average_rate == 24
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert len(frames) == cater.FRAMES
        assert any(np.abs(a.astype(int) - b).max() > 30 for a, b in pairwise(frames))


def test_scene_files_hold_places_of_every_frame_and_known_actions(made: Path):
    for path in (made / "scenes").iterdir():
        scene = json.loads(path.read_text())
        instances = {thing["instance"] for thing in scene["objects"]}
        assert set(scene["movements"]) == instances
        for thing in scene["objects"]:
            assert [*thing["locations"]] == [str(frame) for frame in range(cater.FRAMES + 1)]
        for moves in scene["movements"].values():
            for action, target, start, end in moves:
                assert action in ("_slide", "_pick_place", "_rotate", "_contain")
                assert (target in instances) == (action == "_contain")
                assert 0 <= start < end < cater.FRAMES


def test_in_most_videos_the_snitch_is_carried_to_its_last_place_below_a_cone_among_cones(made: Path):
    carried = 0
    for path in (made / "scenes").iterdir():
        scene = json.loads(path.read_text())
        snitch = snitch_of(scene)
        cones = [thing for thing in scene["objects"] if thing["shape"] == "cone" and thing["sized"] > 0.3]
        assert len(cones) >= 3
        last = str(cater.FRAMES)
        over = [
            cone for cone in cones if np.allclose(cone["locations"][last][:2], snitch["locations"][last][:2])
        ]
        if over:
            covered = [
                move
                for move in scene["movements"][over[0]["instance"]]
                if move[:2] == ["_contain", snitch["instance"]]
            ]
            then = snitch["locations"][str(covered[-1][3])]
            carried += math.dist(then, snitch["locations"][last]) > 0.3
    assert carried >= 0.5 * (cater.TRAIN + cater.VAL)


def test_the_same_seed_gives_the_same_labels_and_another_gives_others(
    made: Path, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(cater, "SIZE", (18, 24))
    unit = cater.RECIPE.units(MAKING)[1]
    for seed in (3, 4):
        cater.RECIPE.make(unit, tmp_path / str(seed), MAKING._replace(seed=seed))
    name = f"scenes/{unit}.json"
    assert (tmp_path / "3" / name).read_bytes() == (made / name).read_bytes()
    assert (tmp_path / "4" / name).read_bytes() != (made / name).read_bytes()


@pytest.mark.parametrize("story", sorted(set(STORIES)))
def test_a_story_ends_where_it_should_and_nothing_passes_through_another(story: str):
    rng = generator(0, "test", story)
    tracks = play_story(story, (1.4, -2.2), 60, rng)
    assert np.allclose(tracks.places[0, -1, :2], (1.4, -2.2))
    assert (0 in tracks.below.values()) == (story == "carried")
    assert overlaps(tracks) == []


def test_the_simulation_puts_everything_where_the_story_says():
    tracks = play_story("carried", (-1.4, 2.2), cater.FRAMES, generator(0, "test", "simulated"))
    clip = play(
        build_scene(tracks, np.random.default_rng(0)),
        frames=cater.FRAMES,
        fps=FPS,
        size=cater.SIZE,
        pictures=False,
        masks=False,
    )
    assert np.allclose(clip.positions / METRES, tracks.places[:, : cater.FRAMES].transpose(1, 0, 2))
    seen = clip.projected[:, 0]
    assert np.all((seen > 0) & (seen < cater.SIZE[::-1]))


def test_neither_the_first_place_nor_the_last_one_in_sight_tells_the_class():
    counts = {"first": 0, "sighted": 0}
    videos = 3 * (cater.TRAIN + cater.VAL)
    for index in range(videos):
        rng = generator(0, "test", "floors", str(index))
        cell = cell_to_end_in(0, index, cater.TRAIN, cater.VAL)
        tracks = play_story(STORIES[index % len(STORIES)], place_in(cell, rng), cater.FRAMES, rng)
        hidden = np.any([covered(tracks, cone, 0) for cone in range(1, len(tracks.things))], axis=0)
        sighted = np.flatnonzero(~hidden)[-1]
        assert np.abs(tracks.places[..., :2]).max() < HALF
        counts["first"] += cell_of(*tracks.places[0, 0, :2]) == cell
        counts["sighted"] += cell_of(*tracks.places[0, sighted, :2]) == cell
    assert counts["first"] < 0.2 * videos
    assert 0.3 * videos < counts["sighted"] < 0.6 * videos


def overlaps(tracks: Tracks) -> list[tuple[int, int, int]]:
    """Frames in which two things share a place though neither covers the other then."""
    found = []
    for a, one in enumerate(tracks.things):
        for b, other in enumerate(tracks.things[:a]):
            apart = tracks.places[a] - tracks.places[b]
            level = np.hypot(apart[:, 0], apart[:, 1]) < one.sized + other.sized
            upright = np.abs(apart[:, 2]) < one.half + other.half
            together = covered(tracks, a, b) | covered(tracks, b, a)
            found += [(a, b, int(frame)) for frame in np.flatnonzero(level & upright & ~together)]
    return found


def covered(tracks: Tracks, cone: int, what: int) -> np.ndarray:
    """Frames from the beginning of a cover to the end of its lifting."""
    frames = np.zeros(tracks.last + 1, dtype=bool)
    for move in tracks.moves[cone]:
        if move.action == "_contain" and move.target == tracks.things[what].instance:
            frames[move.start :] = True
        if move.action == "_pick_place":
            frames[move.end :] = False
    return frames
