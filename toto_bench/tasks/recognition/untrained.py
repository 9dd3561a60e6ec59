"""Nearest neighbours and logistic regression: pooled features of the views that are scored, no steps."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.errors import RequestError
from toto_bench.probing.frozen import tokens_of
from toto_bench.probing.judged import Judged, judge
from toto_bench.probing.knn import counted, knn_votes, usable
from toto_bench.probing.logistic import fit_logistic
from toto_bench.probing.pool import pooled
from toto_bench.probing.settings import Probe, Setting
from toto_bench.tasks.recognition.bank import poolings_of
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.kept import Kept, folder_of, make
from toto_bench.tasks.recognition.kept_batches import KeptFeatures
from toto_bench.tasks.recognition.protocol import ProbingProtocol
from toto_bench.tasks.recognition.resolve import NEIGHBOURS
from toto_bench.tasks.recognition.scoring import Scored
from toto_bench.tasks.recognition.work import Work

MOST_FOR_LOGISTIC = 200_000
"""Training items, above which scikit-learn takes days."""


class Features(NamedTuple):
    """Vectors of the examples that could be read."""

    examples: tuple[Example, ...]
    """N of them."""
    labels: NDArray[np.int64]
    """[N]."""
    vectors: dict[int, Tensor]
    """Of each layer, float32 [N, D]."""


class Judgements(NamedTuple):
    """What both have in common with trained probes."""

    probes: tuple[Probe, ...]
    """P of them."""
    held_out: Scored | None
    """On held-out training items; None where the choice was made otherwise."""
    val: Scored
    """On what is scored."""
    chosen_by: NDArray[np.float64]
    """[P] accuracy on held-out training items."""
    top: NDArray[np.int64]
    """[P] how many classes count as the top five."""


def judge_untrained(work: Work, val: Sequence[Example]) -> Judgements:
    """Features of both splits, then the rule of the protocol.

    Raises:
        RequestError: there are too many items for it, or too few.
        DataError: an item cannot be read.
    """
    if str(getattr(work.protocol, "probe")) == NEIGHBOURS:  # noqa: B009
        train, scored, left = _both(work, val)
        return _neighbours(work, train, scored, left)
    if len(work.train) > MOST_FOR_LOGISTIC:
        raise RequestError(
            f"Logistic regression is for small sets: {len(work.train):,} training items are more than "
            f"{MOST_FOR_LOGISTIC:,}. Take `--set probe=linear`, which is the same model, trained by steps."
        )
    train, scored, left = _both(work, val)
    return _logistic(work, train, scored, left)


def _both(work: Work, val: Sequence[Example]) -> tuple[Features, Features, dict[str, str]]:
    left_out: dict[str, str] = {}

    def note(example: Example, reason: str) -> None:
        work.context.progress.say(f"Left out: {reason}")
        left_out[example.name] = reason

    allow = work.context.allow_missing
    train = _features(work, [*work.train, *work.held_out], work.leave_out if allow else None)
    scored = _features(work, val, note if allow else None)
    known = {example.name for example in scored.examples}
    reason = "it could not be read when its features were made"
    return (
        train,
        scored,
        {e.name: left_out.get(e.name, reason) for e in val if e.name not in known},
    )


def _features(
    work: Work, examples: Sequence[Example], leave_out: Callable[[Example, str], None] | None
) -> Features:
    reader = work.reader(pooled=True)
    folder = folder_of(reader, work.protocol, work.report.fingerprint, examples)
    kept = Kept(folder, tuple(examples), None)
    make(kept, reader, work.views, leave_out=leave_out)
    work.context.barrier()
    found = KeptFeatures([kept])
    there = np.flatnonzero(found.has(0))
    tokens = tokens_of(found.rows([(int(place), 0) for place in there]), work.layers)
    [pooling] = poolings_of(work.protocol)
    vectors = {
        layer: pooled(each, pooling, work.backbone.info.prefix)
        for layer, each in zip(work.layers, tokens, strict=True)
    }
    chosen = tuple(examples[int(place)] for place in there)
    return Features(chosen, np.array([example.label for example in chosen]), vectors)


def _neighbours(work: Work, train: Features, val: Features, left: dict[str, str]) -> Judgements:
    protocol = work.protocol
    assert isinstance(protocol, ProbingProtocol)
    held_names = {example.name for example in work.held_out}
    held = np.array([example.name in held_names for example in train.examples])
    numbers = tuple(usable(protocol.knn_neighbours, int((~held).sum())))
    if not numbers:
        raise RequestError(
            f"The training set has {int((~held).sum())} items, and the fewest neighbours that are asked for are "
            f"{min(protocol.knn_neighbours)}: set `knn_neighbours` to smaller numbers, such as [5]."
        )
    probes = tuple(Probe(layer, f"{k} neighbours", Setting(0.0)) for layer in work.layers for k in numbers)
    on_held, on_val = list[Judged](), list[Judged]()
    for layer in work.layers:
        vectors, labels = train.vectors[layer], torch.from_numpy(train.labels)
        keep, away = torch.from_numpy(~held), torch.from_numpy(held)
        for reference, own, test, truth, found in (
            # The published numbers let all training items vote.
            (vectors[keep], labels[keep], vectors[away], train.labels[held], on_held),
            (vectors, labels, val.vectors[layer], val.labels, on_val),
        ):
            votes = knn_votes(
                reference, own, test, work.classes, neighbours=numbers, temperature=protocol.knn_temperature
            )
            found += [judge(votes[k].numpy(), truth, probabilities=True) for k in numbers]
    held_examples = tuple(e for e, is_held in zip(train.examples, held, strict=True) if is_held)
    held_scored = Scored(held_examples, _stacked(on_held), {})
    top = np.array([counted(k, protocol.knn_rule) for _ in work.layers for k in numbers])
    chosen_by = np.asarray((held_scored.judged.rank < 1).mean(1))
    return Judgements(probes, held_scored, Scored(val.examples, _stacked(on_val), left), chosen_by, top)


def _logistic(work: Work, train: Features, val: Features, left: dict[str, str]) -> Judgements:
    probes, found, chosen_by = [], [], []
    work.context.progress.start("Logistic regression", len(work.layers))
    for layer in work.layers:
        fitted = fit_logistic(
            train.vectors[layer].numpy(), train.labels, work.classes, seed=work.context.seed
        )
        if not fitted.converged:
            work.context.progress.say(
                f"Note: logistic regression on layer {layer} stopped before it converged."
            )
        probes.append(Probe(layer, f"logistic, C {fitted.strength:g}", Setting(0.0)))
        found.append(judge(fitted.scores(val.vectors[layer].numpy()), val.labels, probabilities=True))
        chosen_by.append(fitted.held_out)
        work.context.progress.advance()
    work.context.progress.stop()
    scored = Scored(val.examples, _stacked(found), left)
    return Judgements(tuple(probes), None, scored, np.array(chosen_by), np.full(len(probes), 5, np.int64))


def _stacked(found: list[Judged]) -> Judged:
    """[P, N] of P times [N]."""
    return Judged(*(np.stack(arrays) for arrays in zip(*found, strict=True)))
