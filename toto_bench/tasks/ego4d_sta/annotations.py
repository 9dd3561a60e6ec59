"""Annotation files of versions 1 and 2: fho_sta_{train,val}.json, fho_sta_test_unannotated.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from toto_bench.tasks.ego4d_sta.columns import Integers, Objects
from toto_bench.tasks.ego4d_sta.entries import expect_entries
from toto_bench.tasks.ego4d_sta.errors import AnnotationError
from toto_bench.tasks.ego4d_sta.rows import read_labels
from toto_bench.tasks.ego4d_sta.sizes import frame_sizes


class Annotation(NamedTuple):
    """One image to predict for: the last frame that is seen."""

    uid: str
    """Of the annotation."""
    video: str
    """Uid of the video."""
    frame: int
    """Number of the frame in the full video, 30 a second, from 0."""
    clip: str | None
    """Uid of the clip, a part of the video."""
    clip_frame: int | None
    """Number of the frame in the clip."""


class Dropped(NamedTuple):
    """What is not trained on."""

    objects: int
    """Objects whose box has no area."""
    annotations: int
    """Annotations that have no other objects."""


@dataclass(frozen=True)
class AnnotationFile:
    """What an annotation file holds."""

    path: Path
    """The file."""
    version: str
    """As the file says it; may be empty."""
    annotations: tuple[Annotation, ...]
    """In the order of the file, N."""
    labels: Objects
    """Objects of the annotations; none in a test set."""
    annotated: bool
    """Whether there are objects at all."""
    nouns: dict[int, str]
    """Category id to name."""
    verbs: dict[int, str]
    """Category id to name."""
    sizes: Integers
    """Height and width of the frame that boxes are measured in, [N, 2]."""
    small: bool
    """Whether that is a smaller frame than the video's: the variant of 540 pixels height."""
    dropped: Dropped
    """What was left out for training."""


