"""Protocol values that image and video classification share: backbone, probes, optimiser."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from toto_bench.backbones.base import FinalNorm
from toto_bench.probing.settings import Pooling
from toto_bench.tasks.base import ProtocolModel

Share = Annotated[float, Field(ge=0, le=1)]
"""A probability."""


class RecognitionProtocol(ProtocolModel):
    """What does not depend on whether items are images or videos."""

    resolution: Annotated[int, Field(ge=16, le=1024)]
    """Side of the square that the backbone reads, in pixels."""
    flip: Share
    """Share of training views that are mirrored."""
    views: PositiveInt | Literal["stream"]
    """`stream`: a new random view of every training item in each epoch. A number: so many views, drawn once, whose
    features are kept; epoch e takes view e mod the number."""
    adaptation: Literal["joint", "frozen", "none", "fine-tune"]
    """`joint`: the backbone's own loss trains it beside the probes. `frozen`: the backbone stays as it is. `none`: it
    is trained by the classification loss alone (full fine-tuning). `fine-tune`: by that and by its own loss."""
    rope_base: PositiveFloat
    """Base of rotary position embeddings, of backbones that have them."""
    self_supervised_weight: NonNegativeFloat
    """Factor of the backbone's own loss, in `joint` and `fine-tune`."""
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    """Factor of the backbone's rate from a layer to the one below."""
    weight_decay: NonNegativeFloat
    """Of the backbone's matrices."""
    pooling: Pooling | Annotated[tuple[Pooling, ...], Field(min_length=1)]
    """What a linear probe, kNN and logistic regression read; attention reads all patches. Several: a linear probe of
    each, on every layer and with every rate, and the choice is among all of them."""
    layers: PositiveInt | tuple[PositiveInt, ...] | Literal["all", "last"]
    """Layers with a probe each."""
    layer_choice: Literal["best-on-val", "held-out"]
    """Which layer (and rate) the main number is of: the best on what is scored, or on held-out training items."""
    held_out: Annotated[float, Field(gt=0, lt=1)]
    """Share of each class's training items on which the second choice is made; probes do not see them."""
    final_norm: FinalNorm
    """Which layers pass the backbone's final norm."""
    probe_heads: PositiveInt | Literal["backbone"]
    """Heads of attention pooling; `backbone` = as many as the backbone's attention has."""
    probe_batch_norm: bool
    """Batch norm without scale and shift before the probe."""
    probe_queries: PositiveInt
    """Learned queries of attention pooling, of which the mean is taken."""
    probe_init_std: PositiveFloat
    """Of the queries' initial values."""
    probe_bias: bool
    """Whether the last linear layer has a bias."""
    probe_weight_decay: NonNegativeFloat
    """Of the probe's matrices."""
    epochs: PositiveInt
    """Passes over the training items."""
    lr: PositiveFloat
    """Peak learning rate; absolute, not scaled with the batch."""
    lr_factors: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]
    """Probes of every layer are trained with each of these times `lr`, all in one pass; the backbone with `lr`."""
    optimizer: Literal["adamw", "sgd", "lars"]
    """Kind of optimiser."""
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]]
    """Of AdamW; the momentum of SGD and LARS is the first."""
    batch: PositiveInt
    """Items in each step, of all processes together."""
    warmup_epochs: NonNegativeFloat
    """In which rates rise from zero."""
    schedule: Literal["cosine"]
    """How rates fall to zero after that."""

    @property
    def tunes(self) -> bool:
        """Whether the classification loss reaches the backbone."""
        return self.adaptation in ("none", "fine-tune")

    @model_validator(mode="after")
    def _modes_agree(self) -> "RecognitionProtocol":
        if not isinstance(self.pooling, str) and len(set(self.pooling)) != len(self.pooling):
            raise ValueError("`pooling` names each once")
        if self.views != "stream" and self.adaptation != "frozen":
            raise ValueError(
                "a number of `views` keeps features, which only a backbone that stays as it is allows: set "
                "`adaptation = frozen`, or `views = stream`"
            )
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"`warmup_epochs` has to be less than `epochs`, and {self.warmup_epochs:g} is not less than "
                f"{self.epochs}: set both"
            )
        return self


class ProbingProtocol(RecognitionProtocol):
    """With nearest neighbours, and the gradient's end as a value of its own."""

    stop_gradient: bool
    """Whether the classification loss ends at the features; false only in full fine-tuning."""
    knn_neighbours: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    """Numbers k of neighbours that vote, each a result of its own; those beyond the training set are left out."""
    knn_temperature: PositiveFloat
    """Of a neighbour's weight exp(similarity / T)."""
    knn_rule: Literal["dino", "dinov2"]
    """What counts as top-5: the first min(5, k) classes (DINO), or always five (DINOv2)."""

    @model_validator(mode="after")
    def _gradient_agrees(self) -> "ProbingProtocol":
        if self.stop_gradient == self.tunes:
            raise ValueError(
                "`adaptation = none` (full fine-tuning) or `fine-tune` and `stop_gradient = false` go together: in the "
                "other modes the classification loss does not reach the backbone"
            )
        return self
