"""Shards of WebDataset: tar archives of `KEY.jpg` and `KEY.cls`, the label as a number."""

from collections.abc import Iterator
from pathlib import Path

from toto_bench.errors import DataError
from toto_bench.media.sources import Source
from toto_bench.media.tars import members_of
from toto_bench.tasks.recognition.examples import some

LABEL = "cls"
"""Ending of the files with labels."""


def is_shard(path: Path) -> bool:
    """Whether an archive holds labels beside its images; one of a class has none."""
    return any(member.name.endswith(f".{LABEL}") for member in members_of(path))


def samples_of(path: Path, suffixes: set[str]) -> Iterator[tuple[str, int, Source]]:
    """Key with the ending of its image, label and image, in the order of the archive.

    Args:
        path: of the shard.
        suffixes: of images, with their dot.

    Raises:
        DataError: it is damaged, or a label is missing or no number.
    """
    images: dict[str, tuple[str, Source]] = {}
    labels: dict[str, int] = {}
    with path.open("rb") as stream:
        for name, source in members_of(path):
            # A key ends at the first dot of the file's name.
            folder, _, file = name.rpartition("/")
            key, _, ending = file.partition(".")
            if not key:
                continue
            if ending == LABEL:
                stream.seek(source.offset)
                labels[f"{folder}/{key}"] = _number(path, name, stream.read(source.size()))
            elif f".{ending.rpartition('.')[2].lower()}" in suffixes:
                images[f"{folder}/{key}"] = f"{key}.{ending}", source
    if unlabelled := [name for key, (name, _) in images.items() if key not in labels]:
        raise DataError(
            f"{len(unlabelled):,} of {len(images):,} images in {path} have no `.{LABEL}` beside them: "
            f"{some(unlabelled)}. Write the shard again with its labels."
        )
    for key, (name, source) in images.items():
        yield name, labels[key], source


def _number(path: Path, name: str, content: bytes) -> int:
    try:
        return int(content)
    except ValueError as error:
        raise DataError(f"{path}: {name} holds {content[:20]!r}, not the number of a class.") from error
