"""Small copies of ImageNet, and the label files of the whole one."""

import csv
import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from toto_bench.cards import find_task
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.wordnet import FIRST_TEN, official_wnids

Draw = Callable[..., Path]


def picture(seed: int = 0, size: tuple[int, int] = (24, 32)) -> bytes:
    """A JPEG of that height and width."""
    stream = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()


def val_name(number: int) -> str:
    """Of a validation image."""
    return f"ILSVRC2012_val_{number:08d}"


@pytest.fixture(scope="session")
def true_labels() -> list[str]:
    """50 images of each class; the first ten as they really are, the others in an order of our own."""
    left = [wnid for wnid in official_wnids() for _ in range(50 - (wnid in FIRST_TEN))]
    np.random.default_rng(0).shuffle(left)
    return [*FIRST_TEN, *left]


def kit_numbers() -> dict[str, int]:
    """WordNet id to a number of the development kit, which follows another order."""
    order = np.random.default_rng(1).permutation(list(official_wnids()))
    return {str(wnid): number for number, wnid in enumerate(order, 1)}


def meta_mat(numbers: Mapping[str, int]) -> bytes:
    """`meta.mat`: classes, and synsets above them, which have children."""
    rows = [(number, wnid, "words, more", 0) for wnid, number in numbers.items()]
    rows += [(1001 + i, f"n9999999{i}", "above", 3) for i in range(3)]
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    stream = io.BytesIO()
    savemat(stream, {"synsets": np.array(rows, dtype=kinds).reshape(-1, 1)})
    return stream.getvalue()


def write_kit(folder: Path, labels: Sequence[str], numbers: Mapping[str, int] | None = None) -> None:
    """`data/` of the development kit."""
    numbers = numbers or kit_numbers()
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "data/meta.mat").write_bytes(meta_mat(numbers))
    truth = "\n".join(str(numbers[wnid]) for wnid in labels) + "\n"
    (folder / "data/ILSVRC2012_validation_ground_truth.txt").write_text(truth)


def write_packed_kit(folder: Path, labels: Sequence[str]) -> None:
    """The archive of it."""
    write_kit(folder / "unpacked", labels)
    with tarfile.open(folder / "ILSVRC2012_devkit_t12.tar.gz", "w:gz") as archive:
        archive.add(folder / "unpacked/data", "ILSVRC2012_devkit_t12/data")


def write_solution(folder: Path, labels: Sequence[str]) -> None:
    """Kaggle's, in an order of its own."""
    with (folder / "LOC_val_solution.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ImageId", "PredictionString"])
        writer.writerows([val_name(i), f"{wnid} 1 2 3 4 "] for i, wnid in reversed([*enumerate(labels, 1)]))


def write_meta_bin(folder: Path, labels: Sequence[str]) -> None:
    """torchvision's."""
    torch.save((dict.fromkeys(official_wnids(), ("words",)), list(labels)), folder / "meta.bin")


WRITERS = {"kit": write_kit, "packed": write_packed_kit, "solution": write_solution, "meta": write_meta_bin}


@pytest.fixture
def write_labels(tmp_path: Path) -> Callable[..., Path]:
    """Writes labels, by WordNet id, in the data folder: the development kit's way, packed, Kaggle's, torchvision's."""

    def write(kind: str, labels: Sequence[str], **options: Any) -> Path:
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        WRITERS[kind](folder, labels, **options)
        return folder

    return write


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Writes pictures below the data folder; returns that."""

    def write(*names: str) -> Path:
        for number, name in enumerate(names):
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(number))
        return tmp_path / "data"

    return write


@pytest.fixture
def protocol() -> Callable[..., ImagenetProtocol]:
    """A preset of the card, with changes."""

    def make(preset: str = "paper", **changes: Any) -> ImagenetProtocol:
        return ImagenetProtocol(**find_task("imagenet").values(preset) | changes)

    return make
