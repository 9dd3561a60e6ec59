"""Plain dense versions of both protocols, to compare with, and the official outputs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

GOLDEN = Path(__file__).parents[4] / "golden" / "davis"


class Golden:
    """The cases of one official run: settings, arrays."""

    def __init__(self, name: str) -> None:
        self.cases: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
        with np.load(GOLDEN / f"{name}.npz") as arrays:
            self.arrays = {key: arrays[key] for key in arrays.files}

    def tensor(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])


@pytest.fixture(scope="session")
def golden_dino() -> Golden:
    return Golden("prop_dino")


@pytest.fixture(scope="session")
def golden_videowalk() -> Golden:
    return Golden("prop_videowalk")


def dense_dino(
    features: Tensor, first: Tensor, *, context_frames: int, top_k: int, radius: float, temperature: float
) -> Tensor:
    """Label every frame with the whole affinity matrix, one query at a time."""
    frames, h, w, _ = features.shape
    unit = F.normalize(features.flatten(1, 2), dim=-1)
    y, x = torch.arange(h).repeat_interleave(w), torch.arange(w).repeat(h)
    window = ((y[:, None] - y).abs() <= radius) & ((x[:, None] - x).abs() <= radius)
    labels = [first.flatten(1).T]
    for t in range(1, frames):
        context = [0, *range(max(1, t - context_frames), t)]
        affinity = ((unit[t] @ unit[context].flatten(0, 1).T) / temperature).exp()
        if radius > 0:
            affinity = affinity * window.repeat(1, len(context))
        k = min(top_k, affinity.shape[1])
        least = affinity.topk(k, dim=1).values[:, -1:]
        affinity = torch.where(affinity >= least, affinity, torch.zeros(()))
        sources = torch.cat([labels[c] for c in context])
        labels.append((affinity / affinity.sum(1, keepdim=True)) @ sources)
    return torch.stack(labels[1:]).transpose(1, 2).unflatten(2, (h, w))


def dense_videowalk(
    features: Tensor, first: Tensor, *, context_frames: int, top_k: int, radius: float, temperature: float
) -> Tensor:
    """Label every frame with all logits of the first frame and of the padded queue."""
    frames, h, w, _ = features.shape
    unit = F.normalize(features.flatten(1, 2), dim=-1)
    y, x = torch.arange(h).repeat_interleave(w), torch.arange(w).repeat(h)
    near = ((y[:, None] - y) ** 2 + (x[:, None] - x) ** 2).float().sqrt() < radius
    labels = [first.flatten(1).T]
    for t in range(1, frames):
        queue = [max(0, c) for c in range(t - context_frames, t)]
        seen = torch.cat([torch.ones_like(near), near.repeat(1, len(queue))], dim=1)
        logits = (unit[t] @ unit[[0, *queue]].flatten(0, 1).T).masked_fill(~seen, -1e10) / temperature
        best, place = logits.topk(min(top_k, logits.shape[1]), dim=1)
        sources = torch.cat([labels[c] for c in [0, *queue]])
        labels.append((best.softmax(1)[:, :, None] * sources[place]).sum(1))
    return torch.stack(labels[1:]).transpose(1, 2).unflatten(2, (h, w))


@pytest.fixture
def dense() -> dict[str, Callable[..., Tensor]]:
    return {"dino": dense_dino, "videowalk": dense_videowalk}


class Make:
    """Makes small videos."""

    @staticmethod
    def moving(shape: tuple[int, int], *, frames: int = 6, dim: int = 16, seed: int = 0) -> Tensor:
        """Features ``[T, h, w, D]`` that change slowly."""
        generator = torch.Generator().manual_seed(seed)
        base = torch.randn(1, *shape, dim, generator=generator)
        return base + 0.5 * torch.randn(frames, *shape, dim, generator=generator)

    @staticmethod
    def tied(shape: tuple[int, int], *, frames: int = 6, dim: int = 4, seed: int = 0) -> Tensor:
        """Features with few directions; their cosines are exact, whatever the order of summation."""
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(0, 2, (frames, *shape, dim), generator=generator) * 2.0 - 1.0

    @staticmethod
    def one_hot(shape: tuple[int, int], *, labels: int = 3, seed: int = 0) -> Tensor:
        """A mask ``[C, h, w]``."""
        generator = torch.Generator().manual_seed(seed)
        mask = torch.randint(0, labels, shape, generator=generator)
        return F.one_hot(mask, labels).permute(2, 0, 1).float()


@pytest.fixture
def make() -> type[Make]:
    return Make
