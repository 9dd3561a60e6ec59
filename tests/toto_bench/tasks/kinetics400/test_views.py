"""Views of a video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toto_bench.media.h264 import write_h264
from toto_bench.media.videos import gather_frames
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.kinetics400.sampling import Clip, scored_clips
from toto_bench.tasks.kinetics400.transforms import resize_short_side
from toto_bench.tasks.kinetics400.views import BrokenVideoError, read_scored_views, read_train_view

Protocol = Callable[..., KineticsProtocol]
FRAMES = 90


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 frames of a ground that drifts, 48 high and 80 wide."""
    path = tmp_path_factory.mktemp("videos") / "-a_b_000001_000004.mp4"
    ground = np.random.default_rng(0).integers(0, 256, (6, 20, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    frames = (np.roll(ground, 2 * t, 1)[:, :80] for t in range(FRAMES))
    write_h264(path, frames, 30, crf=10, preset="fast", coding={"g": "15"})
    return path


@pytest.fixture
def small(protocol: Protocol) -> KineticsProtocol:
    """32 pixels; clips of 8 frames at stride 4."""
    return protocol(resolution=32, frames=8, train_short_side=[36, 44])


def test_every_view_is_the_one_that_is_read_alone(video: Path, small: KineticsProtocol) -> None:
    """Frames by number, resized, cut: 10 clips x 3 crops, crops of one clip beside each other."""
    views = read_scored_views(video, small)
    assert views.total == 30
    clips = scored_clips(Clip(8, 4, 30), FRAMES, 30.0, 10, offset=False)
    _, whole = gather_frames(
        video, lambda info: range(info.frames), lambda frame: resize_short_side(frame, 32)
    )
    assert whole[0].shape == (32, 53, 3)
    for number in range(30):
        left = (0, 11, 21)[number % 3]
        expected = [whole[int(frame)][:, left : left + 32] for frame in clips[number // 3]]
        assert np.array_equal(views.view(number), np.stack(expected))


def test_a_frame_is_kept_once(video: Path, small: KineticsProtocol) -> None:
    """However many clips share it."""
    views = read_scored_views(video, small)
    clips = scored_clips(Clip(8, 4, 30), FRAMES, 30.0, 10, offset=False)
    assert views.frames.shape == (len(np.unique(clips)), 3, 32, 32, 3)
    assert len(np.unique(clips)) < clips.size


def test_counts_of_views_are_of_the_protocol(video: Path, protocol: Protocol) -> None:
    """One crop is the middle one."""
    few = protocol(resolution=32, frames=4, train_short_side=[36, 44], clips=2, crops=1, offset_sampling=True)
    views = read_scored_views(video, few)
    assert (views.total, views.view(1).shape) == (2, (4, 32, 32, 3))
    three = read_scored_views(video, few.model_copy(update={"crops": 3}))
    assert np.array_equal(views.view(1), three.view(4))


def test_a_training_view_depends_on_its_seed_name_and_number_alone(
    video: Path, small: KineticsProtocol
) -> None:
    """The same again, another one each time that one of them differs."""
    keys = [(0, "a", 0), (0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1)]
    views = [read_train_view(video, name, small, seed=seed, view=view) for seed, name, view in keys]
    assert all(view.shape == (8, 32, 32, 3) and view.dtype == np.uint8 for view in views)
    assert np.array_equal(views[0], views[1])
    assert len({view.tobytes() for view in views}) == 4


def test_half_of_the_training_views_are_mirrored(video: Path, small: KineticsProtocol) -> None:
    """All frames of a clip alike, and nothing else changes."""
    for view in range(3):
        always, never = (
            read_train_view(video, "a", small.model_copy(update={"flip": flip}), seed=0, view=view)
            for flip in (1.0, 0.0)
        )
        assert np.array_equal(always, never[:, :, ::-1])
        either = read_train_view(video, "a", small, seed=0, view=view)
        assert np.array_equal(either, always) or np.array_equal(either, never)


def test_a_broken_video_is_named(tmp_path: Path, small: KineticsProtocol) -> None:
    """Never replaced by another one."""
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"nothing")
    with pytest.raises(BrokenVideoError, match=r"broken\.mp4 cannot be decoded as a video"):
        read_scored_views(path, small)
    with pytest.raises(BrokenVideoError, match=r"broken\.mp4 cannot be decoded as a video"):
        read_train_view(path, "a", small, seed=0, view=0)
