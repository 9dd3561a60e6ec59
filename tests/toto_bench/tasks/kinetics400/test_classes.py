"""The 400 labels, and other class lists."""

import hashlib
import json
from pathlib import Path

import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.kinetics400.classes import (
    classes_of,
    kinetics_labels,
    listed_classes,
    normalised,
    official_classes,
)

SLALOM, CROSS = "skiing (not slalom or crosscountry)", "skiing crosscountry"


def test_the_400_labels() -> None:
    """All there, in alphabetical order, with and without regard to case."""
    labels = kinetics_labels()
    assert (len(labels), len({normalised(label) for label in labels})) == (400, 400)
    assert list(labels) == sorted(labels) == sorted(labels, key=str.lower)


@pytest.mark.parametrize(
    ("label", "index"),
    [("abseiling", 0), (SLALOM, 308), (CROSS, 309), ("using segway", 375), ("zumba", 399)],
)
def test_known_ids(label: str, index: int) -> None:
    """Of the official code's class list."""
    assert kinetics_labels()[index] == label


def test_the_labels_stay_what_they_are() -> None:
    """A slip of a finger in the file would be another label."""
    text = "\n".join(kinetics_labels())
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "a8dafb93a1204d4e"


def test_folder_names_of_every_copy_are_recognised() -> None:
    """Blanks, `_`, and torchvision's without parentheses, whose own order is another one."""
    known = official_classes().by_name()
    stripped = [label.replace("(", "").replace(")", "") for label in kinetics_labels()]
    for labels in (kinetics_labels(), stripped, [label.replace(" ", "_") for label in stripped]):
        assert [known[normalised(label)] for label in labels] == list(range(400))
    assert sorted(stripped).index(CROSS) == 308


def test_labels_of_kinetics_keep_their_ids_when_only_some_are_there() -> None:
    """A part of the data has 400 classes still."""
    found = classes_of([CROSS, "zumba"], None, Path("data"))
    assert found.official and len(found.names) == 400


def test_other_labels_are_sorted() -> None:
    """And said to be others."""
    found = classes_of(["waving", "clap hands"], None, Path("data"))
    assert (found.names, found.official) == (("clap hands", "waving"), False)


def test_a_few_unknown_labels_among_known_ones_are_an_error() -> None:
    """Misspelt, or other data mixed in."""
    with pytest.raises(DataError, match=r"1 of 3 labels .* 400 labels of Kinetics: zomba"):
        classes_of(["zomba", "archery", "yoga"], None, Path("data"))


def test_a_list_beside_the_data_is_taken(tmp_path: Path) -> None:
    """In its own order; as text or as JSON of ids, with the quotes of the non-local network's."""
    (tmp_path / "classes.txt").write_text("waving\n\nclap hands\n")
    found = listed_classes(tmp_path)
    assert found is not None and (found.names, found.official) == (("waving", "clap hands"), False)
    assert classes_of(["Clap_hands"], found, tmp_path) is found
    with pytest.raises(DataError, match=r"1 of 1 labels .* list that comes with it: jumping"):
        classes_of(["jumping"], found, tmp_path)
    (tmp_path / "classes.txt").unlink()
    (tmp_path / "classids.json").write_text(json.dumps({'"clap hands"': 1, "waving": 0}))
    assert listed_classes(tmp_path) is not None and listed_classes(tmp_path)[0] == ("waving", "clap hands")  # type: ignore[index]


def test_the_400_in_another_order_are_refused(tmp_path: Path) -> None:
    """As sorting stripped folder names makes it: two classes would change places in silence."""
    assert listed_classes(tmp_path) is None
    stripped = sorted(label.replace("(", "").replace(")", "") for label in kinetics_labels())
    (tmp_path / "classes.txt").write_text("\n".join(stripped))
    with pytest.raises(DataError, match=r"id 308 is `skiing crosscountry` there.*2 differ"):
        listed_classes(tmp_path)
    (tmp_path / "classes.txt").write_text("\n".join(kinetics_labels()))
    assert listed_classes(tmp_path) == official_classes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("classes.txt", ""),
        ("classes.txt", "waving\nWaving\n"),
        ("classids.json", "[1]"),
        ("classids.json", '{"waving": 1}'),
        ("classids.json", '{"waving": 0, "clapping": 0}'),
        ("classids.json", "no json"),
    ],
)
def test_a_damaged_list_is_an_error(name: str, content: str, tmp_path: Path) -> None:
    """Empty, a label twice, ids with holes."""
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        listed_classes(tmp_path)
