"""Checks of the label maps where they enter the metric; past here code trusts them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.davis.metric.errors import (
    BinaryMasksError,
    FrameCountError,
    FrameSizeError,
    LabelRangeError,
    LabelTypeError,
    MaskShapeError,
    NoObjectsError,
    TooFewFramesError,
    UnknownObjectsError,
    VoidInResultError,
)

VOID = 255
"""Label of pixels that belong to nothing. In the semi-supervised task they count as background."""

MIN_FRAMES = 3
"""The first and the last frame are dropped, so one frame is left to score."""

Labels = NDArray[np.integer[Any]]


def count_objects(truth: Labels, prediction: Labels) -> int:
    """Check both label maps [T, H, W]; return n, the highest object id of the first true frame (void apart).

    Raises:
        LabelTypeError: labels are not integers.
        LabelRangeError: labels are not in 0..255.
        MaskShapeError: an array is not [T, H, W].
        TooFewFramesError: there are fewer than three frames.
        FrameCountError: truth and prediction have different numbers of frames.
        FrameSizeError: truth and prediction have frames of different sizes.
        NoObjectsError: the first true frame has no object.
        BinaryMasksError: the first true frame has void and background only.
        VoidInResultError: a scored frame of the prediction has label 255.
        UnknownObjectsError: a scored frame of the prediction has an id above n. The official tool prints a
            line and exits with status 0 here.
    """
    for name, masks in (("truth", truth), ("prediction", prediction)):
        _check_labels(name, masks)
        _check_shape(name, masks)
        _check_range(name, masks)
    _check_same_size(truth, prediction)
    n_objects = _highest_label(truth[0])
    _check_result_labels(prediction, n_objects)
    return n_objects


def _check_labels(name: str, masks: NDArray[Any]) -> None:
    if np.issubdtype(masks.dtype, np.integer):
        return
    has_nan = np.issubdtype(masks.dtype, np.floating) and bool(np.isnan(masks).any())
    raise LabelTypeError(
        f"{name} has dtype {masks.dtype}{' and NaN values' if has_nan else ''}, expected integer object ids. "
        f"Take the argmax of soft masks over the objects, then cast with .astype(np.uint8)."
    )


def _check_shape(name: str, masks: Labels) -> None:
    if masks.ndim != 3 or 0 in masks.shape[1:]:
        raise MaskShapeError(
            f"{name} has shape {list(masks.shape)}, expected [frames, height, width]. "
            f"Stack one label map per frame; np.argmax over the objects turns one-hot masks into labels."
        )
    if len(masks) < MIN_FRAMES:
        raise TooFewFramesError(
            f"{name} has {len(masks)} frame(s), expected at least {MIN_FRAMES}, for the metric drops the "
            f"first and the last. Pass every frame of the sequence."
        )


def _check_range(name: str, masks: Labels) -> None:
    if masks.dtype == np.uint8:
        return
    low, high = int(masks.min()), int(masks.max())
    if low < 0 or high > VOID:
        raise LabelRangeError(
            f"{name} has labels from {low} to {high}, expected 0 (background) to {VOID} (void). "
            f"Number the objects from 1 on, as in the palette PNG files of DAVIS."
        )


def _check_same_size(truth: Labels, prediction: Labels) -> None:
    if len(truth) != len(prediction):
        raise FrameCountError(
            f"the result has {len(prediction)} frames, expected {len(truth)} as in the truth. "
            f"Pass all frames of both, first and last included: the metric drops those itself."
        )
    if truth.shape != prediction.shape:
        found, expected = (f"{masks.shape[1]}x{masks.shape[2]}" for masks in (prediction, truth))
        raise FrameSizeError(
            f"the result has frames of {found} (height x width), expected {expected} as in the truth. "
            f"Resize labels to the size of the annotation with nearest neighbour."
        )


def _highest_label(first_frame: Labels) -> int:
    n_objects = int(np.max(first_frame, where=first_frame != VOID, initial=0))
    if n_objects > 0:
        return n_objects
    if (first_frame == VOID).any():
        raise BinaryMasksError(
            f"the first frame of the truth has no label but 0 and {VOID}, expected object ids from 1 on. "
            f"These look like DAVIS-2016 style 0/{VOID} masks, where {VOID} is the object; in DAVIS-2017 it "
            f"is void. Map {VOID} to 1, or read the annotations of DAVIS-2017."
        )
    raise NoObjectsError(
        "the first frame of the truth is all background, expected at least one object id from 1 on. "
        "Check that annotations are read as palette indices and that the frames are in order."
    )


def _check_result_labels(prediction: Labels, n_objects: int) -> None:
    highest = prediction[1:-1].max(axis=(1, 2))
    if (highest <= n_objects).all():
        return
    if (highest == VOID).any():
        raise VoidInResultError(
            f"the result has label {VOID} (void), first in frame {_first(highest == VOID)}, expected 0 to "
            f"{n_objects}. Write background as 0; in DAVIS-2016 style 0/{VOID} masks, map {VOID} to 1."
        )
    unknown = [int(label) for label in np.unique(prediction[1:-1]) if label > n_objects]
    raise UnknownObjectsError(
        f"the result has object ids {unknown}, first in frame {_first(highest > n_objects)}, expected 0 to "
        f"{n_objects} as in the first annotation. Keep its ids, and write everything else as 0."
    )


def _first(frames: NDArray[np.bool_]) -> int:
    """Index in the whole sequence of the first true one among the scored frames."""
    return int(np.argmax(frames)) + 1
