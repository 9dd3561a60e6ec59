"""Which model classes of transformers run here, and what their configurations do not say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toto_bench.backbones.base import IMAGENET, Statistics
from toto_bench.errors import RequestError

HALF = Statistics((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""The statistics that map [0, 1] to [-1, 1]."""


@dataclass(frozen=True)
class Family:
    """A model class, as far as its configuration does not describe it."""

    model: str
    """Name of the class."""
    kind: str
    """`model_type` in its config.json."""
    statistics: Statistics | None = IMAGENET
    """Normalisation of its official weights; None: it reads colour clusters."""
    prefix: tuple[str, ...] = ()
    """Tokens before the patches, without registers."""
    video: bool = False
    """It reads clips, not frames."""
    frames: str | None = None
    """Configuration value with the number of frames that it needs; None: any multiple of its tubelet."""
    size: str | None = None
    """Configuration value with the size that it is built for; None: any multiple of its patch."""
    square: bool = False
    """It can be built for squares only."""
    pools: bool = False
    """Its constructor takes `add_pooling_layer`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of every forward pass."""
    dropped: tuple[str, ...] = ()
    """Parts that are not the encoder."""
    constants: str | None = None
    """Keys in files of older versions that hold constants, as a regular expression."""


_INTERPOLATED = {"interpolate_pos_encoding": True}

FAMILIES = {
    family.model: family
    for family in (
        Family("VideoMAEModel", "videomae", video=True, frames="num_frames", size="image_size"),
        Family("VJEPA2Model", "vjepa2", video=True, size="crop_size", square=True, dropped=("predictor",)),
        Family("ImageGPTModel", "imagegpt", None, constants=r"\.attn\.(masked_)?bias$"),
        # Its relative positions follow the size of the image; `interpolate_pos_encoding` would stretch them twice.
        Family("BeitModel", "beit", HALF, ("cls",), pools=True, constants=r"\.relative_position_index$"),
        Family("IJepaModel", "ijepa", pools=True, options=_INTERPOLATED),
        Family("Dinov2Model", "dinov2", prefix=("cls",)),
        Family("Dinov2WithRegistersModel", "dinov2_with_registers", prefix=("cls",)),
        Family("ViTModel", "vit", HALF, ("cls",), pools=True, options=_INTERPOLATED),
        Family("DeiTModel", "deit", prefix=("cls", "dist"), pools=True, options=_INTERPOLATED),
        Family("ViTMSNModel", "vit_msn", prefix=("cls",), options=_INTERPOLATED),
    )
}
"""By class."""

_SHUFFLES = "ViTMAEModel"


def find_family(model: str) -> Family:
    """The family of a model class.

    Raises:
        RequestError: it does not run here; the message says why, and what does.
    """
    if model == _SHUFFLES:
        raise RequestError(
            f"`{model}` of transformers shuffles the patches of an image even when none is masked, so its tokens "
            "have no place: take the card `mae-b16`, `mae-l16` or `mae-h14`, which read the same weights in order."
        )
    if model not in FAMILIES:
        raise RequestError(
            f"`{model}` of transformers does not run here. These classes do: {', '.join(FAMILIES)}. Bring any other "
            "model as `python:MODULE:FUNCTION`."
        )
    return FAMILIES[model]


def family_of_kind(kind: str) -> Family:
    """The family of a `model_type`, as config.json has it.

    Raises:
        RequestError: it does not run here.
    """
    if kind == "vit_mae":
        return find_family(_SHUFFLES)
    kinds = {family.kind: family for family in FAMILIES.values()}
    if kind not in kinds:
        raise RequestError(
            f"Models of the type `{kind}` do not run here. These do: {', '.join(kinds)}. Bring any other model as "
            "`python:MODULE:FUNCTION`."
        )
    return kinds[kind]
