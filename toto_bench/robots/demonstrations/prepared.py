"""Demonstrations as a policy learns from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError
from toto_bench.robots.demonstrations.frames import Frames
from toto_bench.robots.learning.spec import SMALLEST
from toto_bench.robots.policy.spec import ActionSpec, CameraSpec, Normalisation, PolicySpec, Readout

Index = NDArray[np.int64]
"""[n, 2]: the number of an episode, and of a row in it."""


@dataclass(frozen=True, eq=False)
class PreparedEpisode:
    """n rows, each with what is done in it."""

    name: str
    """In the set it comes from."""
    steps: NDArray[np.int64]
    """int64 [n]: the recorded steps that the rows are."""
    state: NDArray[np.float32]
    """[n, P]: what the policy reads beside pictures."""
    actions: NDArray[np.float32]
    """[n, A]."""
    cameras: Mapping[str, Frames]
    """Pictures of the rows by camera, uncropped."""

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Episodes to learn from and episodes to judge by."""

    train: tuple[PreparedEpisode, ...]
    """Learnt from."""
    held_out: tuple[PreparedEpisode, ...]
    """Never learnt from."""
    cameras: tuple[CameraSpec, ...]
    """Whose pictures are looked at, and which part of them."""
    names: tuple[str, ...]
    """Of the P numbers of a state."""
    action: ActionSpec
    """What the A numbers of an action are."""
    rate_hz: float
    """Steps per second of the recording."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Why other episodes are not used, by name."""

    def index(self, *, held_out: bool = False) -> Index:
        """Every row of one part: numbers of episode and row."""
        part = self.held_out if held_out else self.train
        rows = [(number, row) for number, episode in enumerate(part) for row in range(len(episode))]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)

    def policy_spec(
        self,
        readout: Readout | None,
        *,
        normalise_actions: bool = False,
        embedding: int = 128,
        hidden: tuple[int, ...] = (256, 128, 64),
    ) -> PolicySpec:
        """The card of a policy that learns from the first part; scales are taken from there.

        Args:
            readout: of the backbone; None: the policy looks at no picture.
            normalise_actions: whether the head gives actions of mean 0 and spread 1; MVP's gives them as they are.
            embedding: width of the learned linear layers.
            hidden: widths of the MLP.

        Raises:
            RequestError: there is a readout, and no camera.
        """
        if readout is not None and not self.cameras:
            raise RequestError(
                "These demonstrations have no pictures: a policy can only learn from their states."
            )
        states = np.concatenate([episode.state for episode in self.train])
        actions = np.concatenate([episode.actions for episode in self.train])
        statistics = Normalisation.of(actions) if normalise_actions else None
        return PolicySpec(
            cameras=() if readout is None else self.cameras,
            readout=readout,
            proprio=self.names,
            proprio_statistics=Normalisation.of(states, smallest=SMALLEST),
            action=self.action.model_copy(update={"statistics": statistics}),
            rate_hz=self.rate_hz,
            embedding=embedding,
            hidden=hidden,
        )


def split_episodes(
    episodes: Sequence[PreparedEpisode], share: float, seed: int
) -> tuple[tuple[PreparedEpisode, ...], tuple[PreparedEpisode, ...]]:
    """Episodes to learn from, and a share that is held out; whole episodes, drawn by a seed, in their order.

    Raises:
        RequestError: nothing would be left to learn from.
    """
    count = round(share * len(episodes))
    if share > 0 and len(episodes) > 1:
        count = min(max(count, 1), len(episodes) - 1)
    if count >= len(episodes):
        raise RequestError(
            f"There are {len(episodes)} episodes, and {count} of them would be held out: none is left to learn from. "
            "Record more, or hold out a smaller share."
        )
    away = set(np.random.default_rng(seed).permutation(len(episodes))[:count].tolist())
    train = tuple(each for number, each in enumerate(episodes) if number not in away)
    return train, tuple(each for number, each in enumerate(episodes) if number in away)
