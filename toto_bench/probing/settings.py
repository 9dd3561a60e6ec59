"""What a probe is: its head, its layer, its learning rate and weight decay."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from toto_bench.cards.base import Strict

Kind = Literal["linear", "attention", "attention-mlp"]
"""A linear layer on a pooled vector; AIM's attention pooling; cross-attention with an MLP, as V-JEPA's pooler."""
Pooling = Literal["average", "cls", "cls+average"]
"""What a linear head reads: the mean of all patches, the [CLS] token, or both beside each other (DINOv2's order)."""


class Head(Strict):
    """Shape of a probe, the same on every layer."""

    kind: Kind = "linear"
    """Which of the three."""
    pooling: Pooling = "average"
    """Of a linear head; attention heads read all patches."""
    batch_norm: bool = True
    """BatchNorm without scale and shift, eps 1e-6 (MAE linear probing, AIM)."""
    heads: int = Field(default=12, ge=1)
    """Of the attention; divides the width of every layer."""
    queries: int = Field(default=1, ge=1)
    """Learned queries of `attention`, of which the mean is taken."""
    bias: bool = True
    """Whether the last linear layer has one; AIM's has none."""
    init_std: float = Field(default=0.02, gt=0)
    """Of the queries, and of all weights of `attention-mlp` (AIM, V-JEPA)."""
    mlp_ratio: float = Field(default=4.0, gt=0)
    """Width of the MLP of `attention-mlp`, in widths of the layer."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind == "attention-mlp" and self.batch_norm:
            raise ValueError(
                "the head `attention-mlp` has layer norms and no batch norm: set `batch_norm = false`"
            )
        if self.kind == "attention-mlp" and self.queries != 1:
            raise ValueError("the head `attention-mlp` has one query: set `queries = 1`, or take `attention`")
        return self

    @property
    def name(self) -> str:
        """`average`, `cls+average`, `attention`, `attention-mlp`."""
        return self.pooling if self.kind == "linear" else self.kind


class Setting(NamedTuple):
    """Hyper-parameters that probes on one layer differ in."""

    learning_rate: float
    """Peak."""
    weight_decay: float = 0.0
    """Of matrices; vectors have none."""


class Probe(NamedTuple):
    """One of the probes that are trained together."""

    layer: int
    """That it reads."""
    head: str
    """Name of its head."""
    setting: Setting
    """Its hyper-parameters."""

    @property
    def name(self) -> str:
        """Of files and columns."""
        return (
            f"layer {self.layer}, {self.head}, lr {self.setting.learning_rate:g}, "
            f"wd {self.setting.weight_decay:g}"
        )


def grid(learning_rates: Sequence[float], weight_decays: Sequence[float] = (0.0,)) -> tuple[Setting, ...]:
    """Every learning rate with every weight decay."""
    return tuple(Setting(rate, decay) for rate in learning_rates for decay in weight_decays)
