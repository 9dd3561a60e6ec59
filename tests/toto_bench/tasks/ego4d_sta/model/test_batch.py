"""Batches as the training loop handles them."""

import torch

from toto_bench.tasks.ego4d_sta.model import Batch, build_sta_model
from toto_bench.training.batches import to_device

from .conftest import NOUNS, VERBS, Toy, objects, small


def test_every_part_moves() -> None:
    sizes = torch.tensor([[64, 64]])
    full = Batch(
        torch.rand(1, 2), [torch.rand(1, 6, 4, 4)], sizes, torch.rand(1, 3, 64, 64), [objects([0, 0, 9, 9])]
    )
    moved = to_device(full, torch.device("meta"))
    assert isinstance(moved, Batch)
    assert moved.inputs.device == moved.stills.device == moved.sizes.device == moved.maps[0].device
    assert {part.device.type for part in [moved.sizes, *moved.targets[0]]} == {"meta"}
    bare = to_device(Batch(None, None, sizes), torch.device("meta"))
    assert (bare.inputs, bare.maps, bare.stills, bare.targets, bare.next) == (None,) * 5


def test_the_loop_can_train_the_model_on_them() -> None:
    """One step as the loop makes it: the same numbers wherever the batch came from."""
    model = build_sta_model(Toy(), small(still_short_side=64), NOUNS, VERBS).train()
    batch = Batch(
        torch.rand(1, 2, 3, 64, 64), None, torch.tensor([[64, 90]]), targets=[objects([5, 5, 50, 40])]
    )
    losses = model(to_device(batch, torch.device("cpu")))
    assert all(loss.ndim == 0 for loss in losses.values())
    losses["loss"].backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
