"""The frames of one video that are still needed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource, Pixels, Spot

C = TypeVar("C")


class Wanted(NamedTuple, Generic[C]):
    """What is read of a kind."""

    source: FrameSource
    """Where from."""
    convert: Callable[[Pixels], C]
    """From a frame, uint8 [H, W, 3] RGB, to what is kept of it."""


def clip_numbers(last: int, frames: int, stride: int = 1) -> list[int]:
    """Numbers of the frames up to the last one; before a video's start its first frame is repeated."""
    return [max(last - stride * back, 0) for back in reversed(range(frames))]


class Window:
    """Reads a video by rising frame, and keeps what later annotations need, too."""

    def __init__(
        self,
        wanted: Wanted[Any] | None,
        annotations: Sequence[Annotation],
        frames: int,
        stride: int,
        *,
        also: Wanted[Any] | None = None,
    ) -> None:
        """A window on the video that holds the frames of some annotations.

        Args:
            wanted: source and conversion; None = nothing.
            annotations: by rising frame.
            frames: of a clip.
            stride: frames from one to the next.
            also: a second conversion, of annotated frames only.
        """
        self.wanted, self.also, self.frames, self.stride = wanted, also, frames, stride
        self.extra: Any = None
        """The annotated frame as `also` converts it."""
        self._kept: dict[int, Any] = {}
        self._failure: FrameError | None = None
        spots = [wanted.source.spot(annotation) for annotation in annotations] if wanted else []
        self._ends = {spot.number for spot in spots if spot}
        numbers = {number for end in self._ends for number in clip_numbers(end, frames, stride)}
        key = next((spot.key for spot in spots if spot), None)
        self._stream: Iterator[tuple[int, Pixels | FrameError]] = iter(())
        if wanted and key is not None:
            self._stream = wanted.source.read(key, sorted(numbers))

    def up_to(self, annotation: Annotation) -> list[Any]:
        """The converted frames of an annotation, and a FrameError for each that cannot be read."""
        if self.wanted is None:
            return []
        spot = self.wanted.source.spot(annotation)
        if spot is None:
            return [FrameError(f"`{annotation.uid}`: {self.wanted.source.problem(annotation)}.")]
        numbers = clip_numbers(spot.number, self.frames, self.stride)
        self._read(spot)
        self._kept = {number: frame for number, frame in self._kept.items() if number >= numbers[0]}
        return [self._kept.get(number, self._failure or _unordered(annotation)) for number in numbers]

    def _read(self, spot: Spot) -> None:
        """Read on until the frame of a spot is there."""
        assert self.wanted is not None
        if spot.number in self._kept or self._failure is not None:
            return
        try:
            for number, frame in self._stream:
                self._keep(number, frame)
                if number == spot.number:
                    return
        except FrameError as error:
            self._failure = error

    def _keep(self, number: int, frame: Pixels | FrameError) -> None:
        assert self.wanted is not None
        if isinstance(frame, FrameError):
            self._kept[number] = self.extra = frame
            return
        self._kept[number] = self.wanted.convert(frame)
        if self.also is not None and number in self._ends:
            self.extra = self.also.convert(frame)


def _unordered(annotation: Annotation) -> FrameError:
    return FrameError(
        f"`{annotation.uid}`: its frame was passed over, because `frame` and `clip_frame` do not rise together in its "
        "clip. Take the annotation file as it was delivered."
    )
