"""Stills and clips of annotations: which frames, each once, and what one that cannot be read does to others."""

from itertools import pairwise

import numpy as np
import pytest

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.frames import Wanted, clip_numbers, gather
from toto_bench.tasks.ego4d_sta.frames.window import Window

from .conftest import Counting, annotated, number_of


@pytest.mark.parametrize(
    ("last", "stride", "expected"),
    [
        (20, 1, list(range(5, 21))),
        (3, 1, [0] * 12 + [0, 1, 2, 3]),
        (0, 1, [0] * 16),
        (20, 2, [0] * 5 + list(range(0, 21, 2))),
    ],
)
def test_numbers_of_a_clip(last: int, stride: int, expected: list[int]) -> None:
    assert clip_numbers(last, 16, stride) == expected


def test_samples() -> None:
    source = Counting()
    order = [annotated("v", 40), annotated("w", 3), annotated("v", 30)]
    found = list(gather(order, still=Wanted(source, np.copy), clip=Wanted(source, number_of)))
    assert [sample.annotation.uid for sample in found] == ["v_0000030", "v_0000040", "w_0000003"]
    for sample in found:
        assert sample.problem is None
        assert list(sample.clip) == clip_numbers(sample.annotation.frame, 16)
        assert number_of(sample.still) == sample.annotation.frame


def test_each_frame_is_read_once() -> None:
    still, clip = Counting(), Counting()
    converted: list[int] = []

    def convert(frame: np.ndarray) -> int:
        converted.append(number_of(frame))
        return converted[-1]

    order = [annotated("v", frame) for frame in (20, 25, 25, 90)]
    found = list(gather(order, still=Wanted(still, number_of), clip=Wanted(clip, convert)))
    assert converted == [*range(5, 26), *range(75, 91)]
    assert clip.asked == [("v", converted)]
    assert still.asked == [("v", [20, 25, 90])]
    assert [sample.still for sample in found] == [20, 25, 25, 90]


def test_one_source_of_both_is_read_once() -> None:
    source = Counting()
    order = [annotated("v", frame) for frame in (5, 9, 9, 40)]
    found = list(gather(order, still=Wanted(source, lambda f: -number_of(f)), clip=Wanted(source, number_of)))
    assert [sample.still for sample in found] == [-5, -9, -9, -40]
    assert source.asked == [("v", [*range(10), *range(25, 41)])]


def test_no_more_is_kept_than_is_needed() -> None:
    source = Counting()
    order = [annotated("v", frame) for frame in range(16, 200, 3)]
    window = Window(Wanted(source, number_of), order, 16, 1)
    for annotation in order:
        window.up_to(annotation)
        assert len(window._kept) == 16


def test_stills_or_clips_alone() -> None:
    source = Counting()
    [still] = gather([annotated("v", 9)], still=Wanted(source, number_of))
    assert (still.still, still.clip) == (9, ())
    [clip] = gather([annotated("v", 9)], clip=Wanted(source, number_of), frames=3, stride=2)
    assert (clip.still, clip.clip) == (None, (5, 7, 9))
    assert source.asked == [("v", [9]), ("v", [5, 7, 9])]


def test_a_missing_frame_fails_only_what_needs_it() -> None:
    source = Counting(missing=[22])
    order = [annotated("v", frame) for frame in (20, 25, 37, 38)]
    for still in (None, Wanted(source, number_of)):
        found = list(gather(order, still=still, clip=Wanted(source, number_of)))
        assert [str(sample.problem) for sample in found] == ["None", "no 22", "no 22", "None"]
        assert found[1].clip == ()
        assert found[3].clip == tuple(range(23, 39))


def test_a_missing_still() -> None:
    found = list(
        gather(
            [annotated("v", 20), annotated("v", 25)],
            still=Wanted(Counting(missing=[20]), number_of),
            clip=Wanted(Counting(), number_of),
        )
    )
    assert [str(sample.problem) for sample in found] == ["no 20", "None"]


def test_a_video_that_breaks_off_fails_what_comes_after() -> None:
    order = [annotated("v", 20), annotated("v", 25), annotated("v", 60), annotated("w", 10)]
    found = list(gather(order, clip=Wanted(Counting(breaks_at=24), number_of)))
    assert [str(sample.problem) for sample in found] == ["None", "v breaks off", "v breaks off", "None"]


def test_an_annotation_without_clip_is_told() -> None:
    class ByClip(Counting):
        def spot(self, annotation):
            return None if annotation.clip is None else super().spot(annotation)

    found = list(gather([Annotation("a", "v", 3, None, None)], clip=Wanted(ByClip(), number_of)))
    assert "names no clip" in str(found[0].problem)


def test_numbers_that_do_not_rise_together_are_told() -> None:
    class ByClip(Counting):
        def spot(self, annotation):
            return super().spot(annotation._replace(frame=annotation.clip_frame))

    order = [annotated("v", 100, clip_frame=90), annotated("v", 200, clip_frame=20)]
    assert all(one.frame < other.frame for one, other in pairwise(order))
    found = list(gather(order, clip=Wanted(ByClip(), number_of)))
    assert found[0].problem is None
    assert "do not rise together" in str(found[1].problem)
