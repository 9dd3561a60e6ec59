"""Clips without labels: frames over time."""

from pathlib import Path

from toto_bench.samples.show.clips import read_clip, videos_below
from toto_bench.samples.show.sheet import ROWS, Page, Row, shown, spread

_FRAMES, _HEIGHT = 8, 110


def find(folder: Path) -> Path | None:
    """This folder, where it holds nothing but videos and folders of them, and perhaps lists."""
    return folder if any(folder.glob("*.mp4")) or any(folder.glob("*/*.mp4")) else None


def page(root: Path) -> Page:
    """A row for each clip."""
    clips = videos_below(root)
    rows = []
    for path in (clips[index] for index in spread(len(clips), ROWS)):
        clip = read_clip(path, _FRAMES)
        rows.append(Row(f"{path.relative_to(root)}: {clip.frames} frames at {clip.rate:.3g}/s", clip.cells))
    return Page(
        f"video: {shown(ROWS, len(clips), 'clips')}",
        "Each row is a clip, first to last frame.",
        rows,
        _HEIGHT,
    )
