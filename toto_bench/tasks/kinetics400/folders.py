"""Class folders without lists: what is there is what is listed."""

from pathlib import Path

from toto_bench.errors import WrongDataError
from toto_bench.media.sources import Source
from toto_bench.tasks.kinetics400.classes import classes_of, listed_classes, normalised
from toto_bench.tasks.kinetics400.files import VideoFiles
from toto_bench.tasks.recognition.examples import Example, Examples


def read_class_folders(root: Path, files: VideoFiles) -> Examples:
    """Videos in `{train,val}/<class>/`; folders are matched to labels by name, never by their order.

    Raises:
        DataError: a split has no class folders, or a folder's name is no class.
    """
    found = {split: files.in_class_folders(split) for split in ("train", "val")}
    if not found["val"]:
        raise WrongDataError(
            f"{root / 'val'} has no videos in class folders, and no list says which class its videos have: put CVDF's "
            "`annotations/val.csv` beside it, or give the folder that has the lists."
        )
    labels = {label for videos in found.values() for label in videos.values()}
    classes = classes_of(labels, listed_classes(root), root)
    index = classes.by_name()
    examples = {}
    for split, videos in found.items():
        stems = [path.stem for path in videos]
        alone = len(set(stems)) == len(stems)
        examples[split] = tuple(
            Example(
                path.stem if alone else f"{label}/{path.stem}",
                index[normalised(label)],
                Source(files.of_path(path.as_posix(), split) or root / path),
            )
            for path, label in videos.items()
        )
    return Examples(
        root=root,
        layout="class folders, no lists",
        classes=classes.names,
        titles=classes.names,
        order=classes.order,
        official=classes.official,
        train=examples["train"],
        val=examples["val"],
        warnings=("no list says which videos belong: only those that are there are counted",),
    )
