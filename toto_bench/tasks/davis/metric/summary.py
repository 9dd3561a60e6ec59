"""Mean, recall and decay of per-frame values, and their average over the objects of all sequences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.davis.metric.errors import DecayBinsError, NoScoresError

DecayBins = Literal["uint8", "exact"]
"""How the frames are cut into the four bins of the decay.

`uint8` is what the official `db_statistics` (utils.py) does with NumPy 2: frame indices have 8 bits and wrap,
so from 256 scored frames on the decay is NaN or compares the wrong frames. `exact` does not wrap.
Both are equal up to 255 scored frames.
"""

RECALL_THRESHOLD = 0.5
"""A frame is recalled above this value, not at it."""

N_DECAY_BINS = 4


@dataclass(frozen=True, eq=False)
class Measure:
    """J or F of one object."""

    per_frame: NDArray[np.float64]
    """Value of every scored frame, [T - 2]."""
    mean: float
    """Mean over the scored frames."""
    recall: float
    """Share of the scored frames above 0.5."""
    decay: float
    """Mean of the first quarter of the frames minus mean of the last one; NaN if an official bin is empty."""


@dataclass(frozen=True, eq=False)
class ObjectScore:
    """Both measures of one object."""

    j: Measure
    """Region similarity (intersection over union)."""
    f: Measure
    """Boundary accuracy."""


def summarise(per_frame: NDArray[np.float64], decay_bins: DecayBins) -> Measure:
    """Reduce the values of an object's scored frames [T - 2], as the official `db_statistics` (utils.py)."""
    mean, recall = _mean(per_frame), _mean(per_frame > RECALL_THRESHOLD)
    return Measure(per_frame, mean, recall, _decay(per_frame, decay_bins))


def global_scores(scores: Mapping[str, Mapping[int, ObjectScore]]) -> dict[str, float]:
    """Average the objects of all sequences: every object weighs the same, whichever sequence it is in.

    Args:
        scores: per sequence, the scores by object id. Sums run in this order, so the order of the
            official list of sequences gives the official last digit.

    Returns:
        j_and_f (mean of j and f), j, j_recall, j_decay, f, f_recall, f_decay. One NaN decay makes the
        average NaN, as in the official evaluation_method.py.

    Raises:
        NoScoresError: no sequence has an object.
    """
    objects = [score for sequence in scores.values() for score in sequence.values()]
    if not objects:
        raise NoScoresError(
            f"{len(scores)} sequence(s) have no object at all, expected at least one. "
            f"Pass what evaluate_masks returned for each sequence."
        )
    j, f = _averages("j", [score.j for score in objects]), _averages("f", [score.f for score in objects])
    return {"j_and_f": (j["j"] + f["f"]) / 2, **j, **f}


def _averages(name: str, measures: list[Measure]) -> dict[str, float]:
    return {
        name: _mean([measure.mean for measure in measures]),
        f"{name}_recall": _mean([measure.recall for measure in measures]),
        f"{name}_decay": _mean([measure.decay for measure in measures]),
    }


def _decay(per_frame: NDArray[np.float64], decay_bins: DecayBins) -> float:
    """Bins share their border frame: bin i runs from the i-th border to the next one, both included."""
    if decay_bins not in get_args(DecayBins):
        raise DecayBinsError(
            f"decay_bins is {decay_bins!r}, expected 'uint8' (as the official code) or 'exact'. "
            f"Use 'uint8' for scores that compare with published ones."
        )
    borders = np.round(np.linspace(1, len(per_frame), N_DECAY_BINS + 1) + 1e-10).astype(np.int64) - 1
    dtype = np.uint8 if decay_bins == "uint8" else np.int64
    starts = borders.astype(dtype)
    stops = (borders + 1).astype(dtype)
    return _mean(per_frame[starts[0] : stops[1]]) - _mean(per_frame[starts[-2] : stops[-1]])


def _mean(values: NDArray[Any] | list[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
