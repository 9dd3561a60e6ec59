"""What is kept of examples: a file for each video, whole or absent, so that every frame is decoded once ever."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from toto_bench.files import DiskError, digest, replacing
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.learning.clips import Clip, ClipReader, refusal
from toto_bench.tasks.ego4d_sta.learning.encoder import Encoder
from toto_bench.tasks.ego4d_sta.learning.examples import Example
from toto_bench.tasks.kept import read_kept

ROWS = "rows"
"""Which examples of its video a file holds: int64; others could not be read."""
LeaveOut = Callable[[Example, FrameError], None]


@dataclass(frozen=True)
class Video:
    """The examples of one video, and where what is kept of them lies."""

    examples: tuple[Example, ...]
    """By rising frame."""
    path: Path
    """The file."""


@dataclass(frozen=True)
class Kept:
    """The examples of a split, on disk."""

    folder: Path
    """That only the same backbone, reading and data give."""
    examples: tuple[Example, ...]
    """In their order."""
    mirrored: bool
    """Whether each is kept twice, the second time in a mirror."""

    @cached_property
    def videos(self) -> tuple[Video, ...]:
        """In the order of their first examples."""
        groups: dict[str, list[Example]] = {}
        for example in self.examples:
            groups.setdefault(example.annotation.video, []).append(example)
        return tuple(
            Video(
                tuple(sorted(group, key=lambda example: example.annotation.frame)),
                self.folder / f"{digest([example.uid for example in group])[:32]}.safetensors",
            )
            for group in groups.values()
        )


def make(kept: Kept, reader: ClipReader, encoder: Encoder, *, clips: int, leave_out: LeaveOut | None) -> None:
    """Compute this process's videos that are not there.

    Args:
        kept: which.
        reader: gives pixels.
        encoder: gives what is kept of them.
        clips: that are encoded at once.
        leave_out: told of an example that cannot be read; None = an error.

    Raises:
        DataError: an example cannot be decoded.
        DiskError: the disk is full.
    """
    context = encoder.context
    own = kept.videos[context.rank :: context.world_size]
    todo = [video for video in own if not _is_whole(video.path)]
    context.progress.start("Clips", sum(len(video.examples) for video in todo))
    for video in todo:
        rows, parts = [], []
        places = {example.uid: place for place, example in enumerate(video.examples)}
        read = _readable(reader.read(video.examples), leave_out)
        for batch in _batches(read, clips):
            pixels = torch.stack([torch.from_numpy(clip.frames) for clip in batch])
            with context.stage("encode"):
                parts.append(_encode(encoder, pixels, mirrored=kept.mirrored))
            rows += [places[clip.example.uid] for clip in batch]
            context.progress.advance(len(batch))
        names = parts[0] if parts else {}
        content = {name: torch.cat([part[name] for part in parts]).contiguous() for name in names}
        _save(video.path, content | {ROWS: torch.tensor(rows, dtype=torch.int64)})
    context.progress.stop()


def _readable(clips: Iterable[Clip], leave_out: LeaveOut | None) -> Iterable[Clip]:
    for clip in clips:
        if clip.problem is None:
            yield clip
        elif leave_out is None:
            raise refusal(clip.problem)
        else:
            leave_out(clip.example, clip.problem)


def _batches(clips: Iterable[Clip], size: int) -> Iterable[list[Clip]]:
    waiting: list[Clip] = []
    for clip in clips:
        waiting.append(clip)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _encode(encoder: Encoder, pixels: Tensor, *, mirrored: bool) -> dict[str, Tensor]:
    """[B, V, ...] of clips [B, ...], where V counts the clip and its mirror image."""
    views = [encoder(pixels)]
    if mirrored:
        views.append(encoder(pixels.flip(3)))
    return {name: torch.stack([view[name] for view in views], dim=1) for name in views[0]}


def _save(path: Path, content: Mapping[str, Tensor]) -> None:
    try:
        with replacing(path) as temporary:
            save_file(dict(content), temporary)
    except SafetensorError as error:
        raise DiskError(f"{path} could not be written: {error}. Free some space.") from error


def _is_whole(path: Path) -> bool:
    """Whether a file is there; a damaged one is removed."""
    try:
        with safe_open(path, framework="pt") as file:
            return ROWS in file.keys()  # noqa: SIM118  no dict
    except FileNotFoundError:
        return False
    except (SafetensorError, OSError):
        path.unlink(missing_ok=True)
        return False


class KeptClips:
    """Reads what was kept: only rows that are wanted come into memory."""

    def __init__(self, kept: Kept) -> None:
        """Open all files.

        Raises:
            DiskError: one is missing or damaged.
        """
        self._places: dict[str, tuple[dict[str, Tensor], int]] = {}
        for video in kept.videos:
            content = read_kept(video.path)
            for place, row in enumerate(content.pop(ROWS).tolist()):
                self._places[video.examples[row].uid] = (content, place)

    def has(self, example: Example) -> bool:
        """Whether it could be read."""
        return example.uid in self._places

    def read(self, examples: Sequence[Example], mirrored: Sequence[bool]) -> dict[str, Tensor]:
        """Of examples that are there, as they are or in a mirror: tensors by name, [B, ...]."""
        found: dict[str, list[Tensor]] = {}
        for example, turned in zip(examples, mirrored, strict=True):
            content, place = self._places[example.uid]
            for name, values in content.items():
                found.setdefault(name, []).append(values[place, int(turned)])
        return {name: torch.stack(parts) for name, parts in found.items()}
