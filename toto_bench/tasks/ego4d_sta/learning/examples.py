"""Annotated images as a model learns them: positions in lists instead of ids, boxes on the plane that it works on."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from toto_bench.tasks.ego4d_sta.annotations import Annotation, AnnotationFile
from toto_bench.tasks.ego4d_sta.columns import Floats, Integers
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


class Example(NamedTuple):
    """An annotation with its objects."""

    annotation: Annotation
    """Which image."""
    plane: tuple[int, int]
    """Height and width of the plane that boxes are on, in pixels."""
    boxes: Floats
    """x1, y1, x2, y2 on the plane, [n, 4]."""
    nouns: Integers
    """Positions in the list of nouns, [n]."""
    verbs: Integers
    """Positions in the list of verbs, [n]."""
    ttcs: Floats
    """Seconds to contact, [n]."""

    @property
    def uid(self) -> str:
        """Of the annotation."""
        return self.annotation.uid

    def mirrored(self) -> "Example":
        """The same seen in a mirror."""
        x1, y1, x2, y2 = self.boxes.T
        width = self.plane[1]
        return self._replace(boxes=np.stack([width - x2, y1, width - x1, y2], axis=1))


def examples_of(file: AnnotationFile, protocol: EgoStaProtocol) -> tuple[Example, ...]:
    """Every annotation of a file, in its order."""
    labels = file.labels
    nouns, verbs = (_positions(known) for known in (file.nouns, file.verbs))
    found = []
    for row, annotation in enumerate(file.annotations):
        start = int(labels.starts[row])
        part = slice(start, start + int(labels.counts[row]))
        size = (int(file.sizes[row][0]), int(file.sizes[row][1]))
        plane = plane_of(size, protocol)
        found.append(
            Example(
                annotation=annotation,
                plane=plane,
                boxes=labels.boxes[part] * _scales(size, plane),
                nouns=np.array([nouns[int(noun)] for noun in labels.nouns[part]], dtype=np.int64),
                verbs=np.array([verbs[int(verb)] for verb in labels.verbs[part]], dtype=np.int64),
                ttcs=labels.ttcs[part],
            )
        )
    return tuple(found)


def plane_of(size: tuple[int, int], protocol: EgoStaProtocol) -> tuple[int, int]:
    """Height and width of the plane of a frame: its short side is the protocol's, if the long one is not too long.

    Args:
        size: height and width of the frame.
        protocol: has both sides.
    """
    scale = min(protocol.still_short_side / min(size), protocol.still_max_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def on_frame(boxes: Floats, plane: tuple[int, int], size: tuple[int, int]) -> Floats:
    """Boxes [n, 4] of a plane in pixels of the frame that is annotated."""
    return boxes / _scales(size, plane)


def _scales(size: tuple[int, int], plane: tuple[int, int]) -> Floats:
    high, wide = plane[0] / size[0], plane[1] / size[1]
    return np.array([wide, high, wide, high])


def _positions(categories: Mapping[int, str]) -> dict[int, int]:
    return {number: place for place, number in enumerate(categories)}
