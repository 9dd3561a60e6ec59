"""From judgements to what is reported: metrics with intervals, the choice of a probe, items, curves."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.probing.judged import Judged
from toto_bench.probing.scores import (
    calibration_error,
    class_accuracy,
    confusions,
    mean_over_classes,
    reliability,
    top_k,
)
from toto_bench.probing.selection import Chosen, best_on_val, chosen_on_held_out, layer_curve
from toto_bench.probing.settings import Probe
from toto_bench.results.record import BEST_ON_VAL, Metric
from toto_bench.results.statistics import bootstrap_mean, describe_bootstrap
from toto_bench.tasks.recognition.examples import Example

HELD_OUT = "held-out"
"""Suffix of metrics whose probe was chosen on held-out training items."""
ON_VAL = "best-on-val"
"""Suffix of metrics whose probe was chosen on what is scored, where that is not the main choice."""
Rows = list[dict[str, Any]]


class Judgement(NamedTuple):
    """All that numbers are made of; it is what `predictions/val.npz` holds."""

    probes: tuple[Probe, ...]
    """P of them."""
    examples: tuple[Example, ...]
    """N that were scored, with their labels."""
    judged: Judged
    """[P, N]."""
    chosen_by: NDArray[np.float64]
    """[P] accuracy on held-out training items, which are scored as these are."""
    top: NDArray[np.int64]
    """[P] how many classes count as the top five."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """[N]."""
        return np.array([example.label for example in self.examples], np.int64)

    def one(self, place: int) -> Judged:
        """Of a single probe, [N]."""
        return Judged(*(values[place] for values in self.judged))


def choices(judgement: Judgement) -> tuple[Chosen, Chosen]:
    """The probe that is best on what is scored, and the one that held-out training items choose."""
    val = top_k(judgement.judged)
    val = np.where((judgement.judged.predicted < 0).all(1), np.nan, val)
    by = np.where(np.isnan(val), np.nan, judgement.chosen_by)
    return best_on_val(judgement.probes, val), chosen_on_held_out(judgement.probes, by, val)


def metrics_of(judgement: Judgement, classes: int, *, unit: str, seed: int, main: str) -> dict[str, Metric]:
    """Those of both choices; one stands under the plain names, the other beside it.

    Args:
        judgement: of all probes.
        classes: of the task.
        unit: what is drawn with replacement: "images".
        seed: of the draws.
        main: `best-on-val` or `held-out`.
    """
    on_val, held_out = choices(judgement)
    if len(judgement.probes) == 1:
        return _metrics(judgement, 0, classes, unit=unit, seed=seed, selection=None)
    both = {
        ON_VAL: (on_val, f"{BEST_ON_VAL}: {among(on_val.probe, judgement.probes)}"),
        HELD_OUT: (
            held_out,
            f"chosen on held-out training {unit}: {among(held_out.probe, judgement.probes)}",
        ),
    }
    other = HELD_OUT if main == ON_VAL else ON_VAL
    found = {}
    for name, suffix in ((main, ""), (other, f"@{other}")):
        chosen, selection = both[name]
        for metric, value in _metrics(
            judgement, chosen.place, classes, unit=unit, seed=seed, selection=selection
        ).items():
            found[f"{metric}{suffix}"] = value
    return found


def _metrics(
    judgement: Judgement, place: int, classes: int, *, unit: str, seed: int, selection: str | None
) -> dict[str, Metric]:
    one, labels = judgement.one(place), judgement.labels
    of_class = class_accuracy(one, labels, classes)
    first = (one.rank < 1).astype(np.float64)
    # A mean over classes is a mean over items, each weighted by its class.
    weights = len(labels) / (np.bincount(labels, minlength=classes)[labels] * len(np.unique(labels)))
    values = {
        "top1": first,
        "top5": (one.rank < judgement.top[place]).astype(np.float64),
        "class_accuracy": first * weights,
    }
    found = {name: _mean(each, unit, seed, selection) for name, each in values.items()}
    found["class_accuracy"] = found["class_accuracy"].model_copy(
        update={"value": mean_over_classes(of_class)}
    )
    error = calibration_error(one)
    found["ece"] = Metric(
        value=None if np.isnan(error) else error,
        n=len(labels),
        method="no interval: 15 bins of equal width",
        selection=selection,
    )
    return found


def _mean(values: NDArray[np.float64], unit: str, seed: int, selection: str | None) -> Metric:
    interval = bootstrap_mean(values, np.arange(len(values)), seed=seed)
    known = not np.isnan(interval.low)
    return Metric(
        value=float(values.mean()),
        low=interval.low if known else None,
        high=min(interval.high, 1.0) if known else None,
        n=len(values),
        method=describe_bootstrap(unit) if known else f"no interval: fewer than 5 {unit}",
        selection=selection,
    )


def describe(probe: Probe) -> str:
    """A probe in words: `layer 3, attention, rate 0.001`."""
    rate = f", rate {probe.setting.learning_rate:g}" if probe.setting.learning_rate else ""
    return f"layer {probe.layer}, {probe.head}{rate}"


def among(probe: Probe, probes: Sequence[Probe]) -> str:
    """A probe among those that it was chosen from: `layer 3 of 12, cls of 2 poolings, rate 0.001 of 13`."""
    layers, heads = {each.layer for each in probes}, {each.head for each in probes}
    rates = {each.setting for each in probes}
    found = f"layer {probe.layer}" + (f" of {len(layers)}" if len(layers) > 1 else "")
    if not probe.setting.learning_rate:
        return f"{found}, {probe.head}"
    found += f", {probe.head} of {len(heads)} poolings" if len(heads) > 1 else ""
    return found + (f", rate {probe.setting.learning_rate:g} of {len(rates)}" if len(rates) > 1 else "")


def items_of(judgement: Judgement, titles: Sequence[str], main: str) -> Rows:
    """A row for each scored item: the main probe's prediction, and the label's rank at each layer's best probe."""
    chosen = dict(zip((ON_VAL, HELD_OUT), choices(judgement), strict=True))[main]
    one = judgement.one(chosen.place)
    by_layer = {each.probe.layer: judgement.one(each.place) for each in _by_layer(judgement, main)}
    return [
        {
            "item": example.name,
            "label": example.label,
            "class": titles[example.label],
            "predicted": int(one.predicted[row]),
            "predicted_class": titles[one.predicted[row]] if one.predicted[row] >= 0 else None,
            "rank": int(one.rank[row]),
            "correct": bool(one.rank[row] == 0),
            "confidence": _number(one.confidence[row]),
            **{f"rank_layer_{layer:02d}": int(ranks.rank[row]) for layer, ranks in by_layer.items()},
        }
        for row, example in enumerate(judgement.examples)
    ]


