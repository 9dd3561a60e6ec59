"""Small copies of Kinetics, and a protocol to start from."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.cards import find_task
from toto_bench.media.h264 import write_h264
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol

Touch = Callable[..., Path]
Write = Callable[[str, Iterable[str]], Path]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of 12 frames, 40 high and 64 wide."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    rng = np.random.default_rng(0)
    write_h264(
        path, (rng.integers(0, 256, (40, 64, 3), np.uint8) for _ in range(12)), 30, crf=30, preset="fast"
    )
    return path.read_bytes()


@pytest.fixture
def touch(tmp_path: Path, clip: bytes) -> Touch:
    """Writes videos below the data folder; returns that."""

    def write(*names: str, content: bytes = clip) -> Path:
        for name in names:
            path = tmp_path / "k400" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / "k400"

    return write


@pytest.fixture
def listing(tmp_path: Path) -> Write:
    """Writes a list below the data folder; returns that."""

    def write(name: str, lines: Iterable[str]) -> Path:
        path = tmp_path / "k400" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return tmp_path / "k400"

    return write


@pytest.fixture
def protocol() -> Callable[..., KineticsProtocol]:
    """A preset of the card, with changes."""

    def make(preset: str = "paper", **changes: Any) -> KineticsProtocol:
        return KineticsProtocol(**find_task("kinetics400").values(preset) | changes)

    return make
