"""Behaviour cloning: features of every picture once, then the head on all frames."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone
from toto_bench.files import digest
from toto_bench.paths import cache_folder
from toto_bench.robots.demonstrations import Prepared, PreparedEpisode, frames_of
from toto_bench.robots.learning.demonstrations import Aggregated, Demonstrations
from toto_bench.robots.learning.features import FrameFeatures
from toto_bench.robots.learning.fit import fit
from toto_bench.robots.policy import FeatureReader, Policy, make_policy, readout_of
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.cube_pick.protocol import CubePickProtocol
from toto_bench.tasks.readouts import POOLING, describe_picture


@dataclass
class Cloner:
    """One run: a resolved protocol, prepared demonstrations, a backbone."""

    protocol: CubePickProtocol
    prepared: Prepared
    backbone: Backbone
    context: RunContext

    def __post_init__(self) -> None:
        protocol, context = self.protocol, self.context
        assert isinstance(protocol.layer, int) and isinstance(protocol.resolution, int)
        pooling = POOLING[protocol.pooling]
        self._readout = readout_of(
            self.backbone,
            layer=protocol.layer,
            resolution=protocol.resolution,
            pooling=pooling,
            dtype=context.dtype,
        )
        self._reader = FeatureReader(
            self.backbone,
            [protocol.layer],
            resolution=protocol.resolution,
            pooling=pooling,
            device=context.device,
            dtype=context.dtype,
        )
        describe_picture(context, self.backbone, protocol.resolution, self._reader.layers)

    def frames(self, episodes: tuple[PreparedEpisode, ...]) -> list[Demonstrations]:
        """Features, states and actions of each episode; those that are on disk are not read again.

        Raises:
            DemonstrationError: a picture cannot be decoded.
            FeatureError: features are not finite.
            DiskError: the operating system refused.
        """
        kept = cache_folder() / "robots" / "frames.sqlite" if self.context.cache_features else None
        readers = {
            camera.name: FrameFeatures(self._reader, camera, kept=kept) for camera in self.prepared.cameras
        }
        found = []
        self.context.progress.start("Features of demonstrations", len(episodes))
        for episode in episodes:
            path = self._folder / f"frames-{digest(episode.name)[:16]}.safetensors"
            made = Demonstrations.load(path)
            if made is None:
                made = frames_of([episode], self.prepared.cameras, readers)
                made.save(path)
                self.context.save_state(f"seconds-{self.context.rank}", self.context.all_seconds())
            found.append(made)
            self.context.progress.advance(1)
        self.context.progress.stop()
        return found

    def learn(self, parts: list[Demonstrations]) -> Policy:
        """A policy of these frames.

        Raises:
            DivergedError: a loss is not finite.
            DiskError: a state could not be written.
        """
        protocol, seed = self.protocol, self.context.seed
        spec = self.prepared.policy_spec(
            self._readout,
            normalise_actions=protocol.action_scale == "normalised",
            embedding=protocol.embedding,
            hidden=protocol.hidden,
        )
        policy = make_policy(spec, self.backbone, seed=seed, device=self.context.device)
        policy.head.standardise(torch.cat([part.seen for part in parts]).float(), smallest=1e-3)
        data = Aggregated(parts, seed)
        self.context.progress.say(f"Behaviour cloning on {len(data)} frames of {len(parts)} demonstrations")
        fit(
            policy,
            data,
            protocol.training(len(data), seed),
            self._folder / "fit",
            self.context.folder.path.name,
        )
        return policy

    @property
    def _folder(self) -> Path:
        return self.context.folder.state / "cloning"


@torch.inference_mode()
def squared_errors(policy: Policy, data: Demonstrations) -> Tensor:
    """Squared errors of the actions of frames, in the actions' own units: float64 [n, A]."""
    seen = data.seen.float() if policy.spec.features else None
    predicted = torch.from_numpy(policy.act_features(seen, data.proprio.numpy())[:, 0])
    return (predicted.double() - data.actions.double()) ** 2
