"""Clips for evaluation and training."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.tasks.cater.clips import as_video, eval_clips, training_clip, vary_colours
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import ListedVideo, read_list
from toto_bench.tasks.cater.sampling import center_frames, random_frames
from toto_bench.tasks.cater.videos import BrokenVideoError, read_frames

from .conftest import FRAMES

Protocol = Callable[..., CaterProtocol]


@pytest.fixture
def video(make_cater: Callable[..., Path], protocol: Protocol) -> ListedVideo:
    return read_list(make_cater(), protocol(), "train").videos[0]


def test_evaluation_reads_the_middles_of_segments(video: ListedVideo, protocol: Protocol) -> None:
    clips = eval_clips(video.path, protocol(resolution=32))
    assert clips.shape == (1, 16, 32, 32, 3)
    np.testing.assert_array_equal(clips[0], read_frames(video.path, center_frames(FRAMES, 16)[0], 32))


def test_views_are_clips_of_their_own(video: ListedVideo, protocol: Protocol) -> None:
    clips = eval_clips(video.path, protocol(resolution=32, frames=4, clips=3))
    assert clips.shape == (3, 4, 32, 32, 3)
    for view, indices in zip(clips, center_frames(FRAMES, 4, 3), strict=True):
        np.testing.assert_array_equal(view, read_frames(video.path, indices, 32))


def test_a_training_clip_is_random_frames_never_flipped_or_cropped(
    video: ListedVideo, protocol: Protocol
) -> None:
    plain = protocol(resolution=32, color_jitter=0.0)
    for seed in range(5):
        clip = training_clip(video.path, plain, np.random.default_rng(seed))
        indices = random_frames(FRAMES, 16, np.random.default_rng(seed))
        np.testing.assert_array_equal(clip, read_frames(video.path, indices, 32))
    centred = protocol(resolution=32, color_jitter=0.0, train_sampling="segment-center")
    np.testing.assert_array_equal(
        training_clip(video.path, centred, np.random.default_rng(0)), eval_clips(video.path, centred)[0]
    )


def test_a_training_clip_repeats_with_its_seed(video: ListedVideo, protocol: Protocol) -> None:
    one, same, other = (
        training_clip(video.path, protocol(resolution=32), np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_colours_vary_alike_in_all_frames_and_no_further_than_allowed() -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(60, 190, (8, 8, 3), dtype=np.uint8)
    clip = np.stack([frame, frame])
    factors = []
    for _ in range(50):
        varied = vary_colours(clip, 0.2, rng)
        assert varied.shape == clip.shape
        np.testing.assert_array_equal(varied[0], varied[1])
        factors.append(varied.mean() / clip.mean())
    assert 0.78 < min(factors) < 0.9
    assert 1.1 < max(factors) < 1.22
    np.testing.assert_allclose(vary_colours(clip, 0.0, rng), clip, atol=1)


def test_hue_is_kept() -> None:
    red = np.full((1, 4, 4, 3), (180, 60, 60), dtype=np.uint8)
    for seed in range(20):
        varied = vary_colours(red, 0.3, np.random.default_rng(seed))[0, 0, 0].astype(int)
        assert varied[1] == varied[2] < varied[0]


def test_a_video_is_channels_first_between_0_and_1() -> None:
    clips = np.zeros((2, 3, 4, 4, 3), np.uint8)
    clips[1, 2, 3, 0] = (255, 51, 0)
    video = as_video(clips)
    assert (video.shape, video.dtype) == ((2, 3, 3, 4, 4), torch.float32)
    torch.testing.assert_close(video[1, 2, :, 3, 0], torch.tensor([1.0, 0.2, 0.0]))


def test_a_corrupt_video_is_an_error_never_another_video(video: ListedVideo, protocol: Protocol) -> None:
    video.path.write_bytes(video.path.read_bytes()[:3000])
    for read in (
        lambda: eval_clips(video.path, protocol()),
        lambda: training_clip(video.path, protocol(), np.random.default_rng(0)),
    ):
        with pytest.raises(BrokenVideoError, match=video.name):
            read()
