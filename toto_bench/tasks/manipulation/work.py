"""What a run works with: the simulation, the expert, and the learners."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from toto_bench.simulation.backends import choose_backend
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.manipulation.protocol import ManipulationProtocol
from toto_bench.tasks.manipulation.resolve import layers_of
from toto_bench.tasks.readouts import POOLING, describe_picture

CAMERA, STATE = "camera", "state"
"""The learners: one of each layer looks through the backbone, another is shown the state and is an upper anchor."""


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
        self.backend = choose_backend("auto", self.context.progress)
        self.views = Views(self.simulation, self.protocol.image_size, self.backend)
        self.layers = layers_of(self.protocol)

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

    def camera_name(self, layer: int) -> str:
        """What the learner of a layer is called."""
        return CAMERA if len(self.layers) == 1 else f"{CAMERA}-layer-{layer:02d}"

    def cameras(self) -> dict[int, Dagger]:
        """By layer, the learners that look; each goes where its own policy leads it."""
        return {
            layer: self._learner(
                self.camera_name(layer),
                self.senses([layer]),
                readout=readout_of(self.backbone, layer=layer, **self._how()),
                backbone=self.backbone,
            )
            for layer in self.layers
        }

    def state(self) -> Dagger:
        """The learner that is shown the state."""
        return self._learner(STATE, StateSenses(self.simulation))

    def visitor(self) -> Dagger:
        """Visits what all layers see alike: its frames hold the features of all of them, beside each other."""
        return self._learner(CAMERA, self.senses(self.layers))

    def senses(self, layers: Sequence[int]) -> CameraSenses:
        """Features of some layers from one pass, and joints."""
        reader = FeatureReader(self.backbone, layers, device=self.context.device, **self._how())
        describe_picture(self.context, self.backbone, reader.resolution, self.layers)
        features = FrameFeatures(reader, camera_of(self.simulation), kept=self._kept())
        return CameraSenses(self.simulation, features, self.views)

    def _how(self) -> dict[str, Any]:
        """Of every reading."""
        pooling = POOLING[self.protocol.pooling]
        return {"resolution": self.protocol.resolution, "pooling": pooling, "dtype": self.context.dtype}

    def _learner(self, name: str, senses: Senses, **more: Any) -> Dagger:
        return Dagger(
            self.simulation,
            self.expert,
            senses,
            self.settings(),
            self.context.folder.state / name,
            device=self.context.device,
            embedding=self.protocol.embedding,
            hidden=self.protocol.hidden,
            progress=self.context.progress,
            **more,
        )

    def _kept(self) -> Path | None:
        return cache_folder() / "robots" / "frames.sqlite" if self.context.cache_features else None


def simulation_of(
    name: str, protocol: ManipulationProtocol, *, envs: int | None = None, threads: int = 1
) -> ManipulationTask:
    """The simulation that a protocol describes.

    Raises:
        AssetsError: the robot's models are not there.
    """
    spec = SceneSpec(name=name, **protocol.model_dump())
    return (PickTask if spec.pick else CabinetTask)(spec, envs or protocol.envs, threads)
