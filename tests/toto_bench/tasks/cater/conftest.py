"""A protocol to start from, and a maker of small CATER folders."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.cards import find_task
from toto_bench.samples.cater.writing import write_scene, write_video
from toto_bench.tasks.cater.labels import cell_of
from toto_bench.tasks.cater.protocol import CaterProtocol

FRAMES, SIZE = 24, (48, 64)


@pytest.fixture
def protocol() -> Callable[..., CaterProtocol]:
    """A preset of the card, with changes."""

    def make(preset: str = "paper", **changes: Any) -> CaterProtocol:
        return CaterProtocol(**find_task("cater").values(preset) | changes)

    return make


@pytest.fixture
def make_cater(tmp_path: Path) -> Callable[..., Path]:
    """Writes a data set in the official layout: first the videos of train, then those of val."""

    def make(train: int = 5, val: int = 5, name: str = "all_actions", videos: bool = True) -> Path:
        root = tmp_path / name
        names = [f"CATER_new_{index:06d}" for index in range(train + val)]
        places = [(index % 6 - 2.6, index % 5 - 2.4) for index in range(train + val)]
        for index, (video, place) in enumerate(zip(names, places, strict=True)):
            if videos:
                write_video(root / "videos" / f"{video}.avi", frames_of(index), 24)
                write_scene(root / "scenes" / f"{video}.json", scene_ending_in(place))
        for folder, grid in (("localize", 6), ("localize_4x4", 4), ("localize_8x8", 8)):
            lines = [f"{v}.avi {cell_of(*p, grid)}" for v, p in zip(names, places, strict=True)]
            subset = train - max(1, train // 5)
            parts = {
                "train": lines[:train],
                "val": lines[train:],
                "train_subsetT": lines[:subset],
                "train_subsetV": lines[subset:train],
            }
            for split, listed in parts.items():
                write_lines(root / "lists" / folder / f"{split}.txt", listed)
        return root

    return make


def frames_of(seed: int, count: int = FRAMES) -> np.ndarray:
    """Frames whose brightness tells their number, with a soft pattern of their own."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    ramp = 10 * np.sin(rows / 9 + seed) + 10 * np.cos(columns / 11 + seed)
    frames = np.arange(count)[:, None, None] * 8 + 30 + ramp
    return np.repeat(frames[..., None], 3, axis=3).astype(np.uint8)


def scene_ending_in(place: Sequence[float]) -> dict[str, Any]:
    """A scene file with a decoy."""
    path = [[0.0, 0.0, 0.3]] * FRAMES + [[*place, 0.3]]
    snitch = {"shape": "spl", "locations": {str(frame): spot for frame, spot in enumerate(path)}}
    return {"objects": [{"shape": "sphere", "locations": {"0": [1, 1, 1]}}, snitch], "movements": {}}


def write_lines(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
