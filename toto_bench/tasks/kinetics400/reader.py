"""Reading Kinetics-400 on disk: lists or class folders of any usual copy, as labelled examples."""

from pathlib import Path

from toto_bench.errors import WrongDataError
from toto_bench.tasks.kinetics400.classes import ClassList, classes_of, listed_classes
from toto_bench.tasks.kinetics400.entries import read_entries
from toto_bench.tasks.kinetics400.files import VideoFiles
from toto_bench.tasks.kinetics400.folders import read_class_folders
from toto_bench.tasks.kinetics400.ids import classes_by_id
from toto_bench.tasks.kinetics400.listing import Listing, read_listing
from toto_bench.tasks.recognition.examples import Examples, some

SPLITS = ("train", "val")
_FOLDERS = ("", "k400", "kinetics400", "kinetics-400", "kinetics_400")
"""Where in the folder that is given the data may lie."""
_LISTS = ("annotations/{split}.csv", "{split}.csv", "annotations/{split}.txt", "{split}.txt")
"""First places where the list of a split is looked for."""


def read_kinetics(data: Path) -> Examples:
    """The videos of both splits.

    Accepted are CVDF's csv files with flat or class folders, lists of paths with ids, and class folders without lists.

    Raises:
        DataError: there is no such data, or lists and classes contradict each other.
    """
    root, lists = _find_root(data)
    files = VideoFiles(root)
    if not lists:
        return read_class_folders(root, files)
    found = {split: read_listing(path) for split, path in lists.items()}
    if "val" not in found:
        raise WrongDataError(
            f"{root} has a list of `train` and none of `val`: annotations/val.csv and val.csv were looked for."
        )
    classes = _classes(root, found)
    entries = {
        split: read_entries(listing, split, files, classes.by_name()) for split, listing in found.items()
    }
    train = entries["train"].examples if "train" in entries else ()
    both = sorted({example.name for example in train} & {example.name for example in entries["val"].examples})
    shared = [f"{len(both):,} videos are in both lists: {some(both)}"] if both else []
    return Examples(
        root=root,
        layout=", ".join(f"{each.kind} {each.path.relative_to(root)}" for each in found.values()),
        classes=classes.names,
        titles=classes.names,
        order=classes.order,
        official=classes.official,
        train=train,
        val=entries["val"].examples,
        faults={name: fault for each in entries.values() for name, fault in each.faults.items()},
        warnings=(*(text for each in entries.values() for text in each.warnings), *shared),
    )


def _find_root(data: Path) -> tuple[Path, dict[str, Path]]:
    """Where the data lies, and its lists; none where there are class folders only."""
    for folder in _FOLDERS:
        root = data / folder
        lists = {split: path for split in SPLITS if (path := _find_list(root, split))}
        if lists:
            return root, lists
        if any((root / split).is_dir() for split in SPLITS):
            return root, {}
    raise WrongDataError(
        f"{data} is not a copy of Kinetics-400: neither lists (`annotations/val.csv`, `val.csv`, `*val*.txt`) nor "
        "folders `train` and `val` are there. `toto-bench show task kinetics400` shows the layouts."
    )


def _find_list(root: Path, split: str) -> Path | None:
    for pattern in _LISTS:
        if (path := root / pattern.format(split=split)).is_file():
            return path
    for folder in (root, root / "annotations"):
        named = [path for kind in ("csv", "txt") for path in sorted(folder.glob(f"*{split}*.{kind}"))]
        if found := [path for path in named if path.is_file()]:
            return found[0]
    tested = root / "test.csv"  # SlowFast's list of what is tested, which is the validation set
    return tested if split == "val" and (root / "train.csv").is_file() and tested.is_file() else None


def _classes(root: Path, lists: dict[str, Listing]) -> ClassList:
    labels = {row.label for listing in lists.values() for row in listing.rows if row.label}
    classes = classes_of(labels, listed_classes(root), root)
    by_id = [each for each in lists.values() if any(row.class_id is not None for row in each.rows)]
    return classes_by_id(root, classes, by_id) if by_id else classes
