"""Labels of validation images in one folder."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from toto_bench.errors import DataError
from toto_bench.tasks.imagenet.labels import find_labels, read_titles
from toto_bench.tasks.imagenet.wordnet import official_wnids

Write = Callable[..., Path]
TRUTH = "data/ILSVRC2012_validation_ground_truth.txt"


@pytest.mark.parametrize("kind", ["kit", "packed", "solution", "meta"])
def test_every_kind_gives_the_same_labels(kind: str, write_labels: Write, true_labels: list[str]) -> None:
    """WordNet ids by name; the numbers of the kit are nobody's class indices."""
    found = find_labels([write_labels(kind, true_labels)])
    assert found is not None
    assert found[1] == {f"ILSVRC2012_val_{number:08d}": wnid for number, wnid in enumerate(true_labels, 1)}


def test_two_files_have_to_agree(write_labels: Write, true_labels: list[str]) -> None:
    """Else one is wrong, and nobody knows which."""
    write_labels("kit", true_labels)
    folder = write_labels("solution", true_labels)
    found = find_labels([folder, folder])
    assert found is not None and found[0].count("=") == 1
    write_labels("solution", true_labels[::-1])
    with pytest.raises(DataError, match=r"development kit .* and Kaggle's solution .* different labels"):
        find_labels([folder])


def test_no_file_at_all(tmp_path: Path) -> None:
    """None."""
    assert find_labels([tmp_path]) is None


def test_class_indices_in_place_of_the_kits_numbers(write_labels: Write, true_labels: list[str]) -> None:
    """A file of sorted indices under the official name: 0 is no number of the kit."""
    folder = write_labels("kit", true_labels)
    indices = [str(official_wnids().index(wnid)) for wnid in true_labels]
    (folder / TRUTH).write_text("\n".join(indices))
    with pytest.raises(DataError, match="0 is no number of a class"):
        find_labels([folder])


def test_numbers_without_their_meaning(write_labels: Write, true_labels: list[str]) -> None:
    """meta.mat is missing: they are not taken for indices."""
    folder = write_labels("kit", true_labels)
    (folder / "data/meta.mat").unlink()
    with pytest.raises(DataError, match=r"meta\.mat, which says what they mean"):
        find_labels([folder])


@pytest.mark.parametrize(("kind", "name"), [("kit", TRUTH), ("solution", "LOC_val_solution.csv")])
def test_a_cut_off_file(kind: str, name: str, write_labels: Write, true_labels: list[str]) -> None:
    """Classes of unequal size."""
    folder = write_labels(kind, true_labels)
    lines = (folder / name).read_text().splitlines()
    (folder / name).write_text("\n".join(lines[:-7]))
    with pytest.raises(DataError, match="same number of validation images"):
        find_labels([folder])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("kit", "data/meta.mat"),
        ("kit", TRUTH),
        ("packed", "ILSVRC2012_devkit_t12.tar.gz"),
        ("solution", "LOC_val_solution.csv"),
        ("meta", "meta.bin"),
    ],
)
def test_damaged_files(kind: str, name: str, write_labels: Write, true_labels: list[str]) -> None:
    """Each is an error that names a file."""
    folder = write_labels(kind, true_labels)
    (folder / name).write_bytes(b"<html>not found</html>\n" * 20)
    with pytest.raises(DataError, match=str(folder)):
        find_labels([folder])


def test_a_hostile_meta_bin_runs_nothing(tmp_path: Path) -> None:
    """A pickle that would make a folder."""

    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "made"),)

    torch.save(({}, [Hostile()]), tmp_path / "meta.bin")
    with pytest.raises(DataError, match="cannot be read safely"):
        find_labels([tmp_path])
    (tmp_path / "meta.bin").write_bytes(pickle.dumps(({}, [Hostile()]), protocol=2))
    with pytest.raises(DataError, match="cannot be read safely"):
        find_labels([tmp_path])
    assert not (tmp_path / "made").exists()


def test_titles_of_kaggle(tmp_path: Path) -> None:
    """The first of several words."""
    (tmp_path / "map.txt").write_text(
        "n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n\n"
    )
    assert read_titles(tmp_path / "map.txt") == {"n01440764": "tench", "n01443537": "goldfish"}
