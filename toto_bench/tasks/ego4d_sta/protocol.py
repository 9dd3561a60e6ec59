"""Every number of short-term anticipation. Values and their sources stand in `tasks/ego4d_sta.toml`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from toto_bench.tasks.base import ProtocolModel

Share = Annotated[float, Field(ge=0, le=1)]


class EgoStaProtocol(ProtocolModel):
    """The protocol."""

    annotations: Literal["v1", "v2"]
    """Which release of the annotations."""
    split: Literal["val", "train", "test"]
    """What is scored or predicted; what is trained on is always `train`. `test` has no public annotations."""
    adaptation: Literal["fine-tune", "frozen"]
    """Whether the backbone is trained with the rest."""
    frames: PositiveInt
    """Frames up to the annotated one, which is the last."""
    stride: PositiveInt
    """Frames from one to the next; those before a video's start are its first frame."""
    resolution: Annotated[int, Field(ge=16, le=1024)]
    """Side of the square frames in pixels."""
    resize: Literal["squash"]
    """The whole frame becomes a square."""
    still_short_side: PositiveInt
    """Short side of the scale in which boxes and anchors live, in pixels."""
    still_max_side: PositiveInt
    """The long side is not longer, in pixels."""
    flip: Share
    """Share of mirrored training samples."""
    pyramid_layers: Annotated[int, Field(ge=4, le=5)]
    """Layers whose tokens make the pyramid, evenly spaced; with four, the last level is subsampled for a fifth."""
    map_norm: Literal["layer", "none"]
    """Whether the tokens of each layer are brought to mean 0 and variance 1 before the pyramid."""
    temporal_pooling: Literal["mean", "last"]
    """How the tokens of the frames become one map."""
    still_branch: bool
    """Whether a ResNet reads the annotated frame at full resolution."""
    pyramid_channels: PositiveInt
    """Channels of every level."""
    anchor_side: Annotated[int, Field(ge=4)]
    """Side of the anchors of the finest level, in pixels of that scale; it doubles from level to level."""
    roi_fusion: Literal["concat_residual", "none"]
    """How the whole picture enters the features of a box."""
    self_supervised_weight: NonNegativeFloat
    """Factor of the backbone's own loss, of backbones that have one."""
    noun_weight: NonNegativeFloat
    """Factor of the noun's loss."""
    verb_weight: NonNegativeFloat
    """Factor of the verb's loss."""
    ttc_weight: NonNegativeFloat
    """Factor of the time's loss."""
    box_weight: NonNegativeFloat
    """Factor of the box's loss."""
    optimizer: Literal["adamw", "sgd"]
    """Kind of optimiser."""
    betas: tuple[Share, Share]
    """Of AdamW; the first is the momentum of SGD, which is Nesterov's."""
    lr: PositiveFloat
    """Learning rate; absolute."""
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    """Factor of the rate from a layer to the one below."""
    weight_decay: NonNegativeFloat
    """Of matrices."""
    epochs: PositiveInt
    """Passes over the training annotations."""
    warmup_steps: NonNegativeInt
    """Steps in which the rate rises from zero."""
    milestones: tuple[PositiveInt, ...]
    """Epochs at which the rate falls to a tenth."""
    batch: PositiveInt
    """Annotations in each step."""
    selection: Literal["best-overall-on-val", "last-epoch"]
    """Which weights are scored."""
    score_threshold: Share
    """Predictions of lower scores are dropped."""
    nms_iou: Share
    """Among boxes of a noun and verb that overlap more, only the one of the highest score stays."""
    detections_per_image: PositiveInt
    """At most so many predictions."""
    iou_threshold: Share
    """Boxes match strictly above it."""
    ttc_tolerance: NonNegativeFloat
    """Times to contact match up to it, in seconds."""
    top_k: PositiveInt
    """Up to (k - 1) x objects false positives of an image are ignored; 1 ignores none."""
    empty_images: Literal["official", "count"]
    """Images without predictions: `official` leaves their objects out, `count` keeps them."""
