"""Frames of clips, against SlowFast's own output."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.tasks.kinetics400.sampling import Clip, scored_clips, train_clip

GOLDEN = Path(__file__).parents[3] / "golden" / "recognition" / "slowfast.json"
CASES = json.loads(GOLDEN.read_text())["temporal_sampling"]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['fps']}-{case['num_video_frames']}-{case['num_clips']}"
)
def test_scored_clips_are_those_of_slowfast(case: dict[str, Any]) -> None:
    """Every frame number of every clip."""
    found = scored_clips(
        Clip(case["num_frames"], case["sampling_rate"], case["target_fps"]),
        case["num_video_frames"],
        case["fps"],
        case["num_clips"],
        offset=case["use_offset_sampling"],
    )
    assert found.tolist() == [clip["frames"] for clip in case["official"]]


def test_training_clips_begin_anywhere() -> None:
    """Starts reach from the first frame to the last possible one; each clip spans 64 frames at 30 a second."""
    rng = np.random.default_rng(0)
    clips = np.stack([train_clip(Clip(16, 4, 30), 100, 30.0, rng) for _ in range(500)])
    assert set(clips[:, -1] - clips[:, 0]) <= {62, 63, 64}
    assert (clips[:, 0].min(), clips[:, -1].max()) == (0, 98)
    assert (np.diff(clips) >= 0).all()


def test_a_short_video_repeats_its_last_frame() -> None:
    """In training too."""
    found = train_clip(Clip(16, 4, 30), 20, 30.0, np.random.default_rng(0))
    assert found.tolist()[:6] == [0, 4, 8, 12, 16, 19]
    assert set(found[5:]) == {19}
