"""Scoring a folder of official-format PNGs; the run itself scores its files through here too."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.tasks.davis.metric import MetricError, ObjectScore, evaluate_masks
from toto_bench.tasks.davis.predictions import encode_rle, load_sequence
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import VideoSequence, read_truth

MEASURES = ("mean", "recall", "decay")


class SequenceScore(NamedTuple):
    """Scores of one sequence, as they are committed."""

    frames: int
    """Number of frames T."""
    size: tuple[int, int]
    """Height and width."""
    objects: dict[str, dict[str, Any]]
    """Object number to `j` and `f` (per_frame, mean, recall, decay) and `rle` (a string per frame)."""


def truth_of(sequence: VideoSequence, protocol: DavisProtocol) -> NDArray[np.uint8]:
    """The annotation of a sequence, uint8 [T, H, W]."""
    return np.stack([read_truth(mask, protocol) for mask in sequence.masks if mask])


def score_sequence(
    sequence: VideoSequence, truth: NDArray[np.uint8], predictions: Path, protocol: DavisProtocol
) -> SequenceScore:
    """Score `predictions/*.png` of one sequence against its truth [T, H, W].

    Raises:
        DataError: a file is missing or unreadable.
        MetricError: the labels cannot be scored; the message names the sequence.
    """
    size = (truth.shape[1], truth.shape[2])
    prediction = load_sequence(predictions, [frame.stem for frame in sequence.frames], size)
    if protocol.year == 2016:
        prediction = (prediction > 0).astype(np.uint8)
    try:
        scores = evaluate_masks(
            truth, prediction, decay_bins=protocol.decay_bins, bound_threshold=protocol.bound_threshold
        )
    except MetricError as error:
        raise type(error)(f"Sequence `{sequence.name}` ({predictions}): {error}") from error
    objects = {
        str(number): {**_plain(score), "rle": encode_rle(prediction, number)}
        for number, score in scores.items()
    }
    return SequenceScore(len(truth), size, objects)


def items_of(scores: Mapping[str, SequenceScore], layer: int | None = None) -> list[dict[str, Any]]:
    """One row per object: sequence, object, means, recalls, decays, and the prediction as COCO RLE."""
    return [
        {
            **({} if layer is None else {"layer": layer}),
            "sequence": name,
            "object": int(number),
            **{f"{m}_{s}": values[m][s] for m in ("j", "f") for s in MEASURES},
            "frames": score.frames,
            "height": score.size[0],
            "width": score.size[1],
            "rle": values["rle"],
        }
        for name, score in scores.items()
        for number, values in score.objects.items()
    ]


def expect_sequences(predictions: Path, names: Sequence[str]) -> None:
    """Every listed sequence has a folder of predictions.

    Raises:
        DataError: names those that are missing.
    """
    missing = [name for name in names if not (predictions / name).is_dir()]
    if missing:
        found = sorted(path.name for path in predictions.iterdir()) if predictions.is_dir() else []
        raise DataError(
            f"{predictions} has no folder for {len(missing)} of {len(names)} listed sequences: "
            f"{', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''} "
            f"(found: {', '.join(found[:5]) or 'nothing'}). "
            "Expected RESULTS/<sequence>/00000.png; to score what is there, add `--allow-missing`."
        )


def _plain(score: ObjectScore) -> dict[str, Any]:
    """Scores as JSON can hold them, every digit kept."""
    return {
        name: {
            "per_frame": measure.per_frame.tolist(),
            **{summary: getattr(measure, summary) for summary in MEASURES},
        }
        for name, measure in (("j", score.j), ("f", score.f))
    }
