"""What a run works with: the simulation, the expert, and the two learners."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from toto_bench.backbones.base import Backbone
from toto_bench.paths import cache_folder
from toto_bench.robots.experts import scripted_expert
from toto_bench.robots.learning import CameraSenses, Dagger, Learning, StateSenses
from toto_bench.robots.learning.features import FrameFeatures
from toto_bench.robots.learning.senses import Senses
from toto_bench.robots.learning.spec import camera_of
from toto_bench.robots.policy import FeatureReader, readout_of
from toto_bench.robots.spec import SceneSpec
from toto_bench.robots.tasks import CabinetTask, ManipulationTask, PickTask
from toto_bench.robots.views import Views
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.manipulation.protocol import ManipulationProtocol
from toto_bench.tasks.manipulation.resolve import POOLING

CAMERA, STATE = "camera", "state"
"""The two learners: one looks through the backbone, the other is shown the state and is an upper anchor."""


@dataclass
class Work:
    """One run."""

    name: str
    """Of the task's card."""
    protocol: ManipulationProtocol
    """Resolved."""
    backbone: Backbone
    """On the run's device."""
    context: RunContext
    """Of the run."""

    def __post_init__(self) -> None:
        self.simulation = simulation_of(self.name, self.protocol, threads=max(self.context.workers, 1))
        self.expert = scripted_expert(self.simulation)
        self.views = Views(self.simulation, self.protocol.image_size)

    @property
    def episodes(self) -> int:
        """Of each evaluation."""
        return min(self.protocol.eval_episodes, self.context.limit or self.protocol.eval_episodes)

    def settings(self) -> Learning:
        """Numbers of a learner."""
        protocol = self.protocol
        return Learning(
            steps=protocol.train_steps,
            rounds=protocol.iterations,
            share=protocol.expert_share,
            fit_steps=protocol.fit_steps,
            batch=protocol.batch,
            learning_rate=protocol.lr,
            weight_decay=protocol.weight_decay,
            evaluate_every=protocol.eval_every,
            episodes=self.episodes,
            seed=self.context.seed,
        )

    def learner(self, kind: str) -> Dagger:
        """The learner that looks, or the one that is shown the state."""
        folder = self.context.folder.state / kind
        if kind == STATE:
            return self._learner(folder, StateSenses(self.simulation))
        protocol = self.protocol
        assert isinstance(protocol.layer, int) and isinstance(protocol.resolution, int)
        how: dict[str, Any] = {"resolution": protocol.resolution, "pooling": POOLING[protocol.pooling]}
        reader = FeatureReader(self.backbone, [protocol.layer], device=self.context.device, **how)
        features = FrameFeatures(
            reader, camera_of(self.simulation), dtype=self.context.dtype, kept=self._kept()
        )
        self._describe(reader, protocol.layer)
        return self._learner(
            folder,
            CameraSenses(self.simulation, features, self.views),
            readout=readout_of(self.backbone, layer=protocol.layer, **how),
            backbone=self.backbone,
        )

    def _learner(self, folder: Path, senses: Senses, **more: Any) -> Dagger:
        return Dagger(
            self.simulation,
            self.expert,
            senses,
            self.settings(),
            folder,
            device=self.context.device,
            embedding=self.protocol.embedding,
            hidden=self.protocol.hidden,
            progress=self.context.progress,
            **more,
        )

    def _kept(self) -> Path | None:
        return cache_folder() / "robots" / "frames.sqlite" if self.context.cache_features else None

    def _describe(self, reader: FeatureReader, layer: int) -> None:
        """Say what the backbone reads, so that its cost can be counted."""
        info = self.backbone.info
        frames = info.frames or max(each.tubelet for each in info.layers)
        side = reader.resolution
        video = torch.zeros(1, frames, 3, side, side, device=self.context.device)
        with torch.inference_mode():
            self.context.describe_input(video, self.backbone.prepare(video), [layer])


def simulation_of(
    name: str, protocol: ManipulationProtocol, *, envs: int | None = None, threads: int = 1
) -> ManipulationTask:
    """The simulation that a protocol describes.

    Raises:
        AssetsError: the robot's models are not there.
    """
    spec = SceneSpec(name=name, **protocol.model_dump())
    return (PickTask if spec.pick else CabinetTask)(spec, envs or protocol.envs, threads)
