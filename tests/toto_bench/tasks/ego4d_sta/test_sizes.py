"""Frame sizes by the range of boxes: full size, the variant of height 540, and mixes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toto_bench.tasks.ego4d_sta.annotations import read_annotations
from toto_bench.tasks.ego4d_sta.errors import MixedSizesError
from toto_bench.tasks.ego4d_sta.sizes import expect_same

from .conftest import annotation, annotations_of, thing

Write = Callable[..., Path]
FULL = (1080, 1920)


def boxes(count: int, scale: float) -> list:
    """Annotations whose boxes reach from corner to corner of frames of 1920x1080 x scale."""
    rng = np.random.default_rng(0)
    entries = []
    for frame in range(count):
        x, y = rng.uniform(0.5, 1, 2) * (1919, 1079) * scale
        entries.append(annotation("v", frame, [thing((x / 2, y / 2, x, y))]))
    return entries


@pytest.mark.parametrize("name", ["fho_sta_val.json", "fho_sta_val_height-540.json"])
def test_the_variant_is_found(write: Write, name: str) -> None:
    found = read_annotations(write(name, annotations_of(boxes(60, 0.5), size=FULL)))
    assert found.small
    np.testing.assert_array_equal(found.sizes[0], [540, 960])


def test_full_size(write: Write) -> None:
    found = read_annotations(write("a.json", annotations_of(boxes(60, 1), size=FULL)))
    assert not found.small
    np.testing.assert_array_equal(found.sizes[0], FULL)


def test_a_few_small_boxes_are_no_variant(write: Write) -> None:
    found = read_annotations(write("fho_sta_val.json", annotations_of(boxes(5, 0.5), size=FULL)))
    assert not found.small


def test_small_videos_are_no_variant(write: Write) -> None:
    found = read_annotations(write("a.json", annotations_of(boxes(60, 1 / 6), size=(240, 320))))
    assert not found.small


def test_full_boxes_under_the_name_of_the_variant(write: Write) -> None:
    with pytest.raises(MixedSizesError, match="called a file of height 540"):
        read_annotations(write("fho_sta_val_height-540.json", annotations_of(boxes(60, 1), size=FULL)))


def test_boxes_larger_than_frames(write: Write) -> None:
    with pytest.raises(MixedSizesError, match="whose frame is 960x540"):
        read_annotations(write("a.json", annotations_of(boxes(60, 1), size=(540, 960))))


def test_pictures_of_another_size() -> None:
    expect_same((540, 961), (540, 960), "a picture", small=True)
    with pytest.raises(MixedSizesError, match=r"960x540 pixels, .* measured in 1920x1080: .* full size"):
        expect_same((540, 960), (1080, 1920), "a picture", small=False)
