"""Every number of DAVIS label propagation. Values and their sources stand in `tasks/davis.toml`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from toto_bench.backbones.base import FinalNorm
from toto_bench.tasks.base import ProtocolModel


class DavisProtocol(ProtocolModel):
    """The protocol. `backbone` as a value means: as the backbone has it; it is filled in before the run."""

    year: Literal[2016, 2017]
    """Which lists and labels: 2017 tells objects apart, 2016 has one foreground object."""
    split: str
    """List of sequences under ImageSets."""
    folder: str
    """Folder under JPEGImages and Annotations."""
    resize: Literal["dino", "native", "square"]
    """`dino`: short side to `resolution`, long side to a multiple of 64. `native`: as it is. `square`: both sides."""
    resolution: Annotated[int, Field(ge=16, le=8192)] | Literal["backbone", "native"]
    """Short side or square side in pixels; `backbone` = the size it was trained at (224 if it has none)."""
    patch: PositiveInt | Literal["backbone", "per layer"]
    """Pixels per feature; checked against the backbone. `per layer` when the layers read differ (CNNs)."""
    normalisation: Literal["backbone", "dino", "videowalk"]
    """Pixel statistics of the official script instead of ImageNet's. A backbone with other statistics than
    ImageNet's keeps its own."""
    layer: NonNegativeInt | Literal["last", "all"]
    """Layer that is read, 0 = embeddings; `all` gives the curve over layers and the peak, labelled best on val."""
    sequence_frames: int = Field(ge=1)
    """Successive frames that a backbone reads as one sequence, the groups from the first frame on; each frame is read
    once, and what is left at the end is a shorter group. 1 = each frame alone, as image backbones read them."""
    final_norm: FinalNorm
    """Which layers pass the backbone's final norm."""
    variant: Literal["dino", "videowalk"]
    """Whose propagation, first mask and read-out."""
    context_frames: int = Field(ge=1)
    """Previous frames that labels come from, besides the first one."""
    top_k: int = Field(ge=1)
    """Most similar features that vote."""
    radius: float = Field(ge=0)
    """Window in features: a square of +-radius (dino, 0 = none), or distance < radius (videowalk)."""
    temperature: float = Field(gt=0)
    """Of the similarity."""
    normalise_masks: bool
    """Stretch soft masks to [0, 1] before the argmax."""
    rope_base: float | Literal["backbone", "none"]
    """Base of rotary position embeddings, checked against the backbone; `none` where it has no such positions."""
    checkpoint: str
    """Whose weights: `card`, `file`, `random`, `none`; `backbone` = those that were loaded."""
    bound_threshold: float = Field(gt=0, le=100)
    """Tolerance of the boundary measure, as a fraction of the image diagonal; whole pixels from 1 on."""
    decay_bins: Literal["uint8", "exact"]
    """`uint8` repeats the official overflow of frame numbers beyond 256 scored frames."""

    @model_validator(mode="after")
    def _values_agree(self) -> "DavisProtocol":
        if (self.resize == "native") != (self.resolution == "native"):
            raise ValueError("`resize = native` and `resolution = native` go together")
        if self.variant == "videowalk" and self.radius == 0:
            raise ValueError("`radius = 0` (no window) is DINO's; videowalk's window needs a radius above 0")
        if self.resize == "dino" and isinstance(self.resolution, int) and self.resolution < 64:
            raise ValueError(
                "`resize = dino` brings the long side to a multiple of 64: `resolution` is 64 or more"
            )
        if self.bound_threshold >= 1 and not self.bound_threshold.is_integer():
            raise ValueError("`bound_threshold` is a fraction of the diagonal below 1, or whole pixels")
        return self
