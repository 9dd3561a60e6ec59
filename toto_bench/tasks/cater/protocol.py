"""Every number of CATER snitch localization. Values and their sources stand in `tasks/cater.toml`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from toto_bench.tasks.base import ProtocolModel


class CaterProtocol(ProtocolModel):
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
    views: PositiveInt
    """Selections of frames of a video whose softmax probabilities are averaged; several cut each segment evenly."""
    resolution: Annotated[int, Field(ge=16, le=1024)]
    """Side of the square frames in pixels."""
    resize: Literal["squash"]
    """The whole frame becomes a square."""
    flip: Annotated[float, Field(ge=0, le=0)]
    """Share of mirrored videos: none, because a mirrored video has another class."""
    color_jitter: Annotated[float, Field(ge=0, lt=1)]
    """Brightness, contrast and saturation of a training clip are multiplied by 1 - j to 1 + j; hue is kept."""
    corrupt: Literal["exclude", "wrong"]
    """Videos that cannot be decoded leave the score, or count as errors at the greatest distance of their cell."""
    head: Literal["attention", "average"]
    """How the tokens of a video become one vector."""
    layer: NonNegativeInt | Literal["last"]
    """Layer that is read."""
    rope_base: PositiveFloat
    """Base of rotary position embeddings, of backbones that have them."""
    self_supervised_weight: NonNegativeFloat
    """Factor of the backbone's own loss, of backbones that have one."""
    epochs: PositiveInt
    """Passes over the training list."""
    lr: PositiveFloat
    """Of the backbone's last layer; absolute."""
    head_lr: PositiveFloat
    """Of the head."""
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    """Factor of the rate from a layer to the one below."""
    optimizer: Literal["adamw"]
    """Kind of optimiser."""
    betas: tuple[float, float]
    """Of the optimiser."""
    weight_decay: NonNegativeFloat
    """Of matrices."""
    batch: PositiveInt
    """Videos in each step."""
    warmup_epochs: NonNegativeFloat
    """In which rates rise from zero."""
    schedule: Literal["cosine"]
    """How rates fall."""
    selection: Literal["last-epoch"]
    """Which weights are scored."""
