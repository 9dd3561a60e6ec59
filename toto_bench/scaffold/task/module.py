"""The task `sample-name`: classify images by the nearest class mean of frozen features.

CHANGE marks what is yours to change: the reader (`_images`, `check`), the protocol, the metric, the sample.
"""

from collections.abc import Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageDraw
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor
from torch.nn import functional as F

from toto_bench.backbones.base import Backbone, FinalNorm
from toto_bench.errors import DataError, WrongDataError
from toto_bench.tasks.base import DataReport, Outcome, ProtocolModel, Task
from toto_bench.tasks.choices import single_layer, square_side
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.encoding import encode_items
from toto_bench.tasks.images import image_problem, read_image
from toto_bench.tasks.items import PROBLEM, coverage_of, fingerprint, mean_metric, usable_items

SHAPES = ("disc", "square", "triangle")
"""Classes of the sample."""


class SampleNameProtocol(ProtocolModel):
    """Every value that can change a result; the values and their sources stand in the card."""  # CHANGE

    side: PositiveInt | Literal["backbone"]
    """Images are brought to squares of this side, in pixels; `backbone` = the side that it was trained at."""
    layer: NonNegativeInt | Literal["last"]
    """Layer that is read."""
    final_norm: FinalNorm
    """Which layers pass the backbone's final norm."""
    similarity: Literal["cosine", "euclidean"]
    """How an image is compared with a class mean."""


class SampleName(Task[SampleNameProtocol]):
    """Nearest class mean, top-1."""

    protocol = SampleNameProtocol

    def check(self, data: Path, protocol: SampleNameProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`; a broken image of `val` is a problem that `--allow-missing` leaves out."""
        del protocol  # CHANGE: where it says which split or folder is read
        train, val = _images(data, "train"), _images(data, "val")
        if unknown := {_class_of(item) for item in val} - {_class_of(item) for item in train}:
            raise DataError(
                f"{data / 'train'} has no images of {', '.join(sorted(unknown))}, which `val` has."
            )
        problems = {item: image_problem(path, thorough=thorough) for item, path in (train | val).items()}
        if broken := [problem for item, problem in problems.items() if problem and item in train]:
            raise DataError(f"{broken[0]}; results with another training set are not comparable. Restore it.")
        return DataReport(
            path=data,
            name=self.card.data.name,
            layout="train/<class>/*.png, val/<class>/*.png",
            counts={
                "train": len(train),
                "val": len(val),
                "classes": len({_class_of(item) for item in train}),
            },
            listed=tuple(val),
            problems={item: problem for item, problem in problems.items() if problem},
            warnings=(),
            fingerprint=fingerprint(data, (train | val).values()),
        )

    def resolve(self, protocol: SampleNameProtocol, backbone: Backbone) -> SampleNameProtocol:
        """The protocol with the backbone's own layer and side filled in; it is this that is hashed."""
        layer, side = single_layer(protocol.layer, backbone.info), square_side(protocol.side, backbone.info)
        return protocol.model_copy(update={"layer": layer, "side": side})

    def image_size(self, protocol: SampleNameProtocol) -> tuple[int, int] | None:
        """The size of all images where the protocol alone says it: some models are built for it."""
        return None if protocol.side == "backbone" else (protocol.side, protocol.side)

    def write_sample(self, folder: Path) -> None:
        """Write a small data set in the layout above, so that everything runs with no download."""
        rng = np.random.default_rng(0)  # CHANGE: draw your own; the same bytes every time
        for split, shape, number in product(("train", "val"), SHAPES, range(8)):
            path = folder / split / shape / f"{number:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            draw(shape, rng).save(path)

    def evaluate(
        self, backbone: Backbone, data: DataReport, protocol: SampleNameProtocol, context: RunContext
    ) -> Outcome:
        """Encode every image once, each committed as it is done, so that a killed run goes on where it was."""
        train, val = _images(data.path, "train"), _images(data.path, "val")
        usable = usable_items(data, context)
        paths = train | {item: val[item] for item in usable}
        assert isinstance(protocol.side, int) and isinstance(protocol.layer, int)  # `resolve` filled them in
        read = partial(read_image, size=(protocol.side, protocol.side))
        tokens = encode_items(paths, read, backbone, context, layer=protocol.layer, norm=protocol.final_norm)
        for item, patches in tokens:  # CHANGE: what one item yields; it has to be JSON
            context.commit(item, {"feature": patches.mean(dim=(0, 1)).tolist()})
        context.barrier()  # of several processes, each encoded its share: from here on all see everything
        rows = context.committed()
        features = {item: torch.tensor(row["feature"]) for item, row in rows.items() if PROBLEM not in row}
        if lost := [item for item in train if item not in features]:
            raise DataError(f"{rows[lost[0]][PROBLEM]} Training images cannot be left out.")
        means = class_means({item: features[item] for item in train})
        scored = [item for item in usable if item in features]
        found = {item: nearest(features[item], means, protocol.similarity) for item in scored}
        correct = {item: float(found[item] == _class_of(item)) for item in scored}
        return Outcome(
            metrics={"accuracy": mean_metric(list(correct.values()), unit="images", seed=context.seed)},
            items=[{"item": item, "found": found[item], "correct": correct[item]} for item in scored],
            coverage=coverage_of(data, rows),
            frames=len(paths),
        )


def class_means(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The mean feature [D] of each class, by name."""
    classes = sorted({_class_of(item) for item in features})
    return {
        name: torch.stack([f for item, f in features.items() if _class_of(item) == name]).mean(dim=0)
        for name in classes
    }


def nearest(feature: Tensor, means: Mapping[str, Tensor], similarity: str) -> str:
    """The class whose mean is nearest to a feature [D]; the first of equally near ones."""
    stacked = torch.stack(list(means.values()))
    if similarity == "cosine":
        closeness = F.cosine_similarity(stacked, feature[None])
    else:
        closeness = -(stacked - feature).norm(dim=1)
    return list(means)[int(closeness.argmax())]


def draw(shape: str, rng: np.random.Generator) -> Image.Image:
    """A shape of any colour, size and place on a ground of any colour, 64 x 64."""
    ground, colour = (tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(2))
    image = Image.new("RGB", (64, 64), ground)
    radius = int(rng.integers(12, 24))
    x, y = (int(c) for c in rng.integers(radius, 64 - radius, 2))
    pen, box = ImageDraw.Draw(image), (x - radius, y - radius, x + radius, y + radius)
    if shape == "disc":
        pen.ellipse(box, fill=colour)
    else:
        pen.regular_polygon((x, y, radius), {"square": 4, "triangle": 3}[shape], fill=colour)
    return image


def _images(data: Path, split: str) -> dict[str, Path]:
    """The images of a split: `train/disc/003.png` to its file, sorted."""  # CHANGE: your layout
    found = sorted((data / split).glob("*/*.png"))
    if not found:
        raise WrongDataError(
            f"{data} has no {split}/<class>/*.png: `toto-bench show task sample-name` shows the layout."
        )
    return {path.relative_to(data).as_posix(): path for path in found}


def _class_of(item: str) -> str:
    """The class that an item's name says."""
    return item.split("/")[-2]
