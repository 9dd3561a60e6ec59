"""Annotation files: both versions, test sets, what is dropped for training, and what is said about wrong ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.ego4d_sta.annotations import Annotation, read_annotations
from toto_bench.tasks.ego4d_sta.errors import AnnotationError, NotFiniteError, PropertyError

from .conftest import annotation, annotations_of, thing

Write = Callable[..., Path]


def test_what_is_read(write: Write) -> None:
    entries = [
        annotation("v", 7, [thing(), thing((1, 2, 3.5, 4), noun=2, verb=1, ttc=1)]),
        annotation("w", 0, [thing(noun=1)]),
    ]
    found = read_annotations(write("a.json", annotations_of(entries)))
    assert found.annotations == (
        Annotation("v_0000007", "v", 7, "clip-v", 7),
        Annotation("w_0000000", "w", 0, "clip-w", 0),
    )
    assert found.labels.uids == ("v_0000007", "w_0000000")
    np.testing.assert_array_equal(found.labels.counts, [2, 1])
    np.testing.assert_array_equal(found.labels.boxes[1], [1, 2, 3.5, 4])
    np.testing.assert_array_equal(found.labels.nouns, [0, 2, 1])
    np.testing.assert_array_equal(found.labels.verbs, [0, 1, 0])
    np.testing.assert_array_equal(found.labels.ttcs, [0.5, 1, 0.5])
    np.testing.assert_array_equal(found.sizes, [[240, 320]] * 2)
    assert found.nouns == {0: "bag", 1: "cup_(mug)", 2: "jar"}
    assert found.verbs == {0: "take", 1: "turn"}
    assert (found.annotated, found.small, found.dropped) == (True, False, (0, 0))


@pytest.mark.parametrize(
    "names", [{"video_id": "v"}, {"video_uid": "v"}, {"video_id": "v", "video_uid": "v"}]
)
def test_either_name_of_the_video(write: Write, names: dict[str, str]) -> None:
    entry = {**annotation("v", 3, [thing()]), "action_clip_start_sec": 1.5, "clip_parent_start_frame": None}
    del entry["video_id"]
    found = read_annotations(write("a.json", annotations_of([{**entry, **names}])))
    assert found.annotations[0].video == "v"


def test_a_test_set(write: Write) -> None:
    found = read_annotations(write("a.json", annotations_of([annotation("v", 3, None)])))
    assert not found.annotated
    assert len(found.labels) == 0
    assert len(found.annotations) == 1


def test_degenerate_boxes_are_dropped_in_training_only(write: Write) -> None:
    flat, inverted = thing((5, 5, 5, 9)), thing((9, 9, 3, 20))
    path = write(
        "a.json",
        annotations_of(
            [
                annotation("v", 1, [flat, thing(noun=2)]),
                annotation("v", 2, [inverted]),
                annotation("v", 3, []),
                annotation("v", 4, [thing()]),
            ]
        ),
    )
    scored = read_annotations(path)
    assert (len(scored.annotations), len(scored.labels), scored.dropped) == (4, 4, (0, 0))
    trained = read_annotations(path, training=True)
    assert [a.frame for a in trained.annotations] == [1, 4]
    assert trained.labels.uids == ("v_0000001", "v_0000004")
    np.testing.assert_array_equal(trained.labels.nouns, [2, 0])
    assert trained.dropped == (2, 2)
    assert len(trained.sizes) == 2


def test_the_sample(write: Write) -> None:
    found = read_annotations(BUNDLE / "ego4d_sta/annotations/fho_sta_val.json")
    assert len(found.annotations) == len(found.labels) == 23
    assert not found.small
    assert found.version == "v1"


def changed(**changes: Any) -> dict[str, Any]:
    return {**annotations_of([annotation("v", 1, [thing()])]), **changes}


def entry(**changes: Any) -> dict[str, Any]:
    return annotations_of([{**annotation("v", 1, [thing()]), **changes}])


TWICE = annotations_of([annotation("v", 1, [thing()])] * 2)
WRONG = {
    "two videos": (entry(video_uid="w"), AnnotationError, "names two different videos"),
    "no entries": (changed(annotations=[]), AnnotationError, "no entries"),
    "a list": ([], AnnotationError, "no JSON object"),
    "no uid": (changed(annotations=[{"frame": 1}]), AnnotationError, "entry 0 .* no text `uid`"),
    "no nouns": (changed(noun_categories=[]), AnnotationError, "no list `noun_categories`"),
    "verbs without names": (
        changed(verb_categories=[{"id": 0}]),
        AnnotationError,
        "`verb_categories` has no",
    ),
    "nouns twice": (
        changed(noun_categories=[{"id": 0, "name": "a"}, {"id": 0, "name": "b"}]),
        AnnotationError,
        "more than once in `noun_categories`",
    ),
    "no sizes": (changed(info={}), AnnotationError, "how large the frames of `v` are"),
    "a negative frame": (entry(frame=-1), AnnotationError, "`frame` of `v_0000001` is -1"),
    "a frame as text": (entry(frame="1"), AnnotationError, "`frame`"),
    "an unknown noun": (entry(objects=[thing(noun=3)]), AnnotationError, "noun_category_id 3"),
    "an unknown verb": (entry(objects=[thing(verb=-1)]), AnnotationError, "verb_category_id -1"),
    "a uid twice": (TWICE, AnnotationError, "`v_0000001` more than once"),
    "a box of three": (entry(objects=[thing((1, 2, 3))]), PropertyError, "four numbers"),
    "NaN": (entry(objects=[thing(ttc=float("nan"))]), NotFiniteError, "`time_to_contact`"),
    "cut off": ('{"annotations": [{"uid"', AnnotationError, "cut off or damaged"),
}


@pytest.mark.parametrize(("content", "error", "message"), WRONG.values(), ids=WRONG)
def test_wrong_files(write: Write, content: Any, error: type[Exception], message: str) -> None:
    path = write("a.json", content)
    with pytest.raises(error, match=message) as found:
        read_annotations(path)
    assert str(path) in str(found.value)


def test_a_video_without_a_name(write: Write) -> None:
    content = changed()
    del content["annotations"][0]["video_id"]
    with pytest.raises(AnnotationError, match="names no video"):
        read_annotations(write("a.json", content))
