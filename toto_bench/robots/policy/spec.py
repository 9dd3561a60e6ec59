"""Everything that has to be equal where a policy learnt and where it acts."""

from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, model_validator

from toto_bench.backbones.base import FinalNorm
from toto_bench.cards.base import Strict
from toto_bench.probing.settings import Pooling

ActionKind = Literal["joint-target-delta", "joint-delta", "joint-position"]
"""A number is added to the servo's last target (PixMC), to the measured position (MVP's real robot), or is the
position itself."""
Side = Annotated[int, Field(ge=1, le=8192)]


class _Part(Strict):
    model_config = ConfigDict(allow_inf_nan=False)


class Crop(_Part):
    """A part of a picture, in pixels from its upper left corner."""

    top: int = Field(ge=0)
    left: int = Field(ge=0)
    height: Side
    width: Side


class CameraSpec(_Part):
    """A camera, and the size of the pictures that it hands over."""

    name: str = Field(min_length=1)
    height: Side
    width: Side
    crop: Crop | None = None
    """What the backbone sees of it; None: everything."""

    @model_validator(mode="after")
    def _inside(self) -> Self:
        crop = self.crop
        if crop and (crop.top + crop.height > self.height or crop.left + crop.width > self.width):
            raise ValueError(
                f"the crop of camera `{self.name}` reaches beyond its {self.height}x{self.width} pixels"
            )
        return self


class Normalisation(_Part):
    """Mean and standard deviation of each number, of the data that the policy learnt from."""

    mean: tuple[float, ...]
    std: tuple[Annotated[float, Field(gt=0)], ...]

    @model_validator(mode="after")
    def _paired(self) -> Self:
        if len(self.mean) != len(self.std):
            raise ValueError(f"{len(self.mean)} means and {len(self.std)} standard deviations")
        return self

    @classmethod
    def of(cls, values: NDArray[np.floating], *, smallest: float = 1e-3) -> Self:
        """Of the rows of [n, D]; a number that hardly varies is divided by `smallest`."""
        table = np.asarray(values, dtype=np.float64)
        std = np.maximum(table.std(0), smallest)
        return cls(mean=tuple(table.mean(0).tolist()), std=tuple(std.tolist()))

    def apply(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """(x - mean) / std of [..., D]."""
        return np.asarray((values - np.array(self.mean)) / np.array(self.std))

    def undo(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """X * std + mean of [..., D]."""
        return np.asarray(values * np.array(self.std) + np.array(self.mean))


class ActionSpec(_Part):
    """What the numbers of an action are."""

    kind: ActionKind
    names: tuple[str, ...] = Field(min_length=1)
    """Of the joints, in order; a gripper is one of them."""
    gripper: Literal["as-joints", "opening"] = "as-joints"
    """Whether a gripper's number is added to something as the joints' are, or is the opening itself."""
    scale: tuple[Annotated[float, Field(gt=0)], ...] | None = None
    """What 1.0 is, in rad or m (for deltas: per control step); None: the numbers are rad and m themselves."""
    statistics: Normalisation | None = None
    """The head gives normalised actions; None: it gives the actions themselves."""

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        _expect_length("action scales", self.scale, self.names)
        _expect_length("action statistics", _mean_of(self.statistics), self.names)
        return self


class Readout(_Part):
    """Which frozen features a policy reads, and of exactly which backbone."""

    backbone: str
    """Its name, as `--backbone` takes it."""
    weights: str
    """`BackboneInfo.weights`: `sha256:...`, `random:SEED` or `none`."""
    state: str
    """Hash of the state dict; the weights themselves are not stored with a policy."""
    architecture: str
    """`BackboneInfo.architecture`."""
    preprocessing: str
    """`BackboneInfo.preprocessing`."""
    layer: int = Field(ge=0)
    """Whose tokens are read: 1..depth; 0 = embeddings."""
    norm: FinalNorm = "last"
    """Which layers pass the final norm."""
    pooling: Pooling = "average"
    """How tokens become one vector."""
    resolution: Side
    """Side of the square that a crop is resized to (bilinear, antialiased), in pixels."""
    width: Side
    """Length of one camera's pooled vector."""
    image_size: tuple[Side, Side] | None = None
    """Height and width that the backbone was built for; None: it reads any."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Number type in which the backbone runs."""


class PolicySpec(_Part):
    """The policy's card: saved with it, and compared with the world it acts in."""

    version: Literal[1] = 1
    """Of this format."""
    cameras: tuple[CameraSpec, ...] = ()
    """In the order in which their features are joined; none: the policy reads proprioception alone."""
    readout: Readout | None = None
    """None exactly where there are no cameras."""
    proprio: tuple[str, ...] = Field(min_length=1)
    """Names of the numbers of the proprioception, in order."""
    proprio_statistics: Normalisation | None = None
    """None: they are read as they are."""
    action: ActionSpec
    rate_hz: float = Field(gt=0)
    """Actions per second."""
    chunk: int = Field(default=1, ge=1, le=1000)
    """Actions planned at once."""
    embedding: Side = 128
    """Width of the learned linear layers on features and on proprioception (MVP)."""
    hidden: tuple[Side, ...] = (256, 128, 64)
    """Widths of the MLP (MVP)."""

    @property
    def features(self) -> int:
        """Length of the joined features of all cameras."""
        return self.readout.width * len(self.cameras) if self.readout else 0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.cameras) != (self.readout is not None):
            raise ValueError("cameras need a readout, and a readout needs cameras")
        names = [camera.name for camera in self.cameras]
        if len(set(names)) != len(names):
            raise ValueError(f"two cameras have the same name: {', '.join(names)}")
        _expect_length(
            "proprioception statistics",
            _mean_of(self.proprio_statistics),
            self.proprio,
        )
        return self


def _mean_of(statistics: Normalisation | None) -> tuple[float, ...] | None:
    return None if statistics is None else statistics.mean


def _expect_length(what: str, values: tuple[float, ...] | None, names: tuple[str, ...]) -> None:
    if values is not None and len(values) != len(names):
        raise ValueError(f"there are {len(values)} {what} for {len(names)} numbers")
