"""The frames of each annotation: one still and a clip that ends with it."""

from collections.abc import Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.window import Wanted, Window

S = TypeVar("S")
C = TypeVar("C")


class Sample(NamedTuple, Generic[S, C]):
    """The frames of one annotation."""

    annotation: Annotation
    """Which."""
    still: S | None
    """The annotated frame, converted; None where it was not asked for."""
    clip: tuple[C, ...]
    """Frames up to the annotated one, converted; empty where they were not asked for."""
    problem: FrameError | None
    """Why there are none."""


def gather(
    annotations: Sequence[Annotation],
    *,
    still: Wanted[S] | None = None,
    clip: Wanted[C] | None = None,
    frames: int = 16,
    stride: int = 1,
) -> Iterator[Sample[S, C]]:
    """Read the frames of annotations, video by video and by rising frame.

    Each needed frame is decoded and converted once, however many annotations need it, and is let go after the last of
    these. Where both kinds come from one source, it is read once for both.

    Args:
        annotations: in any order.
        still: of the annotated frames.
        clip: of the frames up to them.
        frames: of a clip.
        stride: frames from one to the next.

    Yields:
        A sample for each annotation, in another order than theirs.

    Raises:
        RequestError: an extra is not installed.
    """
    groups: dict[tuple[str, str], list[Annotation]] = {}
    for annotation in annotations:
        keys = [_key(wanted, annotation) for wanted in (still, clip)]
        groups.setdefault((keys[0], keys[1]), []).append(annotation)
    for group in groups.values():
        yield from _gather_video(group, still, clip, frames, stride)


def _key(wanted: Wanted[Any] | None, annotation: Annotation) -> str:
    spot = wanted.source.spot(annotation) if wanted else None
    return spot.key if spot else ""


def _gather_video(
    annotations: Sequence[Annotation],
    still: Wanted[Any] | None,
    clip: Wanted[Any] | None,
    frames: int,
    stride: int,
) -> Iterator[Sample[Any, Any]]:
    """Samples of annotations whose frames are in the same files."""
    ordered = sorted(annotations, key=lambda annotation: annotation.frame)
    shared = still is not None and clip is not None and still.source is clip.source
    stills = Window(None if shared else still, ordered, 1, 1)
    clips = Window(clip, ordered, frames, stride, also=still if shared else None)
    for annotation in ordered:
        pictures, moving = stills.up_to(annotation), clips.up_to(annotation)
        found = clips.extra if shared else next(iter(pictures), None)
        problem = next((frame for frame in (*pictures, *moving) if isinstance(frame, FrameError)), None)
        if problem is None:
            yield Sample(annotation, found, tuple(moving), None)
        else:
            yield Sample(annotation, None, (), problem)
