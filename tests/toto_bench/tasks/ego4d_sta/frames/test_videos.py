"""Frames of videos by presentation time: holes, late starts, damaged files, and how much is decoded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.source import Spot
from toto_bench.tasks.ego4d_sta.frames.videos import Clips, FullVideos

from .conftest import SIDE, annotated, number_of, write_video


def read(folder: Path, numbers: list[int]) -> dict[int, int]:
    return {
        number: number_of(frame)
        for number, frame in FullVideos(folder).read("v", numbers)
        if not isinstance(frame, FrameError)
    }


@pytest.mark.parametrize("open_groups", [False, True])
@pytest.mark.parametrize("start", [0, 7])
@pytest.mark.parametrize(
    "numbers", [[0], [5], [119], [0, 1, 119], [11, 12, 13], list(range(30, 70)), [3, 50, 51, 90]]
)
def test_frames_by_number(tmp_path: Path, numbers: list[int], start: int, open_groups: bool) -> None:
    write_video(tmp_path / "v.mp4", range(120), start=start, open_groups=open_groups)
    assert read(tmp_path, numbers) == {number: number for number in numbers}


def test_without_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toto_bench.tasks.ego4d_sta.frames.clock._key_frames", lambda *_: [])
    write_video(tmp_path / "v.mp4", range(200))
    assert read(tmp_path, [2, 3, 61, 190]) == {2: 2, 3: 3, 61: 61, 190: 190}


def test_a_hole_is_a_missing_frame_and_moves_no_other(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", [n for n in range(100) if n not in {40, 41, 77}])
    found = dict(FullVideos(tmp_path).read("v", [39, 40, 41, 42, 77, 99]))
    assert list(found) == [39, 40, 41, 42, 77, 99]
    for number, frame in found.items():
        if number in {40, 41, 77}:
            assert isinstance(frame, FrameError)
            assert f"no frame {number}" in str(frame)
        else:
            assert not isinstance(frame, FrameError)
            assert number_of(frame) == number


def test_beyond_the_end(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", range(20))
    [(_, last), (number, beyond)] = FullVideos(tmp_path).read("v", [19, 20])
    assert number_of(last) == 19
    assert number == 20
    assert isinstance(beyond, FrameError)


def test_groups_are_decoded_once_and_others_never(tmp_path: Path, decoded: Callable[[], int]) -> None:
    write_video(tmp_path / "v.mp4", range(240), group=12)
    assert len(read(tmp_path, [10, 11, 12, 13, 200])) == 5
    first = decoded()
    assert first <= 14 + 12 + 4  # to 13, then the group of 200; some frames are looked at twice
    assert len(read(tmp_path, list(range(100, 116)))) == 16
    assert decoded() - first <= 12 + 16 + 4


@pytest.mark.parametrize("rate", [25, 60])
def test_other_rates(tmp_path: Path, rate: int) -> None:
    write_video(tmp_path / "v.mp4", range(50), rate=rate)
    assert read(tmp_path, [0, 17, 49]) == {0: 0, 17: 17, 49: 49}


def test_damaged_files(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", range(100)).read_bytes()
    (tmp_path / "v.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FrameError, match=r"v\.mp4 cannot be decoded .* Get it again"):
        list(FullVideos(tmp_path).read("v", [1]))
    (tmp_path / "v.mp4").write_bytes(b"")
    with pytest.raises(FrameError, match="cannot be opened"):
        FullVideos(tmp_path).size(Spot("v", 0))


def test_size(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", range(3))
    assert FullVideos(tmp_path).size(Spot("v", 0)) == (SIDE, SIDE)


def test_clips_have_numbers_of_their_own(tmp_path: Path) -> None:
    source = Clips(tmp_path)
    annotation = annotated("v", 500, clip_frame=20)
    assert source.spot(annotation) == Spot("clip-v", 20)
    assert "clip-v.mp4 is missing" in str(source.problem(annotation))
    write_video(tmp_path / "clip-v.mp4", range(30))
    assert source.problem(annotation) is None
    without = Annotation("v_1", "v", 1, None, None)
    assert source.spot(without) is None
    assert "names no clip" in str(source.problem(without))
