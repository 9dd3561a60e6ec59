"""The pixels of examples: clips squashed to a square, and stills at the size of the plane."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from toto_bench.tasks.ego4d_sta.data import StaData
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames import Pixels, Wanted, gather
from toto_bench.tasks.ego4d_sta.learning.examples import Example
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


class Clip(NamedTuple):
    """What was read for an example."""

    example: Example
    """Which."""
    frames: Pixels | None
    """uint8 [T, R, R, 3]; None where they were not asked for."""
    still: Pixels | None
    """uint8 [H, W, 3] of the plane's size; None where it was not asked for."""
    problem: FrameError | None
    """Why neither is there."""


class ClipReader:
    """Reads the frames of examples of one split."""

    def __init__(self, split: StaData, protocol: EgoStaProtocol) -> None:
        """With a split whose frames are there."""
        self.split, self.protocol = split, protocol

    def read(
        self, examples: Sequence[Example], *, clips: bool = True, stills: bool = False
    ) -> Iterator[Clip]:
        """Video by video and by rising frame, each needed frame decoded once.

        Args:
            examples: in any order.
            clips: whether frames up to the annotated one are wanted.
            stills: whether the annotated frame is wanted, at the size of the plane.

        Raises:
            RequestError: an extra is not installed.
        """
        protocol, split = self.protocol, self.split
        known = {example.uid: example for example in examples}
        samples = gather(
            [example.annotation for example in examples],
            still=Wanted(split.still, _whole) if stills and split.still else None,
            clip=Wanted(split.clip, lambda frame: squash(frame, protocol.resolution))
            if clips and split.clip
            else None,
            frames=protocol.frames,
            stride=protocol.stride,
        )
        for sample in samples:
            example = known[sample.annotation.uid]
            frames = np.stack(sample.clip) if sample.clip else None
            still = None if sample.still is None else scaled(sample.still, example.plane)
            yield Clip(example, frames, still, sample.problem)


def squash(frame: Pixels, side: int) -> Pixels:
    """The whole frame as a square of `side` pixels."""
    return scaled(frame, (side, side))


def scaled(frame: Pixels, size: tuple[int, int]) -> Pixels:
    """A picture [H, W, 3] at another height and width: areas are averaged where it shrinks."""
    if frame.shape[:2] == size:
        return frame
    shrinks = size[0] * size[1] < frame.shape[0] * frame.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(frame, size[::-1], interpolation=method), dtype=np.uint8)


def _whole(frame: Pixels) -> Pixels:
    return frame


def refusal(problem: FrameError) -> FrameError:
    """The problem of an image that was not to be left out, with the way on."""
    return FrameError(
        f"{problem} Or go on without such images with `--allow-missing`: coverage names those that are not scored, a "
        "warning counts those that are not trained on."
    )
