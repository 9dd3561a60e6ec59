"""What a round of learning led to, and how soon success came."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toto_bench.robots.episodes import Episode


@dataclass(frozen=True)
class Round:
    """One round."""

    number: int
    """0, 1, ..."""
    steps: int
    """Environment steps that were learnt from, so far."""
    error: float
    """Mean squared error of the policy before this round on the frames that it then visited."""
    episodes: tuple[Episode, ...]
    """Of the evaluation after this round; none where it has none."""

    @property
    def successes(self) -> int:
        """Number of episodes that succeeded."""
        return sum(episode.success for episode in self.episodes)

    @property
    def success(self) -> float:
        """Share of episodes that succeeded; NaN without episodes."""
        return self.successes / len(self.episodes) if self.episodes else float("nan")


def read_round(path: Path) -> Round | None:
    """A round from its file; None where it is not there, or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        episodes = tuple(Episode(**{**row, "start": tuple(row["start"])}) for row in content.pop("episodes"))
        return Round(**content, episodes=episodes)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def mean_success(rounds: Sequence[Round]) -> float:
    """Mean of the success rates of all evaluations."""
    return float(np.mean([each.success for each in rounds if each.episodes]))


def steps_to(rounds: Sequence[Round], share: float) -> int | None:
    """Environment steps until an evaluation first has this share of successes; None if none has."""
    return next((each.steps for each in rounds if each.episodes and each.success >= share), None)
