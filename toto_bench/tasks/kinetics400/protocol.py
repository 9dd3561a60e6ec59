"""Every number of Kinetics-400 probing. Values and their sources stand in `tasks/kinetics400.toml`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from toto_bench.tasks.recognition.protocol import ProbingProtocol

Side = Annotated[int, Field(ge=16, le=2048)]
"""In pixels."""


class KineticsProtocol(ProbingProtocol):
    """The protocol."""

    frames: PositiveInt
    """Frames T of a clip."""
    stride: PositiveInt
    """From one of them to the next, in frames at `target_fps`."""
    target_fps: PositiveFloat
    """Rate at which the stride counts; a video of another rate is read at its own places in time."""
    clips: PositiveInt
    """Clips of a video that are scored."""
    crops: Literal[1, 3]
    """Squares of each clip that are scored: the middle one, or three along the long side."""
    offset_sampling: bool
    """Whether clips are spread up to the end of the video, as MViT and MAE for video have them."""
    view_average: Literal["softmax", "logits"]
    """What is averaged over views."""
    interpolation: Literal["bilinear"]
    """How frames are resized; without antialiasing."""
    train_short_side: tuple[Side, Side]
    """Range of the short side of a training clip, out of which a random square of `resolution` is cut."""
    probe: Literal["attention", "attention-mlp", "linear", "knn", "logistic"]
    """What classifies: a trained attention pooling, cross-attention with an MLP, or linear layer; nearest neighbours,
    or logistic regression."""
    probe_mlp_ratio: NonNegativeFloat
    """Width of the MLP of `attention-mlp`, in widths of the layer; 0 where there is none."""

    @model_validator(mode="after")
    def _clips_agree(self) -> "KineticsProtocol":
        low, high = self.train_short_side
        if not self.resolution <= low <= high:
            raise ValueError(
                f"`train_short_side` has to be a range, lower end first, of at least `resolution` ({self.resolution}): "
                "the square is cut out of it"
            )
        if (self.probe == "attention-mlp") != (self.probe_mlp_ratio > 0):
            raise ValueError("`probe = attention-mlp` and a `probe_mlp_ratio` above 0 go together")
        if self.probe == "attention-mlp" and (self.probe_batch_norm or self.probe_queries != 1):
            raise ValueError(
                "`probe = attention-mlp` has layer norms and one query: set `probe_batch_norm = false` and "
                "`probe_queries = 1`, as the preset `mlp-head` does"
            )
        return self
