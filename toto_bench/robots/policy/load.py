"""A saved policy, with the very backbone that it was trained on."""

from pathlib import Path

import torch

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.load import load_backbone
from toto_bench.robots.policy.errors import PolicyFileError
from toto_bench.robots.policy.files import read_policy
from toto_bench.robots.policy.policy import Policy
from toto_bench.robots.policy.spec import Readout

_RANDOM = "random:"


def load_policy(
    folder: Path,
    backbone: Backbone | None = None,
    *,
    checkpoint: Path | None = None,
    device: torch.device | str = "cpu",
) -> Policy:
    """The policy that a folder holds; its backbone is found by name and checked by the hash of its weights.

    Args:
        folder: what `Policy.save` wrote.
        backbone: the backbone, if it is loaded already.
        checkpoint: its weights, where they lie in a place of the user's own.
        device: of the backbone.

    Raises:
        RequestError: there is no policy in the folder.
        PolicyFileError: its files are damaged, or not a policy's.
        PolicyBackboneError: the backbone is not the one that the policy was trained on.
        WeightsError: the backbone's weights are missing or damaged.
    """
    spec, head = read_policy(folder)
    if backbone is None and spec.readout is not None:
        backbone = _backbone(spec.readout, checkpoint)
    return Policy(spec, head, backbone, device=device)


def _backbone(readout: Readout, checkpoint: Path | None) -> Backbone:
    drawn = readout.weights.startswith(_RANDOM) and checkpoint is None
    seed = readout.weights.removeprefix(_RANDOM) if drawn else "0"
    if not seed.isdecimal():
        raise PolicyFileError(
            f"The policy's backbone is said to be drawn from the seed `{seed}`, which is no number."
        )
    return load_backbone(
        readout.backbone,
        checkpoint=checkpoint,
        random_init=drawn,
        seed=int(seed),
        image_size=readout.image_size,
    )
