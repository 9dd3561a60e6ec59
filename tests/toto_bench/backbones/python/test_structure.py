"""Modules with equal weights and other settings are other modules."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from torch import nn

from toto_bench.backbones.python.structure import structure_of


class With(nn.Conv2d):
    """A convolution with a setting that has no parameter."""

    def __init__(self, setting: object) -> None:
        super().__init__(3, 4, 1)
        self.setting = setting


class Rotary(nn.Conv2d):
    """A convolution with a buffer that no file holds."""

    def __init__(self, base: float) -> None:
        super().__init__(3, 4, 1)
        self.register_buffer("frequencies", torch.full((4,), base), persistent=False)


class Stateful(nn.Conv2d):
    """A convolution whose state dict holds more than tensors."""

    def __init__(self, scale: int) -> None:
        super().__init__(3, 4, 1)
        self._keep = {"scale": scale}

    def get_extra_state(self) -> dict[str, int]:
        return self._keep


@dataclass
class Options:
    """As configurations are written."""

    scale: int
    more: dict[str, Any]


class Pooling(Enum):
    """A setting by name."""

    MEAN = "mean"
    MAX = "max"


def scaled(by: int) -> Callable[[int], int]:
    return lambda value: value * by


def test_settings_count_and_modes_do_not() -> None:
    """A stride and a number of heads have no tensor; training mode is no setting."""
    plain, strided = nn.Conv2d(3, 4, 3, stride=1), nn.Conv2d(3, 4, 3, stride=2)
    assert structure_of(plain) != structure_of(strided)
    assert structure_of(plain) == structure_of(nn.Conv2d(3, 4, 3, stride=1).eval())
    six, twelve = (timm.create_model("vit_small_patch16_224", depth=1, num_heads=n) for n in (6, 12))
    assert six.state_dict().keys() == twelve.state_dict().keys()
    assert structure_of(six) != structure_of(twelve)


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (torch.relu, torch.relu, torch.sigmoid),
        (nn.functional.gelu, nn.functional.gelu, nn.functional.silu),
        (nn.GELU, nn.GELU, nn.SiLU),
        (lambda value: value * 2, lambda value: value * 2, lambda value: value * 3),
        (scaled(2), scaled(2), scaled(3)),
        (partial(torch.clamp, min=0), partial(torch.clamp, min=0), partial(torch.clamp, min=1)),
        ({"scale": 2, "by": 1}, {"by": 1, "scale": 2}, {"scale": 3, "by": 1}),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}),
        (Options(1, {"x": (1, 2)}), Options(1, {"x": (1, 2)}), Options(1, {"x": (1, 3)})),
        (Namespace(scale=1), Namespace(scale=1), Namespace(scale=2)),
        ({"a", "b"}, {"b", "a"}, {"a", "c"}),
        (torch.float16, torch.float16, torch.bfloat16),
        (Pooling.MEAN, Pooling.MEAN, Pooling.MAX),
        (Path("one"), Path("one"), Path("two")),
        (b"one", b"one", b"two"),
        (torch.ones(3), torch.ones(3), torch.zeros(3)),
        ([torch.ones(3)], [torch.ones(3)], [torch.ones(4)]),
        (np.ones(3), np.ones(3), np.zeros(3)),
        (np.float32(0.5), np.float32(0.5), np.float32(0.25)),
        (1, 1, True),
        ([nn.ReLU()], [nn.ReLU()], [nn.GELU()]),
    ],
)
def test_every_kind_of_setting(one: object, same: object, other: object) -> None:
    """What a forward may read, in any container."""
    assert structure_of(With(one)) == structure_of(With(same))
    assert structure_of(With(one)) != structure_of(With(other))


@pytest.mark.parametrize("kind", [Rotary, Stateful])
def test_what_weights_do_not_tell(kind: Callable[[int], nn.Module]) -> None:
    """A buffer that is not saved, and state that is no tensor."""
    one, same, other = kind(2), kind(2), kind(3)
    assert structure_of(one) == structure_of(same)
    assert structure_of(one) != structure_of(other)


def test_weights_and_results_are_no_settings() -> None:
    """Neither the parameters that an LSTM lists, nor what a training step left behind, nor the module itself."""
    for module in (nn.LSTM(4, 4), With([]), Rotary(2)):
        before = structure_of(module)
        with torch.no_grad():
            next(module.parameters()).add_(1)
        assert structure_of(module) == before
    one, other = With(None), With(None)
    one.setting = one(torch.rand(1, 3, 2, 2))
    other.setting = other(torch.rand(1, 3, 2, 2))
    assert structure_of(one) == structure_of(other)
    one.setting, other.setting = [one], [other]
    assert structure_of(one) == structure_of(other)
    endless: list[object] = []
    endless.append(endless)
    assert structure_of(With(endless)) == structure_of(With(endless))
