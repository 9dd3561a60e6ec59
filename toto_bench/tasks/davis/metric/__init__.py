"""J and F of DAVIS-2017 (semi-supervised), equal to the official scores to the last digit.

`evaluate_masks` scores the objects of one sequence, `global_scores` averages the objects of all of them.
The reference is davisvideochallenge/davis2017-evaluation at commit ac7c43fc, run with NumPy 2.
"""

from toto_bench.tasks.davis.metric.errors import (
    BinaryMasksError,
    BoundThresholdError,
    DecayBinsError,
    FrameCountError,
    FrameSizeError,
    LabelRangeError,
    LabelTypeError,
    MaskError,
    MaskShapeError,
    MetricError,
    NoObjectsError,
    NoScoresError,
    TooFewFramesError,
    UnknownObjectsError,
    VoidInResultError,
)
from toto_bench.tasks.davis.metric.score import evaluate_masks
from toto_bench.tasks.davis.metric.summary import Measure, ObjectScore, global_scores

__all__ = [
    "BinaryMasksError",
    "BoundThresholdError",
    "DecayBinsError",
    "FrameCountError",
    "FrameSizeError",
    "LabelRangeError",
    "LabelTypeError",
    "MaskError",
    "MaskShapeError",
    "Measure",
    "MetricError",
    "NoObjectsError",
    "NoScoresError",
    "ObjectScore",
    "TooFewFramesError",
    "UnknownObjectsError",
    "VoidInResultError",
    "evaluate_masks",
    "global_scores",
]
