"""`data check`: counts, problems, warnings, fingerprint."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from toto_bench.errors import DataError, WrongDataError
from toto_bench.samples.bundle import BUNDLE
from toto_bench.samples.cater.writing import write_scene, write_video
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater import check as module
from toto_bench.tasks.cater.check import check
from toto_bench.tasks.cater.problems import is_corrupt, scored_videos, training_videos
from toto_bench.tasks.cater.protocol import CaterProtocol

from .conftest import frames_of, scene_ending_in, write_lines

Make = Callable[..., Path]
Protocol = Callable[..., CaterProtocol]
FIRST = "CATER_new_000005"
"""Of val."""


def look(root: Path, protocol: CaterProtocol, *, thorough: bool = False) -> DataReport:
    return check(root, protocol, thorough=thorough)


def add_line(root: Path, name: str, line: str) -> None:
    path = root / "lists" / "localize" / f"{name}.txt"
    write_lines(path, [*path.read_text().splitlines(), line])


@pytest.mark.parametrize("thorough", [False, True])
def test_counts_of_a_good_folder(make_cater: Make, protocol: Protocol, thorough: bool) -> None:
    report = look(make_cater(train=6, val=3), protocol(), thorough=thorough)
    assert report.counts == {
        "videos": 3,
        "training videos": 6,
        "corrupt": 0,
        "missing": 0,
        "scenes compared": 9,
    }
    assert report.listed == ("CATER_new_000006.avi", "CATER_new_000007.avi", "CATER_new_000008.avi")
    assert not report.problems
    assert [text.partition(" has ")[0] for text in report.warnings] == ["lists/localize/val.txt"]
    assert (report.name, report.layout) == ("CATER, all_actions", "CATER official, lists/localize")


def test_only_the_whole_list_of_6x6_is_comparable(make_cater: Make, protocol: Protocol, monkeypatch) -> None:
    monkeypatch.setattr(module, "OFFICIAL", 5)
    root = make_cater()
    report = look(root, protocol())
    assert report.comparable
    assert not report.warnings
    for changes in ({"grid": 4}, {"split": "train_subsetV"}):
        report = look(root, protocol(**changes))
        assert not report.comparable
        assert "not comparable" in report.warnings[0]


def test_the_subsets_are_scored_and_trained_on_for_choosing(make_cater: Make, protocol: Protocol) -> None:
    report = look(make_cater(train=10), protocol("choosing"))
    assert report.listed == ("CATER_new_000008.avi", "CATER_new_000009.avi")
    trained, left_out = training_videos(report, protocol("choosing"))
    assert [video.name for video in trained] == [f"CATER_new_{index:06d}.avi" for index in range(8)]
    assert not left_out
    assert not report.problems


def cut_video(root: Path) -> None:
    path = root / "videos" / f"{FIRST}.avi"
    path.write_bytes(path.read_bytes()[:2000])


def remove_video(root: Path) -> None:
    (root / "videos" / f"{FIRST}.avi").unlink()


def list_twice(root: Path) -> None:
    add_line(root, "val", f"{FIRST}.avi 35")


def list_in_train(root: Path) -> None:
    add_line(root, "train", f"{FIRST}.avi 2")


def other_scene(root: Path) -> None:
    write_scene(root / "scenes" / f"{FIRST}.json", scene_ending_in((2.5, 2.5)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_video, "corrupt: the file is cut off"),
        (remove_video, "missing: no file"),
        (list_twice, "with cell 5 (line 1) and with cell 35 (line 6)"),
        (list_in_train, "listed in val and in train (line 6)"),
        (other_scene, "listed with cell 5, but its scene file ends in cell 35"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_problems_are_named(
    make_cater: Make, protocol: Protocol, damage: Callable[[Path], None], words: str
) -> None:
    root = make_cater()
    damage(root)
    problems = look(root, protocol()).problems
    assert list(problems) == [f"{FIRST}.avi"]
    assert words in problems[f"{FIRST}.avi"]


def test_damage_inside_a_video_is_found_by_a_thorough_check(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    path = root / "videos" / f"{FIRST}.avi"
    content = bytearray(path.read_bytes())
    middle = content.index(b"\xff\xd8", len(content) // 2)
    content[middle : middle + 300] = bytes(300)
    path.write_bytes(content)
    assert not look(root, protocol()).problems
    problems = look(root, protocol(), thorough=True).problems
    assert is_corrupt(problems[f"{FIRST}.avi"])


def test_what_does_no_harm_is_a_warning(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    add_line(root, "val", f"{FIRST}.avi 5")
    add_line(root, "train", "CATER_new_000011.avi 36")
    (root / "videos" / "CATER_new_000011.avi").write_bytes(b"RIFF")
    (root / "videos" / "CATER_new_000077.avi").write_bytes(b"RIFF")
    (root / "scenes" / "CATER_new_000006.json").write_text("{")
    report = look(root, protocol())
    assert not report.problems
    assert report.counts["corrupt"] == 1
    text = "\n".join(report.warnings)
    for words in (
        f"val lists 1 videos twice, counted once: {FIRST}.avi",
        "train has 1 cells beyond the grid, which no score can hit: CATER_new_000011.avi (36)",
        "1 of 6 videos of train cannot be read: CATER_new_000011.avi (the first: corrupt",
        "1 videos are in no list: CATER_new_000077.avi",
        "1 scene files of val cannot be read",
    ):
        assert words in text


@pytest.mark.parametrize(("corrupt", "words"), [("exclude", "left out"), ("wrong", "counted as errors")])
def test_corrupt_videos_are_counted_and_named(
    make_cater: Make, protocol: Protocol, corrupt: str, words: str
) -> None:
    root = make_cater()
    cut_video(root)
    report = look(root, protocol(corrupt=corrupt))
    assert f"1 of 5 videos of val are corrupt, {words}: {FIRST}.avi" in report.warnings
    assert report.counts["corrupt"] == 1
    names = [video.name for video in scored_videos(report, protocol())]
    assert names == [name for name in report.listed if name != f"{FIRST}.avi"]
    assert [video.name for video in scored_videos(report, protocol(), limit=2)] == [names[0]]


def test_missing_videos_have_to_be_allowed(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    remove_video(root)
    (root / "videos" / "CATER_new_000000.avi").unlink()
    report = look(root, protocol())
    assert report.counts["missing"] == 2
    with pytest.raises(DataError, match=r"1 of 5 videos.*--allow-missing"):
        scored_videos(report, protocol())
    assert len(scored_videos(report, protocol(), allow_missing=True)) == 4
    with pytest.raises(DataError, match=r"1 of 5 videos.*--allow-missing"):
        training_videos(report, protocol())
    kept, left_out = training_videos(report, protocol(), allow_missing=True)
    assert len(kept) == 4
    assert list(left_out) == ["CATER_new_000000.avi"]


def test_what_cannot_be_trained_on_is_left_out_and_named(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    (root / "videos" / "CATER_new_000000.avi").write_bytes(b"")
    add_line(root, "train", "CATER_new_000001.avi 9")
    write_lines(
        root / "lists/localize/train.txt",
        [
            line.replace("000002.avi 14", "000002.avi 36")
            for line in (root / "lists/localize/train.txt").read_text().splitlines()
        ],
    )
    kept, left_out = training_videos(look(root, protocol()), protocol())
    assert [video.name for video in kept] == ["CATER_new_000003.avi", "CATER_new_000004.avi"]
    assert set(left_out) == {f"CATER_new_00000{index}.avi" for index in range(3)}


def test_all_videos_corrupt_is_an_error(make_cater: Make, protocol: Protocol) -> None:
    report = look(make_cater(), protocol())
    broken = replace(report, problems=dict.fromkeys(report.listed, "corrupt: all of it"))
    with pytest.raises(DataError, match="every one is corrupt"):
        scored_videos(broken, protocol())


def test_lists_alone_are_enough_to_score_predictions(make_cater: Make, protocol: Protocol) -> None:
    report = look(make_cater(videos=False), protocol())
    assert set(report.problems) == set(report.listed)
    assert report.counts["missing"] == 10
    with pytest.raises(DataError, match="5 of 5 videos"):
        scored_videos(report, protocol())


def test_scene_files_are_compared_in_every_grid(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    for grid in (4, 6, 8):
        assert not look(root, protocol(grid=grid)).problems
    (root / "lists/localize").rename(root / "lists/other")
    (root / "lists/localize_8x8").rename(root / "lists/localize")
    assert len(look(root, protocol()).problems) > 2


def test_of_many_scene_files_some_are_compared(make_cater: Make, protocol: Protocol, monkeypatch) -> None:
    monkeypatch.setattr(module, "SCENES", 2)
    root = make_cater(train=6, val=6)
    assert look(root, protocol()).counts["scenes compared"] == 4
    assert look(root, protocol(), thorough=True).counts["scenes compared"] == 12


def test_a_missing_list_of_training_keeps_nothing_from_being_scored(
    make_cater: Make, protocol: Protocol
) -> None:
    root = make_cater()
    (root / "lists/localize/train.txt").unlink()
    report = look(root, protocol())
    assert not report.problems
    with pytest.raises(WrongDataError, match=r"train\.txt is missing"):
        training_videos(report, protocol())


def test_a_moving_camera_that_the_folder_does_not_tell_is_a_warning(
    make_cater: Make, protocol: Protocol
) -> None:
    assert "does not say" in look(make_cater(name="mine"), protocol(camera="moving")).warnings[0]


def test_the_fingerprint_sees_lists_and_videos(make_cater: Make, protocol: Protocol) -> None:
    first, second = make_cater(name="one"), make_cater(name="two")
    assert look(first, protocol()).fingerprint == look(second, protocol()).fingerprint
    seen = {look(first, protocol()).fingerprint, look(first, protocol(grid=4)).fingerprint}
    cut_video(first)
    seen.add(look(first, protocol()).fingerprint)
    list_twice(second)
    seen.add(look(second, protocol()).fingerprint)
    assert len(seen) == 4


def test_the_bundled_sample(protocol: Protocol) -> None:
    for grid in (4, 6, 8):
        report = look(BUNDLE / "cater", protocol(grid=grid), thorough=True)
        assert report.counts == {
            "videos": 5,
            "training videos": 10,
            "corrupt": 0,
            "missing": 0,
            "scenes compared": 15,
        }
        assert not report.problems
        assert len(report.warnings) == 1
    assert json.loads((BUNDLE / "manifest.json").read_text())["tasks"]["cater"]


def test_videos_of_another_length_are_told(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater(train=4, val=4)
    write_video(root / "videos" / "CATER_new_000006.avi", frames_of(0, 3), 24)
    warnings = look(root, protocol()).warnings
    assert "1 of 4 videos of val have not 24 frames, as most have: CATER_new_000006.avi (3)" in warnings
    assert not any("of train have not" in text for text in warnings)
