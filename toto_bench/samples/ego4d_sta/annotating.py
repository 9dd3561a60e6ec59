"""Annotations of one video, and the annotation files of Ego4D's short-term anticipation."""

import hashlib
import uuid
from typing import Any

import numpy as np

from toto_bench.samples.ego4d_sta.scene import FPS, SIZE, Approach
from toto_bench.samples.ego4d_sta.things import KINDS, VERBS
from toto_bench.samples.world.clip import Clip

NOUNS = tuple(KINDS)
"""In the order of their ids."""
_WAITS = ((0.25, 0.6), (0.7, 1.2), (1.3, 2.0))
"""Seconds to the contact of the annotations of one video."""
_HISTORY = 15
"""Frames before the first annotated one: a reader takes 16 frames up to it."""
_DATE = "2026-11-21"
"""Of this recipe."""


def uid_of(*names: str) -> str:
    """A UUID that depends on nothing but these names."""
    return str(uuid.UUID(bytes=hashlib.sha256("\0".join(names).encode()).digest()[:16], version=4))


def choose_frames(contact: float, rng: np.random.Generator) -> list[int]:
    """Last observed frames, in the order of time.

    Args:
        contact: when the contact is, in seconds.
        rng: of how long before it they are.
    """
    frames = [int(np.floor((contact - rng.uniform(*wait)) * FPS)) for wait in _WAITS]
    latest = int(np.floor((contact - _WAITS[0][0]) * FPS))
    return sorted({min(max(frame, _HISTORY), latest) for frame in frames})


def annotate(
    video: str, clip: Clip, approach: Approach, what: tuple[str, str], frames: list[int]
) -> list[dict[str, Any]]:
    """One annotation for each frame; the clip is the whole video.

    Args:
        video: its uid.
        clip: the rendered scene, with masks of these frames.
        approach: its target and contact.
        what: noun and verb.
        frames: to annotate.
    """
    noun, verb = what
    clip_uid = uid_of("clip", video)
    return [
        {
            "uid": f"{video}_{frame:07d}",
            "video_id": video,
            "video_uid": video,
            "frame": frame,
            "clip_id": int(clip_uid[:6], 16),
            "clip_uid": clip_uid,
            "clip_frame": frame,
            "objects": [
                {
                    "box": box_of(clip, approach.target, frame),
                    "noun_category_id": NOUNS.index(noun),
                    "verb_category_id": VERBS.index(verb),
                    "time_to_contact": round(approach.contact - frame / FPS, 6),
                }
            ],
        }
        for frame in frames
    ]


def box_of(clip: Clip, names: tuple[str, ...], frame: int) -> list[float]:
    """The box [x1, y1, x2, y2] around the visible pixels of some items; x2 and y2 exclusive."""
    boxes = clip.boxes[clip.masked.index(frame), [clip.items.index(name) for name in names]]
    low, high = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return [float(value) for value in (*low, *high)]


def annotation_file(split: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The content of fho_sta_{split}.json.

    Args:
        split: `train` or `val`.
        parts: of each video: `video` and its `annotations`.
    """
    size = {"frame_width": SIZE[1], "frame_height": SIZE[0], "fps": FPS}
    return {
        "version": "v1",
        "date": _DATE,
        "description": "Short-term anticipation in toto-bench's sample world",
        "split": split,
        "info": {"video_metadata": {part["video"]: size for part in parts}},
        "noun_categories": [{"id": number, "name": name} for number, name in enumerate(NOUNS)],
        "verb_categories": [{"id": number, "name": name} for number, name in enumerate(VERBS)],
        "annotations": [annotation for part in parts for annotation in part["annotations"]],
    }