def read_annotations(path: Path, *, training: bool = False) -> AnnotationFile:
    """Read an annotation file; whatever it has besides is ignored.

    Args:
        path: of the file.
        training: leave out boxes without area, and then annotations without objects, as StillFast does (commit
            199ba490). What is scored is never touched.

    Raises:
        AnnotationError: the file is damaged, or contradicts itself.
        DataError: an object lacks something, or boxes are larger than frames.
    """
    content = _read(path)
    place = str(path)
    entries = expect_entries(content, place)
    annotations = tuple(_annotation(entry, place) for entry in entries)
    if len({annotation.uid for annotation in annotations}) < len(annotations):
        seen: set[str] = set()
        twice = next(a.uid for a in annotations if a.uid in seen or seen.add(a.uid))  # type: ignore[func-returns-value]
        raise AnnotationError(
            f"{place} has the uid `{twice}` more than once: take the file as it was delivered."
        )
    nouns, verbs = (_categories(content, name, place) for name in ("noun", "verb"))
    labels = read_labels(entries, place)
    _expect_known(labels, nouns, verbs, place)
    sizes = frame_sizes(path, labels, _video_sizes(content, annotations, place))
    dropped = Dropped(0, 0)
    keep = np.ones(len(annotations), dtype=np.bool_)
    if training:
        labels, keep, dropped = _without_degenerate(labels)
    return AnnotationFile(
        path=path,
        version=str(content.get("version", "")),
        annotations=tuple(a for a, wanted in zip(annotations, keep, strict=True) if wanted),
        labels=labels,
        annotated=any("objects" in entry for entry in entries),
        nouns=nouns,
        verbs=verbs,
        sizes=sizes.sizes[keep],
        small=sizes.small,
        dropped=dropped,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise AnnotationError(
            f"{path} cannot be read as JSON ({error}): it is cut off or damaged. Get it again: "
            "`ego4d --datasets annotations --benchmarks FHO`."
        ) from error
    if not isinstance(content, dict):
        raise AnnotationError(f"{path} is no annotation file: it holds no JSON object.")
    return content


def _annotation(entry: Mapping[str, Any], place: str) -> Annotation:
    """An entry; version 1 calls the video `video_id`, version 2 `video_uid`, and some files have both."""
    uid = entry["uid"]
    names = {entry[name] for name in ("video_id", "video_uid") if entry.get(name) is not None}
    if len(names) != 1:
        fault = "names two different videos" if names else "names no video"
        raise AnnotationError(
            f"{place}: `{uid}` {fault} (`video_id`, `video_uid`): {sorted(map(str, names))}."
        )
    frame, clip_frame = entry.get("frame"), entry.get("clip_frame")
    if type(frame) is not int or frame < 0:
        raise AnnotationError(f"{place}: `frame` of `{uid}` is {frame!r}, expected a whole number from 0 on.")
    clip = entry.get("clip_uid")
    return Annotation(
        uid,
        str(names.pop()),
        frame,
        None if clip is None else str(clip),
        clip_frame if type(clip_frame) is int else None,
    )


def _categories(content: Mapping[str, Any], name: str, place: str) -> dict[int, str]:
    """Id to name; how many there are differs between versions, and is never assumed."""
    found = content.get(f"{name}_categories")
    if not isinstance(found, list) or not found:
        raise AnnotationError(f"{place} has no list `{name}_categories`.")
    try:
        categories = {int(entry["id"]): str(entry["name"]) for entry in found}
    except (KeyError, TypeError, ValueError):
        raise AnnotationError(f"{place}: an entry of `{name}_categories` has no `id` and `name`.") from None
    if len(categories) < len(found):
        raise AnnotationError(f"{place} has an id more than once in `{name}_categories`.")
    return categories


def _expect_known(labels: Objects, nouns: dict[int, str], verbs: dict[int, str], place: str) -> None:
    for name, found, known in (("noun", labels.nouns, nouns), ("verb", labels.verbs, verbs)):
        strange = np.flatnonzero(~np.isin(found, np.array(list(known), dtype=np.int64)))
        if strange.size:
            row = int(strange[0])
            raise AnnotationError(
                f"{place}: an object of `{labels.image_of(row)}` has {name}_category_id {found[row]}, which is not in "
                f"`{name}_categories`."
            )


def _video_sizes(content: Mapping[str, Any], annotations: Sequence[Annotation], place: str) -> Integers:
    """Height and width of each annotation's video."""
    info = content.get("info")
    videos = info.get("video_metadata") if isinstance(info, dict) else None
    sizes: dict[str, tuple[int, int]] = {}
    for annotation in annotations:
        if annotation.video not in sizes:
            try:
                found = videos[annotation.video]  # type: ignore[index]  # what is no mapping fails below
                sizes[annotation.video] = (int(found["frame_height"]), int(found["frame_width"]))
            except (KeyError, TypeError, ValueError):
                raise AnnotationError(
                    f"{place} does not say how large the frames of `{annotation.video}` are "
                    "(`info.video_metadata`: frame_height, frame_width)."
                ) from None
    return np.array([sizes[annotation.video] for annotation in annotations], dtype=np.int64)


def _without_degenerate(labels: Objects) -> tuple[Objects, np.ndarray[Any, np.dtype[np.bool_]], Dropped]:
    """Labels without boxes of no area and images of no labels, which images are kept, and how much is not."""
    solid = (labels.boxes[:, 2:] > labels.boxes[:, :2]).all(axis=1)
    counts = np.bincount(labels.images[solid], minlength=len(labels.counts))
    keep = counts > 0
    kept = Objects(
        tuple(uid for uid, wanted in zip(labels.uids, keep, strict=True) if wanted),
        counts=counts[keep].astype(np.int64),
        boxes=labels.boxes[solid],
        nouns=labels.nouns[solid],
        verbs=labels.verbs[solid],
        ttcs=labels.ttcs[solid],
    )
    return kept, keep, Dropped(int((~solid).sum()), int((~keep).sum()))
