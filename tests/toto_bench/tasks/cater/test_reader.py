"""Versions and lists."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.errors import DataError, WrongDataError
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import find_root, read_list

from .conftest import write_lines

Make = Callable[..., Path]
Protocol = Callable[..., CaterProtocol]


def test_the_folder_of_the_camera_is_found(make_cater: Make, protocol: Protocol) -> None:
    static, moving = make_cater(), make_cater(name="all_actions_cameramotion")
    for data in (static, static.parent):
        assert find_root(data, protocol()) == static
    for data in (moving, moving.parent):
        assert find_root(data, protocol(camera="moving")) == moving
    other = make_cater(name="my-copy", videos=False)
    assert find_root(other, protocol()) == other


@pytest.mark.parametrize(
    ("name", "camera", "words"),
    [
        ("all_actions", "moving", "--set camera=static"),
        ("all_actions_cameramotion", "static", "--set camera=moving"),
        ("max2action", "static", "other tasks"),
        ("max2action_cameramotion", "moving", "other tasks"),
    ],
)
def test_another_version_is_refused(
    make_cater: Make, protocol: Protocol, name: str, camera: str, words: str
) -> None:
    root = make_cater(name=name, videos=False)
    with pytest.raises(WrongDataError, match=words):
        find_root(root, protocol(camera=camera))


def test_a_folder_with_only_the_other_camera_says_so(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater(videos=False)
    with pytest.raises(WrongDataError, match="camera=static"):
        find_root(root.parent, protocol(camera="moving"))


def test_a_folder_without_lists_is_refused(tmp_path: Path, protocol: Protocol) -> None:
    with pytest.raises(WrongDataError, match="is not a CATER folder"):
        find_root(tmp_path, protocol())


@pytest.mark.parametrize(("grid", "labels"), [(4, (0, 4, 5)), (6, (0, 7, 14)), (8, (0, 17, 27))])
def test_each_grid_has_lists_of_its_own(
    make_cater: Make, protocol: Protocol, grid: int, labels: tuple[int, ...]
) -> None:
    listing = read_list(make_cater(), protocol(grid=grid), "train")
    assert tuple(video.label for video in listing.videos[:3]) == labels
    first = listing.videos[0]
    assert (first.name, first.line) == ("CATER_new_000000.avi", 1)
    assert first.path.is_file() and first.scene.is_file()


def test_subsets_are_lists_too(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    whole, four, one = (
        {video.name for video in read_list(root, protocol(), name).videos}
        for name in ("train", "train_subsetT", "train_subsetV")
    )
    assert four | one == whole
    assert not four & one


def test_whole_paths_are_taken_by_their_last_part(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater()
    write_lines(root / "lists/localize/val.txt", ["/scratch/me/CATER_new_000007.avi 3", "", "  "])
    (video,) = read_list(root, protocol(), "val").videos
    assert (video.name, video.label, video.path.is_file()) == ("CATER_new_000007.avi", 3, True)


@pytest.mark.parametrize(
    "line", ["CATER_new_000001.avi", "CATER_new_000001.avi x", "a.avi 1 2", "a.avi 1.5", "a.avi 1,2"]
)
def test_a_line_that_is_no_video_and_cell_is_named(make_cater: Make, protocol: Protocol, line: str) -> None:
    root = make_cater(videos=False)
    write_lines(root / "lists/localize/val.txt", ["a.avi 3", line])
    with pytest.raises(DataError, match=r"val\.txt, line 2"):
        read_list(root, protocol(), "val")


def test_videos_listed_twice_are_counted_once_and_named(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater(videos=False)
    write_lines(root / "lists/localize/val.txt", ["a.avi 3", "b.avi 4", "a.avi 3", "b.avi 5", "c.avi 1"])
    listing = read_list(root, protocol(), "val")
    assert [(video.name, video.label) for video in listing.videos] == [
        ("a.avi", 3),
        ("b.avi", 4),
        ("c.avi", 1),
    ]
    assert listing.repeated == ("a.avi",)
    assert listing.contradictions == {
        "b.avi": "listed in val.txt with cell 4 (line 2) and with cell 5 (line 4)"
    }


def test_missing_and_empty_lists_are_refused(make_cater: Make, protocol: Protocol) -> None:
    root = make_cater(videos=False)
    (root / "lists/localize/val.txt").write_text("\n")
    with pytest.raises(WrongDataError, match="lists no video"):
        read_list(root, protocol(), "val")
    (root / "lists/localize/val.txt").unlink()
    with pytest.raises(WrongDataError, match="Lists found: lists/localize/train"):
        read_list(root, protocol(), "val")
    (root / "lists/localize/val.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongDataError, match="cannot be read"):
        read_list(root, protocol(), "val")
