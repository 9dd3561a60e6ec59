"""A backbone maps video in [0, 1] to tokens of each layer; it owns its normalisation or tokenizer."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from torch import Tensor, nn

from toto_bench.errors import RequestError

FinalNorm = Literal["last", "none", "all"]
"""Which layers pass the final norm: layer `depth` only (as DINO and HF Llama do), none, or every one."""


class LayerInfo(NamedTuple):
    """Shape of one layer's tokens."""

    dim: int
    """Width D of a token."""
    stride: int
    """Side of the square of pixels that one token stands for."""
    tubelet: int
    """Frames that one token stands for."""


class Statistics(NamedTuple):
    """Mean and standard deviation of each RGB channel, of values in [0, 1]."""

    mean: tuple[float, float, float]
    """Subtracted."""
    std: tuple[float, float, float]
    """Divided by."""


IMAGENET = Statistics((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""The statistics that most image models expect."""


class UnsupportedInputError(RequestError):
    """The backbone cannot read frames of this size, number or layer."""


@dataclass(frozen=True)
class Tokens:
    """Tokens of one layer; T', h, w and D may differ between layers."""

    patches: Tensor
    """[B, T', h, w, D]."""
    prefix: Tensor | None = None
    """[B, T', P, D] per frame, or [B, 1, P, D] per clip; what they are stands in `BackboneInfo.prefix`."""


@dataclass(frozen=True)
class BackboneInfo:
    """What a task has to know of a backbone, and what a record keeps of it."""

    name: str
    """Card name, or `timm:MODEL`."""
    layers: tuple[LayerInfo, ...]
    """Layers 1..depth (blocks of a transformer, stages of a CNN)."""
    default_layer: int
    """Layer that a task reads when nothing else is said."""
    preprocessing: str
    """Identity of the map from frames to inputs; part of every cache key."""
    weights: str
    """`sha256:...` of the loaded state dict, `random:SEED` if drawn from a seed, `none` without parameters."""
    architecture: str = ""
    """Identity of the model and its arguments: equal weights in another architecture give other features."""
    prefix: tuple[str, ...] = ()
    """What the prefix tokens are, in order: `cls`, `reg`."""
    frames: int | None = None
    """Number of frames per clip that it needs; None = any."""
    image_size: tuple[int, int] | None = None
    """Height and width that it needs; None = any."""
    native_size: int | None = None
    """Side that it was trained at."""
    statistics: Statistics | None = None
    """Normalisation of pixels; None for tokenizers and floors."""
    rope_base: float | None = None
    """Base of its rotary positions; None without them."""
    sequences: bool = False
    """Whether the frames of a clip, of any number, make one sequence in which they see each other."""
    vocabulary: int | None = None
    """Number of ids, if `prepare` gives ids: those cost something and take no room, so they are kept. Else None."""
    gpu_dtype: str = "float32"
    """Number type in which it is read on a GPU when none is asked for."""
    checkpoint: str = "card"
    """Whose weights: `card`, `file:NAME`, `code` (a `python:` function or a model in memory), `random` or `none`."""
    state: str = ""
    """Hash of the state dict when it was loaded or made, untrained or not: another one now means training."""
    floor: bool = False
    """A reference without learning: chance, pixels, untrained."""
    parameters: int = 0
    """Number of parameters."""

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    def layer(self, number: int) -> LayerInfo:
        """Shape of layer 1..depth.

        Raises:
            UnsupportedInputError: there is no such layer.
        """
        if not 1 <= number <= self.depth:
            raise UnsupportedInputError(
                f"`{self.name}` has layers 1 to {self.depth}, not {number}: choose one, or `--layer all`."
            )
        return self.layers[number - 1]


class Backbone(nn.Module, abc.ABC):
    """The interface of every backbone. Frames passed as T may see each other; B are kept apart."""

    info: BackboneInfo

    @abc.abstractmethod
    def prepare(self, video: Tensor) -> Tensor:
        """Frames to this backbone's inputs, each frame alone, so that the result can be cached.

        Args:
            video: float32 [B, T, 3, H, W], RGB in [0, 1].
        """

    @abc.abstractmethod
    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Tokens of the asked layers, in their order; differentiable; stops at the deepest.

        Args:
            inputs: what `prepare` returned.
            layers: 1..depth, 0 = embeddings (an error for CNNs).
            norm: which of them pass the final norm.

        Raises:
            UnsupportedInputError: a layer does not exist, or the size is not supported.
        """

    def checkpointed(self) -> nn.Module:
        """The module whose keys a checkpoint has: this one, or the model that an adapter wraps."""
        return self

    def layer_of(self, parameter: str) -> int:
        """Layer that a parameter belongs to (0 = embeddings), for layer-wise learning-rate decay."""
        raise UnsupportedInputError(
            f"`{self.info.name}` does not say which layer `{parameter}` belongs to: fine-tune without "
            "layer-wise decay, or give the backbone a `layer_of`."
        )


@runtime_checkable
class LoadsItself(Protocol):
    """A backbone whose library reads its files better than a list of keys could (a folder with a configuration)."""

    def load_checkpoint(self, path: Path) -> None:
        """Take all weights from a file or folder.

        Raises:
            WeightsError: it is damaged, does not fit, or holds NaN; the error names what.
        """
        ...


@runtime_checkable
class SelfSupervised(Protocol):
    """A backbone with a loss of its own (Toto: the next token), so that tasks can adapt it as they train."""

    def forward_with_loss(self, inputs: Tensor, layers: Sequence[int]) -> tuple[Tensor, list[Tokens]]:
        """The loss (a scalar) and the tokens of the asked layers, from one pass."""
        ...
