"""What a submission has to have before its predictions can be read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.ego4d_sta.columns import Integers, Predictions
from toto_bench.tasks.ego4d_sta.errors import (
    MissingImagesError,
    OutsideFrameError,
    SubmissionLayoutError,
    UnknownCategoryError,
)

VERSION = "1.0"
CHALLENGE = "ego4d_short_term_object_interaction_anticipation"
HEADER = {"version": VERSION, "challenge": CHALLENGE}
"""What every official submission says of itself."""
TOLERATED = 0.1
"""Share of boxes whose centre is outside of their frame from which on they are not of these frames."""
_SHOWN = 5


def expect_header(content: Any, place: str) -> None:
    """A submission says what it is.

    Raises:
        SubmissionLayoutError: it is none of this challenge and version.
    """
    if not isinstance(content, Mapping):
        raise SubmissionLayoutError(f"{place} is no JSON object. {_LAYOUT}")
    for name, value in HEADER.items():
        if content.get(name) != value:
            found = f"has `{name}` = {content[name]!r}" if name in content else f"has no `{name}`"
            raise SubmissionLayoutError(f"{place} {found}, expected {value!r}. {_LAYOUT}")


def expect_images(
    content: Any, uids: Sequence[str], place: str, *, allow_missing: bool = False
) -> Mapping[str, Any]:
    """`results` of a submission, which has every annotated image.

    Args:
        content: of the submission.
        uids: of the annotated images.
        place: what it is, for messages.
        allow_missing: some may be absent.

    Raises:
        SubmissionLayoutError: there are no results.
        MissingImagesError: names images that are not there.
    """
    results = content.get("results") if isinstance(content, Mapping) else None
    if not isinstance(results, Mapping):
        raise SubmissionLayoutError(f"{place} has no object `results`. {_LAYOUT}")
    missing = [uid for uid in uids if uid not in results]
    if not missing or (allow_missing and len(missing) < len(uids)):
        return results
    shown = ", ".join(f"`{uid}`" for uid in missing[:_SHOWN])
    raise MissingImagesError(
        f"{place} has no entry for {len(missing):,} of {len(uids):,} annotated images: {shown}"
        f"{' ...' if len(missing) > _SHOWN else ''}. An image without predictions has an empty list. "
        + ("None is there: was it made for another split?" if len(missing) == len(uids) else "")
        + (
            ""
            if len(missing) == len(uids)
            else "Predict them too, or score the others with `--allow-missing`."
        )
    )


def expect_categories(
    predictions: Predictions, nouns: Mapping[int, str], verbs: Mapping[int, str], place: str
) -> None:
    """Every noun and verb is one of the annotation file's.

    Raises:
        UnknownCategoryError: names one that is not.
    """
    for name, found, known in (("noun", predictions.nouns, nouns), ("verb", predictions.verbs, verbs)):
        strange = np.flatnonzero(~np.isin(found, np.array(list(known), dtype=np.int64)))
        if strange.size:
            row = int(strange[0])
            raise UnknownCategoryError(
                f"{place}: {strange.size:,} of {len(found):,} predictions have a {name} that is not in the annotation "
                f"file, the first {name}_category_id {found[row]} of `{predictions.image_of(row)}`. The file has "
                f"{len(known)} {name}s, {min(known)} to {max(known)}. Ids are those of the file, from 0 on: labels "
                "that a model counts from 1 (background 0) are to be moved back."
            )


def outside(predictions: Predictions, sizes: Integers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which boxes reach beyond their frames, and of which even the centre is outside, [M] each.

    Args:
        predictions: of N images.
        sizes: height and width of each image's frame, [N, 2].
    """
    ends = sizes[predictions.images][:, ::-1].astype(np.float64)
    low, high = predictions.boxes[:, :2], predictions.boxes[:, 2:]
    centre = (low + high) / 2
    beyond = ((np.minimum(low, high) < 0) | (np.maximum(low, high) > ends)).any(axis=1)
    return np.asarray(beyond), np.asarray(((centre < 0) | (centre > ends)).any(axis=1))


def expect_inside(predictions: Predictions, sizes: Integers, place: str) -> list[str]:
    """Most boxes are in their frames; what can be said of others.

    The official code takes any box, and so do a few here.

    Raises:
        OutsideFrameError: so many are not that they are of frames of another size.
    """
    beyond, far = outside(predictions, sizes)
    if far.sum() > TOLERATED * len(far):
        row = int(np.argmax(far))
        height, width = sizes[predictions.images[row]]
        box = ", ".join(f"{value:g}" for value in predictions.boxes[row])
        raise OutsideFrameError(
            f"{place}: the centres of {far.sum():,} of {len(far):,} boxes are outside of their frames, the first one "
            f"[{box}] of `{predictions.image_of(row)}`, whose frame is {width}x{height}. Boxes are x1, y1, x2, y2 in "
            "pixels of the frame that is annotated: were they made at another size, or as x, y, width, height?"
        )
    if not beyond.any():
        return []
    return [
        f"{beyond.sum():,} of {len(beyond):,} boxes reach beyond their frames; they are scored as they are"
    ]


_LAYOUT = (
    f'A submission is {{"version": "{VERSION}", "challenge": "{CHALLENGE}", "results": {{UID: [{{"box": [x1, y1, x2, '
    'y2], "noun_category_id": 0, "verb_category_id": 0, "time_to_contact": 0.5, "score": 0.9}, ...], ...}}.'
)
