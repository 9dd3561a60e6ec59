"""Every number of ImageNet-1k probing and fine-tuning. Values and their sources stand in `tasks/imagenet.toml`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, model_validator

from toto_bench.tasks.recognition.protocol import ProbingProtocol, Share


class ImagenetProtocol(ProbingProtocol):
    """The protocol."""

    eval_resize: Annotated[int, Field(ge=16, le=2048)]
    """Pixels to which the short side of a scored image is brought, before a square of `resolution` is cut out."""
    eval_crop: Literal["center"]
    """Where that square lies."""
    interpolation: Literal["bicubic", "bilinear"]
    """How images are resized; with antialiasing, as Pillow does it."""
    train_crop_scale: tuple[Annotated[float, Field(gt=0, le=1)], Annotated[float, Field(gt=0, le=1)]]
    """Range of the share of the image's area that a training view shows; its shape is 3:4 to 4:3."""
    drop_path: Annotated[float, Field(ge=0, lt=1)]
    """Rate of stochastic depth at the last block, rising evenly from zero."""
    probe: Literal["attention", "linear", "knn", "logistic"]
    """What classifies: a trained attention pooling or linear layer, nearest neighbours, or logistic regression."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    """Share of the target that is spread over all classes."""
    mixup: NonNegativeFloat
    """Alpha of mixup; 0 = none."""
    cutmix: NonNegativeFloat
    """Alpha of cutmix; 0 = none."""
    random_erasing: Share
    """Share of training views in which a rectangle is erased."""
    auto_augment: str
    """Policy of timm (`rand-m9-mstd0.5-inc1`), or `none`."""

    @model_validator(mode="after")
    def _sizes_agree(self) -> "ImagenetProtocol":
        if self.eval_resize < self.resolution:
            raise ValueError(
                f"`eval_resize` has to be at least `resolution`, and {self.eval_resize} is less than "
                f"{self.resolution}: the square is cut out of the resized image"
            )
        if self.train_crop_scale[0] > self.train_crop_scale[1]:
            raise ValueError("`train_crop_scale` has to begin with its lower end")
        return self
