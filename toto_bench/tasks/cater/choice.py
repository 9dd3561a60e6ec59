"""From the scores of all probes to the ones that are reported, and to curves over layers and rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.probing.selection import best_on_val, chosen_on_held_out, layer_curve
from toto_bench.probing.settings import Probe
from toto_bench.results.record import BEST_ON_VAL
from toto_bench.tasks.cater.metric import TOP, distances, ranks
from toto_bench.tasks.recognition.outcome import HELD_OUT, ON_VAL, Rows, among, describe
from toto_bench.tasks.recognition.scoring import Scored


@dataclass(frozen=True)
class ProbeScores:
    """What every probe says of the videos of a split."""

    probes: tuple[Probe, ...]
    """P of them."""
    names: tuple[str, ...]
    """Of N videos."""
    scores: NDArray[np.float32]
    """Probabilities of C cells in V views, [P, N, V, C]; NaN of probes that diverged."""
    top1: NDArray[np.float64]
    """[P], as all of these by the official rule; NaN of probes that diverged."""
    top5: NDArray[np.float64]
    """[P]."""
    l1: NDArray[np.float64]
    """[P]."""


def judge_probes(probes: Sequence[Probe], scored: Scored, cells: Mapping[str, int]) -> ProbeScores:
    """Score every probe.

    Args:
        probes: P of them.
        scored: what they said, with scores.
        cells: the listed cell of each video; it may lie beyond the grid.
    """
    assert scored.scores is not None
    names = tuple(example.name for example in scored.examples)
    labels = np.array([cells[name] for name in names], np.int64)
    found = np.full((3, len(probes)), np.nan)
    for place, views in enumerate(scored.scores):
        if np.isfinite(views).all():
            mean = views.mean(1, dtype=np.float64).astype(np.float32)
            rank = ranks(labels, mean)
            found[:, place] = (rank <= 1).mean(), (rank <= TOP).mean(), distances(labels, mean).mean()
    return ProbeScores(tuple(probes), names, scored.scores, *found)


def choose(val: ProbeScores, held_out: ProbeScores | None, main: str) -> dict[str, tuple[int, str | None]]:
    """The place of the probe that is reported and how it was chosen; and of another choice, by its name.

    Args:
        val: on what is scored.
        held_out: on held-out training videos; None where there are none.
        main: `best-on-val` or `held-out`, which stands first, under the empty name.

    Raises:
        ProbeError: all probes diverged.
    """
    best = best_on_val(val.probes, val.top1)
    if len(val.probes) == 1:
        return {"": (best.place, None)}
    on_val = (best.place, f"{BEST_ON_VAL}: {among(best.probe, val.probes)}")
    if held_out is None:
        return {"": on_val}
    honest = chosen_on_held_out(val.probes, held_out.top1, val.top1)
    on_held = (honest.place, f"chosen on held-out training videos: {among(honest.probe, val.probes)}")
    return {"": on_held, ON_VAL: on_val} if main == HELD_OUT else {"": on_val, HELD_OUT: on_held}


def curves_of(val: ProbeScores, held_out: ProbeScores | None) -> dict[str, Rows]:
    """Tables `layers` (each at its best rate) and `probes` (each alone)."""
    chosen_by = np.full(len(val.probes), np.nan) if held_out is None else held_out.top1
    probes: Rows = [
        {
            "layer": probe.layer,
            "head": probe.head,
            "learning_rate": probe.setting.learning_rate,
            "weight_decay": probe.setting.weight_decay,
            "top1": _number(val.top1[place]),
            "top5": _number(val.top5[place]),
            "l1": _number(val.l1[place]),
            "held_out": _number(chosen_by[place]),
            "diverged": bool(np.isnan(val.top1[place])),
        }
        for place, probe in enumerate(val.probes)
    ]
    layers: list[dict[str, Any]] = []
    honest = layer_curve(val.probes, val.top1, chosen_by)
    for best, held in zip(layer_curve(val.probes, val.top1), honest, strict=True):
        row = {name: probes[best.place][name] for name in ("layer", "top1", "top5", "l1")}
        row |= {"probe": describe(best.probe), "held_out": _number(held.chosen_by)}
        layers.append(row | {"top1_held_out_choice": None if held_out is None else _number(held.value)})
    return {"layers": layers, "probes": probes}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
