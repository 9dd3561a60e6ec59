"""Views of an image."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.media.sources import Source
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.views import BrokenImageError, read_scored_view, read_train_view

Protocol = Callable[..., ImagenetProtocol]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A slope from left to right, 60 high and 90 wide, as a part of a file."""
    pixels = np.broadcast_to(np.linspace(0, 255, 90).astype(np.uint8)[None, :, None], (60, 90, 3))
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "PNG")
    path = tmp_path / "archive.tar"
    path.write_bytes(b"before" + stream.getvalue() + b"after")
    return Source(path, 6, len(stream.getvalue()))


@pytest.fixture
def small(protocol: Protocol) -> ImagenetProtocol:
    """32 pixels out of 40."""
    return protocol(resolution=32, eval_resize=40)


def test_the_scored_view_is_the_middle(source: Source, small: ImagenetProtocol) -> None:
    """As wide as four fifths of the height."""
    view = read_scored_view(source, small)
    assert (view.shape, view.dtype) == ((32, 32, 3), np.uint8)
    left, right = int(view[16, 0, 0]), int(view[16, -1, 0])
    assert abs(left - 255 * 14.5 / 60) < 4 and abs(right - 255 * 45.5 / 60) < 4


def test_a_training_view_depends_on_its_seed_name_and_number_alone(
    source: Source, small: ImagenetProtocol
) -> None:
    """The same again, another one each time that one of them differs."""
    keys = [(0, "a", 0), (0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1)]
    views = [read_train_view(source, name, small, seed=seed, view=view) for seed, name, view in keys]
    assert all(view.shape == (32, 32, 3) and view.dtype == np.uint8 for view in views)
    assert np.array_equal(views[0], views[1])
    assert len({view.tobytes() for view in views}) == 4


def test_half_of_the_training_views_are_mirrored(source: Source, small: ImagenetProtocol) -> None:
    """A slope that falls."""
    views = [read_train_view(source, "a", small, seed=0, view=view) for view in range(60)]
    falling = sum(int(view[16, 0, 0]) > int(view[16, -1, 0]) for view in views)
    assert 15 < falling < 45
    never = small.model_copy(update={"flip": 0.0})
    assert all(
        int(view[16, 0, 0]) < int(view[16, -1, 0])
        for view in (read_train_view(source, "a", never, seed=0, view=view) for view in range(20))
    )


def test_parts_are_as_large_as_the_protocol_says(source: Source, small: ImagenetProtocol) -> None:
    """The whole image, and small parts of it."""
    spread = {}
    for scale in ((0.98, 1.0), (0.1, 0.12)):
        views = [
            read_train_view(
                source, "a", small.model_copy(update={"train_crop_scale": scale}), seed=0, view=view
            )
            for view in range(20)
        ]
        spread[scale[1]] = np.mean([int(view.max()) - int(view.min()) for view in views])
    assert spread[0.12] < 120 < spread[1.0]


def test_a_broken_image_is_named(tmp_path: Path, small: ImagenetProtocol) -> None:
    """With its place in an archive."""
    path = tmp_path / "train.tar"
    path.write_bytes(b"nothing of the kind")
    for broken in (Source(path), Source(path, 8, 5), Source(tmp_path / "gone.JPEG")):
        with pytest.raises(
            BrokenImageError, match=r"(train\.tar|gone\.JPEG).* cannot be decoded as an image"
        ):
            read_scored_view(broken, small)
        with pytest.raises(
            BrokenImageError, match=r"(train\.tar|gone\.JPEG).* cannot be decoded as an image"
        ):
            read_train_view(broken, "a", small, seed=0, view=0)
