"""From all probes to what is reported: the curve over layers, the best on val, and an honest choice."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.probing.errors import ProbeError
from toto_bench.probing.settings import Probe


class Chosen(NamedTuple):
    """A probe, how it was chosen, and what it scores."""

    place: int
    """Among all probes."""
    probe: Probe
    """Which."""
    rule: str
    """`best-on-val` (the paper's number: chosen on what it is scored on), or `held-out`."""
    value: float
    """On the validation items."""
    chosen_by: float
    """The value that it had where it was chosen."""


def best(scores: Sequence[float] | NDArray[np.floating]) -> int:
    """Index of the highest score, the first of several; NaN (a probe that diverged) never wins.

    Raises:
        ProbeError: all are NaN.
    """
    values = np.asarray(scores, np.float64)
    if np.isnan(values).all():
        raise ProbeError(
            "None of the probes can be chosen: all of them diverged. Choose lower learning rates, or look for NaN in "
            "the features."
        )
    return int(np.nanargmax(values))


def best_on_val(probes: Sequence[Probe], val: NDArray[np.floating]) -> Chosen:
    """The best probe on the items that it is scored on, as the paper does."""
    index = best(val)
    return Chosen(index, probes[index], "best-on-val", float(val[index]), float(val[index]))


def chosen_on_held_out(
    probes: Sequence[Probe], held_out: NDArray[np.floating], val: NDArray[np.floating]
) -> Chosen:
    """Layer and hyper-parameters chosen on training items that no probe was trained on, then scored on val."""
    index = best(held_out)
    return Chosen(index, probes[index], "held-out", float(val[index]), float(held_out[index]))


def layer_curve(
    probes: Sequence[Probe], val: NDArray[np.floating], chosen_by: NDArray[np.floating] | None = None
) -> list[Chosen]:
    """The best head and setting of each layer, by rising layer.

    Args:
        probes: all of them.
        val: what each scores.
        chosen_by: what a setting is chosen by (held-out items); None = val itself.
    """
    by = val if chosen_by is None else chosen_by
    rule = "best-on-val" if chosen_by is None else "held-out"
    curve = []
    for layer in sorted({probe.layer for probe in probes}):
        places = [index for index, probe in enumerate(probes) if probe.layer == layer]
        values = [by[place] for place in places]
        index = places[0] if np.isnan(values).all() else places[best(values)]
        curve.append(Chosen(index, probes[index], rule, float(val[index]), float(by[index])))
    return curve


def held_out_items(labels: NDArray[np.integer], share: float, seed: int) -> NDArray[np.bool_]:
    """Which training items the honest choice uses: a share of each class, at least one where it has two or more.

    Args:
        labels: [N] of the training items.
        share: of them, in 0..1.
        seed: of the draw.
    """
    chosen = np.zeros(len(labels), bool)
    if share <= 0:
        return chosen
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        generator = np.random.default_rng((seed, int(label)))
        chosen[generator.permutation(members)[:count]] = True
    return chosen
