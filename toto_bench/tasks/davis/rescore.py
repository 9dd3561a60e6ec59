"""Scoring the masks of a finished run again, all its layers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toto_bench.errors import DataError
from toto_bench.tasks.base import DataReport, Outcome
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.reader import find_sequence
from toto_bench.tasks.davis.scoring import items_of, score_sequence, truth_of
from toto_bench.tasks.davis.summary import metrics_over_layers
from toto_bench.tasks.items import PROBLEM, coverage_of, scored_items


def rescore(
    predictions: Path,
    names: Sequence[str],
    data: DataReport,
    protocol: DavisProtocol,
    *,
    seed: int,
    allow_missing: bool,
) -> Outcome:
    """Score `predictions/layer-NN/<sequence>/*.png`.

    Args:
        predictions: folder with a folder per layer.
        names: sequences to score.
        data: what they are scored against.
        protocol: how.
        seed: of the intervals.
        allow_missing: leave out sequences that cannot be scored.

    Raises:
        DataError: there are no masks, or they cannot be read.
    """
    layers = {int(path.name.removeprefix("layer-")): path for path in sorted(predictions.glob("layer-*"))}
    if not layers:
        raise DataError(f"{predictions} holds no masks: there is nothing to score again.")
    rows: dict[str, dict[Any, Any]] = {}
    for name in names:
        sequence = find_sequence(data.path, name, protocol)
        try:
            truth = truth_of(sequence, protocol)
            rows[name] = {
                layer: score_sequence(sequence, truth, folder / name, protocol)
                for layer, folder in layers.items()
            }
        except DataError as error:
            if not allow_missing:
                raise
            rows[name] = {PROBLEM: str(error)}
    scored = scored_items(rows, data, "sequences")
    by_layer = {layer: {name: rows[name][layer] for name in scored} for layer in layers}
    return Outcome(
        metrics=metrics_over_layers(by_layer, seed=seed),
        items=[row for layer, scores in by_layer.items() for row in items_of(scores, layer)],
        coverage=coverage_of(data, rows),
    )
