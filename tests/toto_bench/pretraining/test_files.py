"""Files of a source, and the views that are cut from them."""

import shutil

import numpy as np
import pytest
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.pretraining.errors import SourceError
from toto_bench.pretraining.listing import kind_of, list_files, split
from toto_bench.pretraining.views import Viewing, shortest_side_to, views_of

VIEWING = Viewing(size=24, frames=4, stride=3, views=3, seed=0)


def test_listing(make_videos, make_images, tmp_path):
    videos = make_videos(3)
    (videos / ".hidden.mp4").write_bytes(b"x")
    (videos / "notes.txt").write_text("x")
    listing = list_files(videos, "videos")
    assert listing.files == ("group0/000.mp4", "group0/002.mp4", "group1/001.mp4")
    assert kind_of(videos) == "videos" and kind_of(make_images(2)) == "images"
    before = listing.digest
    (videos / "group0/000.mp4").write_bytes(b"other")
    assert list_files(videos, "videos").digest != before
    with pytest.raises(SourceError, match="no images"):
        list_files(videos, "images")
    with pytest.raises(SourceError, match=r"is not a folder.*--data imagenet=PATH"):
        list_files(tmp_path / "absent", "images", "--data imagenet=PATH")


def test_split_depends_on_names_alone(make_images):
    listing = list_files(make_images(40), "images")
    own, kept = split(listing, 0.25)
    assert 3 <= len(kept.files) <= 20
    assert sorted(own.files + kept.files) == sorted(listing.files)
    half = listing.only(set(listing.files[:20]))
    assert set(split(half, 0.25)[1].files) == set(kept.files) & set(half.files)
    assert split(listing, 0.0)[1].files == ()
    assert len(split(listing, 1e-9)[1].files) == 1
    one = listing.only(set(listing.files[:1]))
    assert split(one, 0.5)[0].files == one.files


def test_resizing_keeps_the_shape():
    frame = np.zeros((40, 61, 3), np.uint8)
    assert shortest_side_to(frame, 24).shape == (24, 37, 3)
    assert shortest_side_to(frame, 80).shape == (80, 122, 3)
    assert shortest_side_to(frame, 40) is frame


def test_clips_are_frames_at_a_stride(make_videos):
    root = make_videos(1, frames=20, size=(24, 40))
    views = views_of(root, "group0/000.mp4", "videos", VIEWING)
    assert views.shape == (3, 4, 24, 24, 3) and views.dtype == np.uint8
    again = views_of(root, "group0/000.mp4", "videos", VIEWING)
    assert np.array_equal(views, again)
    other = views_of(root, "group0/000.mp4", "videos", VIEWING._replace(seed=1))
    assert not np.array_equal(views, other)
    # The square moves a pixel with each frame, and the crop stays: so do its edges at the stride.
    still = views_of(root, "group0/000.mp4", "videos", VIEWING._replace(views=40))
    edges = (still.mean(axis=(2, 4)) > 150).argmax(axis=2)
    moved = [np.diff(row) for row in edges if row.min() > 0]
    assert moved and all((step == 3).all() for step in moved)


def test_views_are_zoomed_up_to_a_factor(tmp_path):
    ramp = np.broadcast_to(8 * np.arange(24, dtype=np.uint8)[None, :, None], (24, 24, 3))
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    zoomed = VIEWING._replace(zoom=2.0, views=40)
    views = views_of(tmp_path, "ramp.png", "images", zoomed)
    assert views.shape == (40, 1, 24, 24, 3)
    assert np.array_equal(views, views_of(tmp_path, "ramp.png", "images", zoomed))
    steps = np.diff(views[..., 4:-4, 0].astype(float), axis=3).mean(axis=(1, 2, 3))
    assert 3.8 < steps.min() < 4.6 < 7 < steps.max() < 8.2


def test_a_clip_is_zoomed_as_a_whole(make_videos):
    root = make_videos(1, frames=20, size=(24, 40))
    views = views_of(root, "group0/000.mp4", "videos", VIEWING._replace(zoom=2.0, views=40))
    assert views.shape == (40, 4, 24, 24, 3)
    edges = (views.mean(axis=(2, 4)) > 150).argmax(axis=2)
    steps = {int(step) for row in edges if row.min() > 0 for step in np.diff(row)}
    assert steps and min(steps) >= 2 and max(steps) > 3  # three pixels of the file at the stride


def test_equal_files_have_views_of_their_own(make_videos):
    root = make_videos(1)
    shutil.copy(root / "group0/000.mp4", root / "group0/copy.mp4")
    one, other = (views_of(root, f"group0/{name}.mp4", "videos", VIEWING) for name in ("000", "copy"))
    assert not np.array_equal(one, other)


def test_images_are_cropped_at_random(make_images):
    views = views_of(make_images(1), "class0/0.png", "images", VIEWING)
    assert views.shape == (3, 1, 24, 24, 3)
    assert not np.array_equal(views[0], views[1])


def test_files_that_cannot_be_read(make_videos, tmp_path):
    root = make_videos(1, frames=9)
    with pytest.raises(DataError, match="9 frames are too few for 4 frames at stride 3"):
        views_of(root, "group0/000.mp4", "videos", VIEWING)
    (root / "bad.mp4").write_bytes(b"no video")
    with pytest.raises(DataError, match=r"bad\.mp4 cannot be decoded as a video"):
        views_of(root, "bad.mp4", "videos", VIEWING)
    (root / "bad.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"bad\.png cannot be decoded as an image"):
        views_of(root, "bad.png", "images", VIEWING)
