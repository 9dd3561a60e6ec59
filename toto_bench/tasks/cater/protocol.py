"""Every number of CATER snitch localization. Values and their sources stand in `tasks/cater.toml`."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from toto_bench.tasks.recognition.protocol import RecognitionProtocol


class CaterProtocol(RecognitionProtocol):
    """The protocol."""

    frames: PositiveInt
    """Frames T that are read of each video."""
    camera: Literal["static", "moving"]
    """`static`: the version all_actions. `moving`: all_actions_cameramotion, its cells in world coordinates too."""
    grid: Literal[4, 6, 8]
    """Cells along each side of the ground: which lists are read."""
    split: Literal["val", "train_subsetV"]
    """List that is scored; what is trained on is `train` for `val`, and `train_subsetT` for `train_subsetV`."""
    train_sampling: Literal["segment-random", "segment-center"]
    """Which frame of each of T equal segments of the whole video is read in training; of the last one the last."""
    eval_sampling: Literal["segment-center"]
    """The same for evaluation."""
    clips: PositiveInt
    """Selections of frames of a scored video whose softmax probabilities are averaged; several cut each segment
    evenly."""
    resize: Literal["squash"]
    """The whole frame becomes a square."""
    flip: Annotated[float, Field(ge=0, le=0)]
    """Share of mirrored videos: none, because a mirrored video has another class."""
    color_jitter: Annotated[float, Field(ge=0, lt=1)]
    """Brightness, contrast and saturation of a training clip are multiplied by 1 - j to 1 + j; hue is kept."""
    corrupt: Literal["exclude", "wrong"]
    """Videos that cannot be decoded leave the score, or count as errors at the greatest distance of their cell."""
    adaptation: Literal["fine-tune", "frozen"]
    """`fine-tune`: cross-entropy and the backbone's own loss train the backbone. `frozen`: it stays as it is."""
    probe: Literal["attention", "linear"]
    """What classifies: attention pooling over all tokens of the clip, or a linear layer on their mean."""
    positions: Literal["none", "sincos"]
    """`sincos`: the frame, row and column of each token are added to it before attention pooling, as sines and
    cosines."""
    pooling: Literal["average"]
    """What a linear layer reads."""
    held_out: Annotated[float, Field(ge=0, lt=1)]
    """Share of each class's training videos on which layer and rate are chosen too; 0 = no such choice."""
    optimizer: Literal["adamw"]
    """Kind of optimiser."""
    selection: Literal["last-epoch"]
    """Which weights are scored."""

    @model_validator(mode="after")
    def _places_are_read(self) -> "CaterProtocol":
        if self.positions != "none" and self.probe != "attention":
            raise ValueError(
                "`positions` are read by `probe = attention`; the mean of all tokens is the same wherever they lie: "
                "set `positions = none`"
            )
        return self

    @model_validator(mode="after")
    def _one_head(self) -> "CaterProtocol":
        if not self.tunes:
            return self
        if len(self.lr_factors) > 1 or not (
            self.layers == "last" or isinstance(self.layers, int) or len(self.layers) == 1
        ):
            raise ValueError(
                "fine-tuning trains one head on one layer: set `layers` to `last` or a number and `lr_factors` to a "
                "single one, or `adaptation = frozen`"
            )
        return self
