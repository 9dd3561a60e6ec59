"""Which probe is reported, by the official rule."""

import numpy as np
import pytest

from toto_bench.probing.errors import ProbeError
from toto_bench.probing.judged import judge
from toto_bench.probing.settings import Probe, Setting
from toto_bench.tasks.cater import score_localization
from toto_bench.tasks.cater.choice import ProbeScores, choose, curves_of, judge_probes
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.scoring import Scored

PROBES = tuple(Probe(layer, "attention", Setting(rate)) for rate in (0.1, 1.0) for layer in (1, 2))


def scored(seed: int, *, views: int = 2, diverged: int | None = None) -> tuple[ProbeScores, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 36, 20)
    scores = rng.random((4, 20, views, 36)).astype(np.float32)
    scores[:, :10][:, np.arange(10), :, labels[:10]] += np.arange(4)[None, :, None]
    scores /= scores.sum(-1, keepdims=True)
    if diverged is not None:
        scores[diverged] = np.nan
    examples = tuple(Example(f"{number}.avi", int(label), None) for number, label in enumerate(labels))
    found = Scored(examples, judge(scores.mean(2), labels), {}, scores)
    return judge_probes(PROBES, found, {each.name: each.label for each in examples}), labels


def test_every_probe_is_scored_by_the_official_rule() -> None:
    found, labels = scored(0)
    for place in range(4):
        official = score_localization(labels, found.scores[place].mean(1))
        assert (found.top1[place], found.top5[place], found.l1[place]) == pytest.approx(
            (official["top1"], official["top5"], official["l1"])
        )


def test_equal_scores_take_the_largest_cell_first() -> None:
    """As the official top-1; the distance is that of the smallest."""
    scores = np.full((1, 1, 1, 36), 1 / 36, np.float32)
    example = Example("a.avi", 35, None)
    one = Scored((example,), judge(scores[:, :, 0], np.array([35])), {}, scores)
    found = judge_probes(PROBES[:1], one, {"a.avi": 35})
    assert (found.top1[0], found.l1[0]) == (1.0, 10.0)


def test_both_choices_have_their_words() -> None:
    val, _ = scored(0)
    held, _ = scored(1)
    best, honest = int(np.argmax(val.top1)), int(np.argmax(held.top1))
    found = choose(val, held, "best-on-val")
    assert (found[""][0], found["held-out"][0]) == (best, honest)
    assert str(found[""][1]).startswith("best on val: layer")
    assert str(found["held-out"][1]).startswith("chosen on held-out training videos: layer")
    other = choose(val, held, "held-out")
    assert (other[""][0], other["best-on-val"][0]) == (honest, best)
    assert set(choose(val, None, "best-on-val")) == {""}


def test_a_probe_that_diverged_is_never_chosen() -> None:
    val, _ = scored(0, diverged=int(np.argmax(scored(0)[0].top1)))
    assert not np.isnan(val.top1[choose(val, None, "best-on-val")[""][0]])
    rows = curves_of(val, None)["probes"]
    assert [row["diverged"] for row in rows].count(True) == 1
    none = ProbeScores(val.probes, val.names, val.scores, *np.full((3, 4), np.nan))
    with pytest.raises(ProbeError, match="all of them diverged"):
        choose(none, None, "best-on-val")


def test_layers_stand_at_their_best_rate() -> None:
    val, _ = scored(0)
    rows = curves_of(val, scored(1)[0])["layers"]
    assert [row["layer"] for row in rows] == [1, 2]
    assert [row["top1"] for row in rows] == [max(val.top1[0], val.top1[2]), max(val.top1[1], val.top1[3])]
    assert all(row["held_out"] is not None and row["top1_held_out_choice"] is not None for row in rows)
