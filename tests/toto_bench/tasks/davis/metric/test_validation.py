"""Every reason not to score: what is found, what is expected, and the way out are in the message."""

import numpy as np
import pytest

from toto_bench.errors import TotoBenchError
from toto_bench.tasks.davis import metric


def masks(n_frames: int = 5, size: tuple[int, int] = (12, 16)) -> np.ndarray:
    labels = np.zeros((n_frames, *size), np.uint8)
    labels[:, 2:6, 2:6], labels[:, 7:10, 7:12] = 1, 2
    return labels


def changed(frame: int, label: int, dtype: type = np.uint8) -> np.ndarray:
    labels = masks().astype(dtype)
    labels[frame, 0, 0] = label
    return labels


def with_nan() -> np.ndarray:
    labels = masks().astype(np.float32)
    labels[1, 0, 0] = np.nan
    return labels


def binary(value: int) -> np.ndarray:
    return (masks() > 0).astype(np.uint8) * np.uint8(value)


CASES = {
    "float truth": (masks().astype(float), masks(), "LabelTypeError", r"truth has dtype float64, .*argmax"),
    "nan result": (masks(), with_nan(), "LabelTypeError", r"prediction has dtype float32 and NaN values"),
    "bool result": (
        masks(),
        masks() > 0,
        "LabelTypeError",
        r"prediction has dtype bool, .*astype\(np\.uint8",
    ),
    "negative truth": (
        changed(2, -1, np.int16),
        masks(),
        "LabelRangeError",
        r"truth has labels from -1 to 2",
    ),
    "negative result": (masks(), changed(2, -1, np.int16), "LabelRangeError", r"prediction .* from -1 to 2"),
    "wide label": (changed(0, 256, np.int32), masks(), "LabelRangeError", r"from 0 to 256, .*Number"),
    "one-hot": (masks(), masks()[:, None], "MaskShapeError", r"shape \[5, 1, 12, 16\], .*Stack"),
    "no pixels": (masks()[:, :0], masks()[:, :0], "MaskShapeError", r"shape \[5, 0, 16\]"),
    "two frames": (masks(2), masks(2), "TooFewFramesError", r"2 frame\(s\), expected at least 3"),
    "no frames": (masks(0), masks(0), "TooFewFramesError", r"0 frame\(s\), .*Pass every frame"),
    "frame count": (masks(5), masks(4), "FrameCountError", r"4 frames, expected 5 .*first and last included"),
    "frame size": (masks(), masks(size=(12, 15)), "FrameSizeError", r"12x15 .*expected 12x16.*Resize"),
    "background": (binary(0), masks(), "NoObjectsError", r"all background, expected .*palette indices"),
    "0/255 truth": (binary(255), masks(), "BinaryMasksError", r"DAVIS-2016 style 0/255.*Map 255 to 1"),
    "0/255 result": (masks(), binary(255), "VoidInResultError", r"255 \(void\), first in frame 1, .*0 to 2"),
    "void late": (masks(), changed(3, 255), "VoidInResultError", r"first in frame 3,"),
    "extra object": (masks(), changed(2, 7), "UnknownObjectsError", r"ids \[7\], first in frame 2, .*0 to 2"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_scored_says_why(name: str) -> None:
    truth, prediction, error, message = CASES[name]
    with pytest.raises(TotoBenchError, match=message) as caught:
        metric.evaluate_masks(truth, prediction)
    assert type(caught.value) is getattr(metric, error)


def test_all_extra_objects_are_named_with_the_first_frame() -> None:
    prediction = masks()
    prediction[3, 0, 0], prediction[2, 0, 0], prediction[2, 0, 1] = 9, 4, 9
    with pytest.raises(metric.UnknownObjectsError, match=r"ids \[4, 9\], first in frame 2"):
        metric.evaluate_masks(masks(), prediction)


def test_every_error_of_the_metric_can_be_caught_as_one() -> None:
    errors = [value for name, value in vars(metric).items() if name.endswith("Error")]
    assert len(errors) == len([name for name in metric.__all__ if name.endswith("Error")])
    assert all(issubclass(error, metric.MetricError) and error.__doc__ for error in errors)


def test_wrong_options_exit_as_requests_and_wrong_masks_as_data() -> None:
    assert metric.DecayBinsError.exit_code == metric.BoundThresholdError.exit_code == 2
    assert metric.UnknownObjectsError.exit_code == metric.NoScoresError.exit_code == 1
