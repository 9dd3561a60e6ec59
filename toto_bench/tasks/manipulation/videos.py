"""Some rollouts of the last policy as videos: what a bystander sees, and what the policy sees."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.media.h264 import write_h264
from toto_bench.robots.learning import Dagger
from toto_bench.robots.learning.evaluate import policy_actor, run_episodes
from toto_bench.robots.learning.senses import Ids
from toto_bench.robots.scenes import FRONT
from toto_bench.robots.views import Views
from toto_bench.tasks.manipulation.outcome import episode_id
from toto_bench.tasks.manipulation.work import Work

SHOWN = 3
"""Episodes that are filmed."""
SIDE = 240
"""Of each of the two pictures."""
EVERY = 2
"""Control steps from one frame to the next."""
_CRF = 24


def film(work: Work, learner: Dagger, folder: Path) -> dict[str, Path]:
    """Videos of the first evaluation episodes, by title."""
    front = Views(work.simulation, SIDE)
    filmed: dict[int, list[NDArray[np.uint8]]] = {}
    steps = 0

    def watch(numbers: Sequence[int], ids: Ids) -> None:
        nonlocal steps
        steps += 1
        if (steps - 1) % EVERY:
            return
        outside, inside = front.draw(ids.tolist(), FRONT), work.views.draw(ids.tolist())
        for number, there, here in zip(numbers, outside, inside, strict=True):
            filmed.setdefault(number, []).append(np.concatenate([there, _enlarged(here)], axis=1))

    count = min(SHOWN, work.episodes)
    for _ in run_episodes(
        work.simulation, policy_actor(learner.senses, learner.act), range(count), watch=watch
    ):
        pass
    front.close()
    found = {}
    for number, frames in sorted(filmed.items()):
        path = folder / f"{episode_id(number)}.mp4"
        write_h264(path, frames, work.protocol.control_hz / EVERY, crf=_CRF)
        found[f"rollout {episode_id(number)}"] = path
    return found


def _enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
