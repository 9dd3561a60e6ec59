"""Lists with class ids instead of labels: whether an id means what it should."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from toto_bench.errors import DataError
from toto_bench.tasks.kinetics400.classes import ClassList, listed_classes, normalised
from toto_bench.tasks.kinetics400.listing import Listing, identifier_of, read_listing

ENOUGH = 200
"""Different ids from which on a list is taken to be one of Kinetics-400, where nothing else says so."""


def classes_by_id(root: Path, classes: ClassList, lists: Iterable[Listing]) -> ClassList:
    """The class list of ids, and how it is known.

    Folders of the listed paths, and CVDF's lists in `annotations` where there are some, prove what ids mean.

    Args:
        root: of the data.
        classes: those of the data, or the 400.
        lists: whose lines have ids.

    Raises:
        DataError: an id is proved to mean another class, or is beyond the class list.
    """
    lists = list(lists)
    ids = {row.class_id for listing in lists for row in listing.rows if row.class_id is not None}
    proofs = _prove(lists, classes.by_name(), dict(_words(root, {listing.path for listing in lists})))
    if not proofs and listed_classes(root) is None and (len(ids) < ENOUGH or max(ids) >= len(classes.names)):
        names = tuple(f"class {number}" for number in range(max(ids) + 1))
        return ClassList(names, "ids as the lists have them: nothing says what they mean", False)
    if max(ids) >= len(classes.names):
        raise DataError(
            f"Lists in {root} have the id {max(ids)}, but there are {len(classes.names)} classes, from 0 on: put the "
            "data's own list at `annotations/classes.txt`, or count ids from 0."
        )
    proof = f"{proofs:,} names agree with them" if proofs else "no name in the lists proves them"
    return classes._replace(order=f"{classes.order}; ids as the lists have them, {proof}")


def _prove(lists: Iterable[Listing], index: Mapping[str, int], words: Mapping[str, str]) -> int:
    """How many ids agree with the class that the path's folder, or another list, names.

    Raises:
        DataError: one does not.
    """
    proofs = 0
    for listing in lists:
        for row in listing.rows:
            path = PurePosixPath(row.name)
            label = words.get(identifier_of(path.stem)) or path.parent.name
            expected = index.get(normalised(label))
            if expected is None or row.class_id is None:
                continue
            if expected != row.class_id:
                raise DataError(
                    f"{listing.path}, line {row.line}: `{row.name}` has the id {row.class_id}, but its class `{label}` "
                    f"is {expected}. Ids are the alphabetical rank of the original labels; lists made from sorted "
                    "folder names without parentheses have 308 and 309 exchanged. Make the list again."
                )
            proofs += 1
    return proofs


def _words(root: Path, used: set[Path]) -> Iterator[tuple[str, str]]:
    """Identifier to label, from CVDF's lists that lie beside those that are read."""
    for path in sorted((root / "annotations").glob("*.csv")):
        if path not in used:
            yield from ((identifier_of(row.name), row.label) for row in read_listing(path).rows if row.label)
