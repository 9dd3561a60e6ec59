"""WordNet ids, and the order of classes: the index is the rank of the id, never a number of the development kit."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from toto_bench.errors import DataError

WNID = re.compile(r"n\d{8}")
"""`n01440764`."""
VAL_IMAGE = re.compile(r"ILSVRC2012_val_\d{8}")
"""Name of a validation image, without ending."""
FIRST_TEN = (
    "n01751748",
    "n09193705",
    "n02105855",
    "n04263257",
    "n03125729",
    "n01735189",
    "n02346627",
    "n02776631",
    "n03794056",
    "n02328150",
)
"""Classes of ILSVRC2012_val_00000001 to 00000010: labels in another order of classes or images do not have them."""


class ClassOrder(NamedTuple):
    """Classes in the order of their indices."""

    names: tuple[str, ...]
    """WordNet ids, or names of folders."""
    titles: tuple[str, ...]
    """In words."""
    text: str
    """How the order is known."""
    official: bool
    """Whether they are the 1,000 of ImageNet-1k."""


@cache
def official_wnids() -> tuple[str, ...]:
    """The 1,000 WordNet ids, sorted."""
    return tuple(_info().label_names())


def order_of(names: Iterable[str], words: Mapping[str, str] | None = None) -> ClassOrder:
    """The classes of a copy in their order.

    Args:
        names: of its classes.
        words: name to title, where the copy has them.
    """
    found = tuple(sorted(set(names)))
    official = found == official_wnids()
    titles = tuple((words or {}).get(name) or _title(name) for name in found)
    if official:
        return ClassOrder(found, titles, "the index is the rank of the WordNet id among the 1,000", True)
    if all(WNID.fullmatch(name) for name in found):
        known = len(set(found) & set(official_wnids()))
        text = (
            f"the index is the rank of the WordNet id; {known} of {len(found)} ids are of ImageNet-1k's 1,000"
        )
        return ClassOrder(found, titles, text, False)
    return ClassOrder(found, titles, "the index is the rank of the class's name: no WordNet ids", False)


def prove_labels(labels: Mapping[str, str]) -> int:
    """Compare the labels of the first ten validation images with those that are known; how many are there.

    Args:
        labels: name of a validation image to its WordNet id.

    Raises:
        DataError: one differs: the labels are in another order of classes or images.
    """
    proofs = 0
    for number, true in enumerate(FIRST_TEN, 1):
        name = f"ILSVRC2012_val_{number:08d}"
        if name in labels and labels[name] != true:
            raise DataError(
                f"The validation labels are wrong: {name} is of class {true}, not {labels[name]}. They belong to "
                "another order of classes or of images (the development kit numbers classes otherwise). "
                "Take `data/ILSVRC2012_validation_ground_truth.txt` and `data/meta.mat` of the official kit, or "
                "Kaggle's LOC_val_solution.csv; of class folders, make them again from these."
            )
        proofs += name in labels
    return proofs


def _title(name: str) -> str:
    if name not in official_wnids():
        return name
    return str(_info().label_name_to_description(name)).split(",")[0]


@cache
def _info():  # type: ignore[no-untyped-def]  # timm has no types
    from timm.data.imagenet_info import ImageNetInfo  # noqa: PLC0415  only where data is read

    return ImageNetInfo("imagenet-1k")
