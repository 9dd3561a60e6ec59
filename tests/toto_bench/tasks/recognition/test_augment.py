"""Targets of mixed and smoothed batches; reproducible from the global generators."""

import random

import numpy as np
import pytest
import torch

from toto_bench.errors import RequestError
from toto_bench.tasks.recognition.augment import Augmentation, smoothed

ALL = {
    "mixup": 0.8,
    "cutmix": 1.0,
    "label_smoothing": 0.1,
    "random_erasing": 1.0,
    "auto_augment": "rand-m9-mstd0.5-inc1",
}
NONE = {"mixup": 0.0, "cutmix": 0.0, "label_smoothing": 0.0, "random_erasing": 0.0, "auto_augment": "none"}


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(4, 1, 3, 32, 32, generator=generator), torch.tensor([0, 1, 2, 1])


def test_smoothing_by_hand() -> None:
    shares = smoothed(torch.tensor([1, 0]), 4, 0.2)
    torch.testing.assert_close(shares, torch.tensor([[0.05, 0.85, 0.05, 0.05], [0.85, 0.05, 0.05, 0.05]]))


def test_everything_at_once() -> None:
    """Pixels stay pixels, shares sum to one, and the same seeds give the same batch."""

    def once() -> tuple[torch.Tensor, torch.Tensor]:
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        return Augmentation(3, **ALL)(*batch())

    video, shares = once()
    assert video.shape == (4, 1, 3, 32, 32)
    assert 0 <= video.min() < video.max() <= 1
    torch.testing.assert_close(shares.sum(1), torch.ones(4))
    assert not torch.equal(video, batch()[0])
    torch.testing.assert_close(once()[0], video, rtol=0, atol=0)


def test_erasing_alone_keeps_the_rest() -> None:
    video, shares = Augmentation(3, **NONE | {"random_erasing": 1.0})(*batch())
    same = torch.isclose(video, batch()[0], atol=1e-6).all(2)
    assert 0.5 < same.float().mean() < 0.99
    assert shares.argmax(1).tolist() == [0, 1, 2, 1]


def test_policies_of_another_kind_are_refused() -> None:
    with pytest.raises(RequestError, match="`auto_augment = v0` is no policy"):
        Augmentation(3, **NONE | {"auto_augment": "v0"})
