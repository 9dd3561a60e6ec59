"""A policy on frozen features."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call

from toto_bench.backbones.base import Backbone
from toto_bench.robots.errors import ActionError
from toto_bench.robots.policy.check import checked_images, checked_proprio
from toto_bench.robots.policy.errors import PolicyBackboneError
from toto_bench.robots.policy.features import FeatureReader
from toto_bench.robots.policy.files import save_policy
from toto_bench.robots.policy.head import PolicyHead
from toto_bench.robots.policy.readout import expect_backbone
from toto_bench.robots.policy.spec import PolicySpec
from toto_bench.robots.policy.types import ActionChunk, Observation

Images = Mapping[str, NDArray[np.uint8]]


class Policy:
    """Says what to do at what is seen; it remembers nothing from one observation to the next.

    ```python
    policy = make_policy(spec, backbone)
    chunk = policy.act(Observation({"wrist": picture}, proprio))
    ```
    """

    def __init__(
        self,
        spec: PolicySpec,
        head: PolicyHead,
        backbone: Backbone | None = None,
        *,
        device: torch.device | str = "cpu",
    ) -> None:
        """Put the parts together.

        Args:
            spec: what the policy sees and does.
            head: the part that learns.
            backbone: the frozen one that the spec names; None only for a policy without cameras.
            device: of the backbone.

        Raises:
            PolicyBackboneError: there is none, or it is another one.
        """
        self.spec, self.head = spec, head
        self.reader: FeatureReader | None = None
        if spec.readout is not None:
            if backbone is None:
                raise PolicyBackboneError(
                    f"The policy reads features of `{spec.readout.backbone}`: give the backbone."
                )
            expect_backbone(spec.readout, backbone)
            readout = spec.readout
            self.reader = FeatureReader(
                backbone,
                [readout.layer],
                resolution=readout.resolution,
                pooling=readout.pooling,
                norm=readout.norm,
                device=device,
                dtype=readout.dtype,
            )

    def reset(self) -> None:
        """Begin an episode. There is nothing to forget: every answer follows from its observation alone."""

    def act(self, observation: Observation) -> ActionChunk:
        """The next actions of one robot: those of `act_batch`, of a batch of one.

        Raises:
            ObservationError: a camera is missing, or a size, a length or a value is wrong.
            ActionError: the actions are not finite.
        """
        images = {name: np.asarray(picture)[None] for name, picture in observation.images.items()}
        actions = self.act_batch(images, np.asarray(observation.proprio)[None])
        return ActionChunk(actions[0], self.spec.action.kind, 1 / self.spec.rate_hz, observation.time)

    def act_batch(self, images: Images, proprio: NDArray[Any]) -> NDArray[np.float32]:
        """The next actions of N robots: float32 [N, K, A].

        Args:
            images: uint8 [N, H, W, 3] by camera; empty for a policy without cameras.
            proprio: [N, P].

        Raises:
            ObservationError: a camera is missing, or a size, a length or a value is wrong.
            ActionError: the actions are not finite.
        """
        proprio = checked_proprio(self.spec, proprio)
        return self.act_features(self.features(images, len(proprio)), proprio)

    def features(self, images: Images, count: int | None = None) -> Tensor | None:
        """The features that the head reads, float32 [N, F] on the CPU; None for a policy without cameras.

        They depend on the pictures alone, so they can be kept, and are rounded to half precision as kept ones are.

        Raises:
            ObservationError: a camera is missing, or its pictures have another size or number.
        """
        if self.reader is None or self.spec.readout is None:
            return None
        pictures = checked_images(self.spec, images, count)
        layer = self.spec.readout.layer
        parts = [self.reader.read(pictures[camera.name], camera)[layer] for camera in self.spec.cameras]
        return torch.cat(parts, 1).half().float()

    @torch.inference_mode()
    def act_features(self, features: Tensor | None, proprio: NDArray[Any]) -> NDArray[np.float32]:
        """The next actions of N robots whose features are known: float32 [N, K, A].

        The head is evaluated in float64: what is left after rounding to float32 does not depend on N.

        Args:
            features: [N, F], as `features` gives them.
            proprio: [N, P], not normalised.

        Raises:
            ObservationError: the proprioception has another length, or is not finite.
            ActionError: the actions are not finite.
        """
        proprio = checked_proprio(self.spec, proprio)
        statistics = self.spec.proprio_statistics
        feels = torch.from_numpy(statistics.apply(proprio) if statistics else proprio.astype(np.float64))
        state = {name: value.detach().cpu().double() for name, value in self.head.state_dict().items()}
        sees = None if features is None else features.detach().cpu().double()
        actions = functional_call(self.head, state, (sees, feels)).numpy()
        if self.spec.action.statistics is not None:
            actions = self.spec.action.statistics.undo(actions)
        with np.errstate(over="ignore"):
            single: NDArray[np.float32] = actions.astype(np.float32)
        if not np.isfinite(single).all():
            row = int(np.flatnonzero(~np.isfinite(single).all((1, 2)))[0])
            raise ActionError(
                f"The policy's action for observation {row} of {len(single)} is not finite: its training has diverged, "
                "or its features are not finite. Nothing was clipped, and nothing should be moved by it."
            )
        return single

    def save(self, folder: Path) -> None:
        """Write `policy.json` and the head's weights; other files in the folder stay, an older policy is replaced.

        Raises:
            InvalidWeightsError: the head's weights are not finite.
            DiskError: the operating system refused.
        """
        save_policy(folder, self.spec, self.head)


def make_policy(
    spec: PolicySpec, backbone: Backbone | None = None, *, seed: int = 0, device: torch.device | str = "cpu"
) -> Policy:
    """A policy that has not learnt yet, its head drawn from a seed.

    Raises:
        PolicyBackboneError: the spec names another backbone, or one is needed.
    """
    return Policy(spec, PolicyHead(spec, seed=seed), backbone, device=device)
