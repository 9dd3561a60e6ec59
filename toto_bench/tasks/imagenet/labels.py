"""Labels of validation images that lie in one folder: the development kit's, Kaggle's, or torchvision's."""

import csv
import io
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from toto_bench.errors import DataError
from toto_bench.tasks.imagenet.wordnet import WNID

CLASSES, PER_CLASS = 1000, 50
"""Of the validation set."""
_KIT = "ILSVRC2012_devkit_t12"
_TRUTH = "ILSVRC2012_validation_ground_truth.txt"

Labels = dict[str, str]
"""Name of a validation image to its WordNet id."""


def find_labels(folders: Sequence[Path]) -> tuple[str, Labels] | None:
    """Labels from the files that are there, and what these are; None where there are none.

    Args:
        folders: in which they may lie.

    Raises:
        DataError: they are damaged, or two files contradict each other.
    """
    found: list[tuple[str, Labels]] = []
    for folder in dict.fromkeys(folders):
        for name, path, read in _places(folder):
            if path.is_file():
                found.append((f"{name} ({path.name})", read(path)))
    if not found:
        return None
    for name, labels in found[1:]:
        if labels != found[0][1]:
            raise DataError(
                f"{found[0][0]} and {name} give different labels to the validation images: one of them is not the "
                "official file. Remove it."
            )
    return " = ".join(name for name, _ in found), found[0][1]


def read_titles(path: Path) -> dict[str, str]:
    """WordNet id to words, from Kaggle's LOC_synset_mapping.txt."""
    lines = (line.strip().partition(" ") for line in path.read_text(encoding="utf-8").splitlines())
    return {wnid: words.split(",")[0].strip() for wnid, _, words in lines if WNID.fullmatch(wnid)}


def _places(folder: Path) -> Iterator[tuple[str, Path, Callable[[Path], Labels]]]:
    for data in (folder / "data", folder / _KIT / "data", folder):
        yield "development kit", data / _TRUTH, _read_kit
    yield "development kit", folder / f"{_KIT}.tar.gz", _read_packed_kit
    yield "Kaggle's solution", folder / "LOC_val_solution.csv", _read_solution
    yield "torchvision's labels", folder / "meta.bin", _read_meta


def _read_kit(path: Path) -> Labels:
    meta = path.with_name("meta.mat")
    if not meta.is_file():
        raise DataError(
            f"{path} gives numbers of the development kit, and {meta.name}, which says what they mean, is not beside "
            "it. They are not class indices: restore it from the kit."
        )
    return _kit_labels(path, path.read_text(encoding="utf-8"), meta.read_bytes())


def _read_packed_kit(path: Path) -> Labels:
    try:
        with tarfile.open(path, "r:gz") as archive:
            members = {Path(member.name).name: member for member in archive if member.isfile()}
            truth, meta = (archive.extractfile(members[name]) for name in (_TRUTH, "meta.mat"))
            assert truth is not None
            assert meta is not None
            return _kit_labels(path, truth.read().decode(), meta.read())
    except (OSError, EOFError, tarfile.TarError, KeyError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not the development kit, or is damaged ({error}).") from error


def _kit_labels(path: Path, truth: str, meta: bytes) -> Labels:
    """Number of an image to number of its synset to WordNet id."""
    wnids = _synsets(path, meta)
    try:
        numbers = [int(line) for line in truth.split()]
        labels = [wnids[number] for number in numbers]
    except (ValueError, KeyError) as error:
        raise DataError(
            f"{path}: {error} is no number of a class (1 to {CLASSES}) of the development kit. Restore "
            "the official file."
        ) from error
    return _balanced(path, {f"ILSVRC2012_val_{place:08d}": wnid for place, wnid in enumerate(labels, 1)})


def _synsets(path: Path, meta: bytes) -> dict[int, str]:
    """Number to WordNet id of the classes, which are synsets without children."""
    from scipy.io import loadmat  # type: ignore[import-untyped]  # noqa: PLC0415  comes with scikit-learn

    try:
        synsets = loadmat(io.BytesIO(meta), squeeze_me=True, variable_names=["synsets"])["synsets"]
        found = {
            int(number): str(wnid)
            for number, wnid, children in zip(
                synsets["ILSVRC2012_ID"], synsets["WNID"], synsets["num_children"], strict=True
            )
            if int(children) == 0
        }
    except (ValueError, KeyError, TypeError, IndexError, NotImplementedError, OSError) as error:
        raise DataError(f"The meta.mat that belongs to {path} cannot be read ({error}).") from error
    if sorted(found) != list(range(1, len(found) + 1)) or not all(map(WNID.fullmatch, found.values())):
        raise DataError(f"The meta.mat that belongs to {path} does not number its classes from 1 on.")
    return found


def _read_solution(path: Path) -> Labels:
    labels = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            name, words = row.get("ImageId") or "", (row.get("PredictionString") or "").split()
            if not name or not words or not WNID.fullmatch(words[0]):
                raise DataError(
                    f"{path}, line {number}, is not of the form `ImageId,PredictionString` with a WordNet id in the "
                    "second column. Restore the file from Kaggle."
                )
            labels[name] = words[0]
    return _balanced(path, labels)


def _read_meta(path: Path) -> Labels:
    """What torchvision writes: `(wnid_to_classes, val_wnids)`; read without running anything that the file holds."""
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
        wnids = [str(wnid) for wnid in content[1]]
    except Exception as error:  # what a foreign pickle raises has no common class
        raise DataError(
            f"{path} is not torchvision's list of labels, or cannot be read safely ({type(error).__name__}). Remove "
            "it and give the development kit instead."
        ) from error
    return _balanced(path, {f"ILSVRC2012_val_{place:08d}": wnid for place, wnid in enumerate(wnids, 1)})


def _balanced(path: Path, labels: Mapping[str, str]) -> Labels:
    """The labels, of which every class has the same number, as the official ones have.

    Raises:
        DataError: it is not so.
    """
    counts = Counter(labels.values())
    if not counts or len(set(counts.values())) > 1:
        raise DataError(
            f"{path} does not give every class the same number of validation images ({PER_CLASS}): it is cut off, or "
            "not the official file."
        )
    return dict(labels)