def curves_of(judgement: Judgement, titles: Sequence[str], main: str) -> dict[str, Rows]:
    """Tables: accuracy of layers, of all probes, of classes; pairs that are confused; calibration."""
    chosen = dict(zip((ON_VAL, HELD_OUT), choices(judgement), strict=True))[main]
    one, labels = judgement.one(chosen.place), judgement.labels
    counts = np.bincount(labels, minlength=len(titles))
    accuracy = class_accuracy(one, labels, len(titles))
    return {
        "layers": list(_layers(judgement)),
        "probes": list(_probes(judgement)),
        "classes": [
            {"label": label, "class": title, "items": int(counts[label]), "top1": _number(accuracy[label])}
            for label, title in enumerate(titles)
        ],
        "confusions": [
            {
                "class": titles[pair.label],
                "predicted": titles[pair.predicted],
                "items": pair.items,
                "share": pair.share,
            }
            for pair in confusions(one, labels)
        ]
        or [{"class": None, "predicted": None, "items": 0, "share": None}],
        "calibration": []
        if np.isnan(one.confidence).any()
        else [
            part._asdict() | {"confidence": _number(part.confidence), "accuracy": _number(part.accuracy)}
            for part in reliability(one)
        ],
    }


def _by_layer(judgement: Judgement, main: str) -> list[Chosen]:
    return layer_curve(
        judgement.probes, top_k(judgement.judged), None if main == ON_VAL else judgement.chosen_by
    )


def _layers(judgement: Judgement) -> Iterator[dict[str, Any]]:
    """Each layer at the rate that is best on val, and at the one that held-out items choose."""
    held = _by_layer(judgement, HELD_OUT)
    for on_val, honest in zip(_by_layer(judgement, ON_VAL), held, strict=True):
        five = judgement.judged.rank[on_val.place] < judgement.top[on_val.place]
        yield {
            "layer": on_val.probe.layer,
            "top1": on_val.value,
            "top5": float(five.mean()),
            "top1_held_out_choice": honest.value,
            "held_out": honest.chosen_by,
            "probe": describe(on_val.probe),
            "held_out_probe": describe(honest.probe),
        }


def _probes(judgement: Judgement) -> Iterator[dict[str, Any]]:
    value = top_k(judgement.judged)
    for place, probe in enumerate(judgement.probes):
        yield {
            "layer": probe.layer,
            "head": probe.head,
            "learning_rate": probe.setting.learning_rate,
            "weight_decay": probe.setting.weight_decay,
            "top1": float(value[place]),
            "held_out": _number(judgement.chosen_by[place]),
            "diverged": bool((judgement.judged.predicted[place] < 0).all()),
        }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
