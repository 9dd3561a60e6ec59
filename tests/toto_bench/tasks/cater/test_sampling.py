"""Frames over the whole video, its end among them."""

import numpy as np
import pytest

from toto_bench.tasks.cater.sampling import center_frames, random_frames, segment_borders

LENGTHS = [(300, 16), (300, 32), (60, 16), (301, 16), (17, 16), (16, 16), (7, 16), (1, 16), (1, 1), (300, 1)]


def test_middles_of_the_segments_of_a_video_of_300_frames() -> None:
    assert center_frames(300, 16).tolist() == [
        [9, 28, 46, 65, 84, 103, 121, 140, 159, 178, 196, 215, 234, 253, 271, 299]
    ]


@pytest.mark.parametrize(("total", "count"), LENGTHS)
def test_every_segment_gives_a_frame_of_its_own_and_the_last_the_end(total: int, count: int) -> None:
    borders = segment_borders(total, count)
    assert (borders[0], borders[-1], len(borders)) == (0, total, count + 1)
    for frames in (center_frames(total, count)[0], random_frames(total, count, np.random.default_rng(0))):
        assert frames.shape == (count,)
        assert frames[-1] == total - 1
        assert np.all(np.diff(frames) >= 0)
        assert frames.min() >= 0
        if total >= count:
            ends = np.arange(1, count + 1) * total / count
            assert np.all((borders[:-1] <= frames) & (frames < ends))


def test_random_frames_reach_all_of_a_segment_and_repeat_with_the_seed() -> None:
    rng = np.random.default_rng(1)
    drawn = np.stack([random_frames(300, 16, rng) for _ in range(600)])
    for segment, (first, end) in enumerate(
        zip(*(segment_borders(300, 16)[s] for s in (slice(-1), slice(1, None))), strict=True)
    ):
        expected = {299} if segment == 15 else set(range(first, end))
        assert set(drawn[:, segment].tolist()) == expected
    again = random_frames(300, 16, np.random.default_rng(1))
    np.testing.assert_array_equal(again, drawn[0])


def test_views_cut_each_segment_evenly() -> None:
    views = center_frames(320, 16, views=4)
    assert views.shape == (4, 16)
    np.testing.assert_array_equal(views[:, 0], [2, 7, 12, 17])
    assert set(views[:, -1]) == {319}
    np.testing.assert_array_equal(center_frames(320, 16, views=1)[0, :-1], np.arange(15) * 20 + 10)


def test_a_video_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="0 frames"):
        center_frames(0, 16)
