"""Annotated frames as JPEG pictures of full size: object_frames."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from toto_bench.media.images import ImageError, decode_image, image_header
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource, Pixels, Spot


class Pictures(FrameSource):
    """`<video_uid>_<frame:07d>.jpg`: only annotated frames, so no clips."""

    name = "object_frames"
    full_size = True

    def path(self, spot: Spot) -> Path:
        """The picture."""
        return self.folder / f"{spot.key}_{spot.number:07d}.jpg"

    def read(self, key: str, numbers: Sequence[int]) -> Iterator[tuple[int, Pixels | FrameError]]:
        """Pictures, one after another."""
        for number in numbers:
            path = self.path(Spot(key, number))
            try:
                yield number, np.asarray(decode_image(path), dtype=np.uint8)
            except ImageError as error:
                yield number, FrameError(f"{path} cannot be read ({error}). Extract it again.")

    def size(self, spot: Spot) -> tuple[int, int]:
        """As its header says."""
        try:
            return image_header(self.path(spot))
        except ImageError as error:
            raise FrameError(f"{self.path(spot)} cannot be read ({error}). Extract it again.") from error
