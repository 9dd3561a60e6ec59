"""Names and order of classes: the alphabetical rank of the 400 original labels, or a list that comes with the data.

Folder names are never sorted to find an index: some copies strip the parentheses of labels, and their order differs
(ids 308, `skiing (not slalom or crosscountry)`, and 309, `skiing crosscountry`, change places).
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from toto_bench.errors import DataError
from toto_bench.tasks.recognition.examples import some

CLASS_FILES = (
    "annotations/classes.txt",
    "classes.txt",
    "annotations/classids.json",
    "classids.json",
)
"""Where data that is not Kinetics-400 has its class list: a label in each line, or label to id."""


class ClassList(NamedTuple):
    """Labels in the order of class indices."""

    names: tuple[str, ...]
    """As originally written."""
    order: str
    """How their order is known."""
    official: bool
    """Whether they are the 400 labels of Kinetics."""

    def by_name(self) -> dict[str, int]:
        """Class index of each label, by its normalised form."""
        return {normalised(name): index for index, name in enumerate(self.names)}


def normalised(label: str) -> str:
    """A label without what copies of the data write differently: case, blanks, `_`, quotes, parentheses."""
    return "".join(letter for letter in label.lower() if letter.isalnum())


@cache
def kinetics_labels() -> tuple[str, ...]:
    """The 400 labels of Kinetics, alphabetical."""
    text = (files("toto_bench.tasks.kinetics400") / "classes.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def official_classes() -> ClassList:
    """The 400 labels."""
    return ClassList(
        kinetics_labels(), "ids are the alphabetical rank of the 400 original labels, matched by name", True
    )


def listed_classes(root: Path) -> ClassList | None:
    """The class list that comes with the data; None where there is none.

    Raises:
        DataError: it cannot be read, names a class twice, or its ids are not 0 to n - 1.
    """
    for name in CLASS_FILES:
        path = root / name
        if path.is_file():
            names = tuple(_read_json(path) if path.suffix == ".json" else _read_lines(path))
            twice = {normalised(label) for label in names}
            if not names or len(twice) < len(names):
                raise DataError(f"{path} lists no class, or one twice: give each label a line of its own.")
            if twice == {normalised(label) for label in kinetics_labels()}:
                return _same_as_official(path, names)
            return ClassList(names, f"ids are those of {name}", False)
    return None


def classes_of(labels: Iterable[str], listed: ClassList | None, where: Path) -> ClassList:
    """The class list that knows all labels: the data's own, Kinetics', or the labels themselves, sorted.

    Raises:
        DataError: labels are missing in the data's own list, or some but not all are labels of Kinetics.
    """
    wanted = {normalised(label): label for label in sorted(labels)}
    chosen = listed or official_classes()
    unknown = [label for key, label in wanted.items() if key not in chosen.by_name()]
    if not unknown:
        return chosen
    if listed or len(unknown) < len(wanted) / 2:
        which = "the class list that comes with it" if listed else "the 400 labels of Kinetics"
        raise DataError(
            f"{where} has {len(unknown)} of {len(wanted)} labels that are not among {which}: {some(unknown)}. Mend "
            "them, or put the data's own list at `annotations/classes.txt`, a label in each line, in the order of ids."
        )
    return ClassList(
        tuple(wanted.values()), "ids are the rank of the sorted labels: it is not Kinetics-400", False
    )


def _same_as_official(path: Path, names: tuple[str, ...]) -> ClassList:
    """A list of the 400 labels has to have their order."""
    wrong = [
        i
        for i, (own, true) in enumerate(zip(names, kinetics_labels(), strict=True))
        if normalised(own) != normalised(true)
    ]
    if wrong:
        raise DataError(
            f"{path} has the 400 labels of Kinetics in another order: id {wrong[0]} is `{names[wrong[0]]}` there, and "
            f"`{kinetics_labels()[wrong[0]]}` in the original, {len(wrong)} differ. Numbers would not be comparable, "
            "and ids in lists mean other classes: remove the file, or make the lists again."
        )
    return official_classes()


def _read_lines(path: Path) -> Iterable[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _read_json(path: Path) -> Iterable[str]:
    """Labels by id; ids may be numbers or texts, labels may stand in quotes."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        ids: Mapping[int, str] = {int(number): str(label).strip('"') for label, number in content.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise DataError(f"{path} is no JSON object of labels and their ids ({error}).") from error
    if sorted(ids) != list(range(len(ids))) or len(ids) != len(content):
        raise DataError(f"{path}: ids are not 0 to {len(content) - 1}, each once.")
    return [ids[number] for number in range(len(ids))]
