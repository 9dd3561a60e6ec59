"""What all tests share: a home of their own, real data where there is any, and a maker of small DAVIS folders."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from toto_bench.samples.bundle import BUNDLE

# Whoever starts the tests in the background may have told them to ignore Ctrl-C, and their children with them.
signal.signal(signal.SIGINT, signal.default_int_handler)

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No test reads or writes the user's home, or sees plug-ins of another test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("TOTO_BENCH_HOME", str(folder))
    monkeypatch.setenv("HF_HUB_CACHE", str(folder / "hub"))
    monkeypatch.setenv("TOTO_BENCH_PATH", "")
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield folder
    forget_modules(tmp_path_factory.getbasetemp())


def forget_modules(folder: Path) -> None:
    """Unload what was imported from below a folder: the next test's plug-ins may have the same name."""
    for name, module in list(sys.modules.items()):
        own = getattr(module, "__dict__", {})
        places = [getattr(own.get("__spec__"), "origin", None), *(own.get("__path__") or ())]
        if any(str(place).startswith(str(folder)) for place in places):
            del sys.modules[name]


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small computations, and other processes beside them: one thread is faster."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def real_davis() -> Path:
    """Real DAVIS sequences, where TOTO_BENCH_TEST_DATA names a folder that has them."""
    folder = Path(os.environ.get("TOTO_BENCH_TEST_DATA", "/nonexistent")) / "davis"
    if not folder.is_dir():
        pytest.skip("TOTO_BENCH_TEST_DATA names no folder with real data")
    return folder


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample with a DAVIS of one short sequence."""
    folder = tmp_path_factory.mktemp("bundle")
    for task in BUNDLE.iterdir():
        (folder / task.name).symlink_to(task)
    (folder / "davis").unlink(missing_ok=True)
    write_sequence(folder / "davis", "squares", frames=6, objects=2, size=(96, 128))
    listing = folder / "davis" / "ImageSets" / "2017" / "val.txt"
    listing.parent.mkdir(parents=True)
    listing.write_text("squares\n")
    return folder


@pytest.fixture(autouse=True)
def small_sample(request: pytest.FixtureRequest, small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--data sample` takes seconds within this process, except in tests marked `bundle`."""
    if not request.node.get_closest_marker("bundle"):
        monkeypatch.setattr("toto_bench.samples.bundle.BUNDLE", small_bundle)


@pytest.fixture
def make_davis(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small data set in the official layout: textured squares that move over a textured ground."""

    def make(
        sequences: int = 2,
        frames: int = 5,
        objects: int = 2,
        size: tuple[int, int] = (96, 128),
        name: str = "DAVIS",
    ) -> Path:
        root = tmp_path / name
        names = [f"seq-{chr(ord('a') + index)}" for index in range(sequences)]
        for index, sequence in enumerate(names):
            write_sequence(root, sequence, frames, objects, size, seed=index)
        listing = root / "ImageSets" / "2017" / "val.txt"
        listing.parent.mkdir(parents=True, exist_ok=True)
        listing.write_text("\n".join(names) + "\n")
        return root

    return make


@pytest.fixture
def write_mask() -> Callable[[Path, np.ndarray], None]:
    """Writes a palette PNG."""
    return _write_mask


def write_sequence(
    root: Path, name: str, frames: int, objects: int, size: tuple[int, int], seed: int = 0
) -> None:
    """One sequence with a mask for every frame."""
    rng = np.random.default_rng(seed)
    height, width = size
    ground = cv2.resize(rng.integers(0, 256, (8, 8, 3), np.uint8), (width, height))
    skins = rng.integers(0, 256, (objects, 32, 32, 3), np.uint8)
    images, masks = root / "JPEGImages" / "480p" / name, root / "Annotations" / "480p" / name
    images.mkdir(parents=True)
    masks.mkdir(parents=True)
    for t in range(frames):
        frame, labels = ground.copy(), np.zeros(size, np.uint8)
        for number in range(objects):
            top, left = 8 + 40 * number % (height - 40), 6 + 3 * t + 44 * number % (width - 40 - 3 * frames)
            frame[top : top + 32, left : left + 32] = skins[number]
            labels[top : top + 32, left : left + 32] = number + 1
        cv2.imwrite(str(images / f"{t:05d}.jpg"), frame)
        _write_mask(masks / f"{t:05d}.png", labels)


def _write_mask(path: Path, labels: np.ndarray) -> None:
    """A palette PNG."""
    image = Image.fromarray(labels.astype(np.uint8))
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0] + [0] * 759)
    image.save(path)
