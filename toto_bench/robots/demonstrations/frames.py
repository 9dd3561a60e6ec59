"""Pictures of one camera, decoded when they are looked at."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from toto_bench.media.images import ImageError, decode_image
from toto_bench.media.videos import VideoError, gather_frames
from toto_bench.robots.demonstrations.errors import DemonstrationError

Pictures = NDArray[np.uint8]
"""[n, H, W, 3] RGB."""
Read = Callable[[Sequence[int]], Iterable[NDArray[np.uint8]]]
"""Numbers of frames to as many pictures [H, W, 3]."""


class Frames:
    """The pictures of an episode, uint8 [T, H, W, 3] RGB; indexing decodes those that are asked for, and no others.

    ```python
    first, some = frames[0], frames[10:20]
    ```
    """

    def __init__(self, count: int, height: int, width: int, read: Read) -> None:
        """Remember how pictures are read.

        Args:
            count: T.
            height: H, in pixels.
            width: W, in pixels.
            read: gives pictures by their numbers; raises `DemonstrationError` where they cannot be decoded.
        """
        self.count, self.height, self.width = count, height, width
        self._read = read

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3)."""
        return self.count, self.height, self.width, 3

    def __len__(self) -> int:
        return self.count

    @overload
    def __getitem__(self, key: int) -> NDArray[np.uint8]: ...
    @overload
    def __getitem__(self, key: slice) -> Pictures: ...
    def __getitem__(self, key: int | slice) -> NDArray[np.uint8]:
        numbers = range(self.count)[key]
        if isinstance(numbers, int):
            return np.asarray(self.read([numbers])[0])
        return self.read(numbers)

    def read(self, numbers: Sequence[int]) -> Pictures:
        """Pictures by their numbers 0..T-1, in this order: uint8 [n, H, W, 3].

        Raises:
            DemonstrationError: one cannot be decoded, or has another size.
        """
        found = np.empty((len(numbers), self.height, self.width, 3), dtype=np.uint8)
        if not len(numbers):
            return found
        for place, picture in enumerate(self._read(numbers)):
            if picture.shape != found.shape[1:] or picture.dtype != np.uint8:
                raise DemonstrationError(
                    f"Picture {numbers[place]} is {picture.dtype} {list(picture.shape)} instead of uint8 "
                    f"{list(found.shape[1:])}: the pictures of one camera have to be of one size."
                )
            found[place] = picture
        return found

    def chunks(self, size: int = 64) -> Iterator[Pictures]:
        """All pictures in order, at most so many in memory."""
        for first in range(0, self.count, size):
            yield self[first : first + size]

    def take(self, numbers: Sequence[int]) -> "Frames":
        """The frames of these numbers alone, as lazy as before."""
        kept = list(numbers)
        return Frames(
            len(kept), self.height, self.width, lambda wanted: self.read([kept[number] for number in wanted])
        )


def array_frames(pictures: Pictures) -> Frames:
    """Pictures that are in memory."""
    count, height, width, _ = pictures.shape
    return Frames(count, height, width, lambda numbers: [pictures[number] for number in numbers])


def video_frames(path: Path, first: int, count: int, height: int, width: int) -> Frames:
    """A part of a video file.

    Args:
        path: of the file.
        first: number of the first frame, in the order of display.
        count: of frames.
        height: in pixels.
        width: in pixels.
    """

    def read(numbers: Sequence[int]) -> list[NDArray[np.uint8]]:
        try:
            _, found = gather_frames(path, lambda _: {first + n for n in numbers}, lambda frame: frame)
        except VideoError as error:
            raise DemonstrationError(
                f"{path} cannot be decoded: {error}. Take another copy of the file, or record the episode again."
            ) from error
        return [found[first + number] for number in numbers]

    return Frames(count, height, width, read)


def encoded_frames(pictures: Sequence[bytes], where: str) -> Frames:
    """Pictures that are in memory as JPEG or PNG.

    Args:
        pictures: the bytes of each; at least one.
        where: they come from, for messages.

    Raises:
        DemonstrationError: the first cannot be decoded.
    """

    def decode(number: int) -> NDArray[np.uint8]:
        try:
            return np.asarray(decode_image(pictures[number]), dtype=np.uint8)
        except ImageError as error:
            raise DemonstrationError(f"Picture {number} of {where} cannot be decoded: {error}.") from error

    height, width = decode(0).shape[:2]
    return Frames(len(pictures), height, width, lambda numbers: [decode(number) for number in numbers])
