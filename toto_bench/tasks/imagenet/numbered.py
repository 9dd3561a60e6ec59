"""Classes of images whose labels are numbers: WordNet ids where names or their count say so, else the numbers."""

import re
from collections.abc import Mapping, Sequence

from toto_bench.errors import DataError
from toto_bench.tasks.imagenet.places import Place
from toto_bench.tasks.imagenet.wordnet import VAL_IMAGE, official_wnids
from toto_bench.tasks.recognition.examples import some

_BEGINS, _ENDS = re.compile(r"(n\d{8})_"), re.compile(r"(.+)_(n\d{8})")


def name_classes(
    train: Sequence[Place], val: Sequence[Place], titles: Sequence[str]
) -> tuple[list[Place], list[Place], dict[str, str]]:
    """Both splits with names of classes in the place of numbers, sorted; and titles of those names.

    Args:
        train: images; those with a folder stay as they are.
        val: likewise.
        titles: what numbers mean in words, where that is known.

    Raises:
        DataError: an image has no label, or labels contradict the names of images.
    """
    known = _known([*train, *val])
    numbers = {place.label for place in (*train, *val) if place.label is not None}
    if not numbers:
        return list(train), list(val), {}
    names = _names(numbers, known, len(titles))
    words = {
        names[label]: titles[label].split(",")[0].strip() for label in sorted(numbers) if label < len(titles)
    }
    return _named(train, names), _named(val, names), words


def _named(places: Sequence[Place], names: Mapping[int, str]) -> list[Place]:
    return sorted(
        place if place.label is None else place._replace(folder=names[place.label], stem=_plain(place.stem))
        for place in places
    )


def _plain(stem: str) -> str:
    """Hugging Face's copy adds the WordNet id to names that have it already, or that need none."""
    match = _ENDS.fullmatch(stem)
    return match[1] if match and (VAL_IMAGE.fullmatch(match[1]) or _BEGINS.match(match[1])) else stem


def _known(places: Sequence[Place]) -> dict[int, str]:
    """Number to the WordNet id that names of images have in them."""
    found: dict[int, str] = {}
    unlabelled = []
    for place in places:
        if place.label is None:
            continue
        if place.label < 0:
            unlabelled.append(place.stem)
        begins, ends = _BEGINS.match(place.stem), _ENDS.fullmatch(place.stem)
        for wnid in {*([begins[1]] if begins else []), *([ends[2]] if ends else [])}:
            if found.setdefault(place.label, wnid) != wnid:
                raise DataError(
                    f"The label {place.label} is given to images of {found[place.label]} and of {wnid} "
                    f"({place.source}): the labels do not belong to these images. Write the files again."
                )
    if unlabelled:
        raise DataError(
            f"{len(unlabelled):,} images have no label (or a negative one): {some(unlabelled)}. Only the files of the "
            "training and validation split have labels."
        )
    return found


def _names(numbers: set[int], known: Mapping[int, str], titles: int) -> dict[int, str]:
    if numbers <= known.keys():
        names = {label: known[label] for label in sorted(numbers)}
        if len(set(names.values())) < len(names):
            raise DataError(
                "Images of one WordNet id have several labels: the labels do not belong to these images. Write the "
                "files again."
            )
        return names
    official = official_wnids()
    if len(official) in (len(numbers), titles) and max(numbers) < len(official):
        wrong = [label for label, wnid in known.items() if official[label] != wnid]
        if wrong:
            raise DataError(
                f"The labels are in another order than that of the sorted WordNet ids: {wrong[0]} is "
                f"{known[wrong[0]]}, not {official[wrong[0]]}, and most images do not say their class. Take a copy "
                "whose labels are in that order."
            )
        return {label: official[label] for label in sorted(numbers)}
    width = len(str(max(numbers)))
    return {label: f"{label:0{width}d}" for label in sorted(numbers)}
