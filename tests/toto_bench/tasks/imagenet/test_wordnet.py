"""The order of classes."""

import hashlib

import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.imagenet.wordnet import FIRST_TEN, official_wnids, order_of, prove_labels


def test_the_thousand() -> None:
    """From tench to toilet tissue, sorted."""
    wnids = official_wnids()
    assert (len(wnids), wnids[0], wnids[999]) == (1000, "n01440764", "n15075141")
    assert list(wnids) == sorted(wnids)
    assert hashlib.sha256("\n".join(wnids).encode()).hexdigest()[:16] == "385e0240499426c0"


def test_the_first_ten_labels_have_their_known_indices() -> None:
    """The beginning of every list of validation labels by sorted WordNet ids."""
    assert [official_wnids().index(wnid) for wnid in FIRST_TEN] == [
        65,
        970,
        230,
        809,
        516,
        57,
        334,
        415,
        674,
        332,
    ]


def test_order_of_the_thousand() -> None:
    """In whatever order they are found; titles come from the copy, or are known."""
    order = order_of(reversed(official_wnids()), {"n01440764": "a fish"})
    assert order.official and order.names == official_wnids()
    assert order.titles[:2] == ("a fish", "goldfish")


def test_order_of_others() -> None:
    """Some of them, other WordNet ids, no ids: the rank, and what it is said to be."""
    some = order_of(["n02102040", "n01440764"])
    assert (some.names, some.titles, some.official) == (
        ("n01440764", "n02102040"),
        ("tench", "English springer"),
        False,
    )
    assert "2 of 2 ids" in some.text
    assert "1 of 2 ids" in order_of(["n01440764", "n99999999"]).text
    assert order_of(["mug", "arch"])[:2] == (("arch", "mug"), ("arch", "mug"))


def test_labels_are_proved_by_the_first_ten_images() -> None:
    """Those that are there; one that is wrong says that all are."""
    labels = {f"ILSVRC2012_val_{number:08d}": wnid for number, wnid in enumerate(FIRST_TEN, 1)}
    assert prove_labels(labels) == 10
    assert prove_labels({"ILSVRC2012_val_00000011": "n01440764"}) == 0
    labels["ILSVRC2012_val_00000003"] = "n01440764"
    with pytest.raises(DataError, match="ILSVRC2012_val_00000003 is of class n02105855, not n01440764"):
        prove_labels(labels)
