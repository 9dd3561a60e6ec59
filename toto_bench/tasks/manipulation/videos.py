"""Some rollouts of the last policy as videos: what a bystander sees, and what the policy sees."""

from pathlib import Path

from toto_bench.robots.learning import Dagger
from toto_bench.robots.learning.evaluate import SensingActor, evaluate
from toto_bench.robots.rollout_video import EpisodeVideos
from toto_bench.tasks.manipulation.outcome import episode_id
from toto_bench.tasks.manipulation.work import Work

SHOWN = 3
"""Episodes that are filmed."""
SIDE = 240
"""Of each of the two pictures."""


def film(work: Work, learner: Dagger, folder: Path) -> dict[str, Path]:
    """Videos of the first evaluation episodes, by title."""
    count = min(SHOWN, work.episodes)
    with EpisodeVideos(folder, range(count), size=SIDE, backend=work.backend, beside=work.views) as videos:
        evaluate(work.simulation, SensingActor(learner.senses, learner.act), count, videos=videos)
    return {f"rollout {episode_id(number)}": path for number, path in sorted(videos.written.items())}
