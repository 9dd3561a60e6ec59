"""Both choices of a probe, metrics by hand, items and tables."""

import numpy as np
import pytest

from toto_bench.probing.judged import Judged
from toto_bench.probing.settings import Probe, Setting
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.outcome import (
    HELD_OUT,
    ON_VAL,
    Judgement,
    choices,
    curves_of,
    items_of,
    metrics_of,
)
from toto_bench.tasks.recognition.predictions import load_judgement, save_judgement

PROBES = tuple(Probe(layer, "linear", Setting(rate)) for rate in (0.1, 0.2) for layer in (1, 2))
EXAMPLES = tuple(Example(f"i{n}", label, None) for n, label in enumerate([0, 0, 0, 1, 2, 2]))
RANKS = np.array([[0, 0, 1, 2, 1, 1], [0, 0, 0, 1, 6, 1], [0, 1, 0, 0, 0, 0], [9, 9, 9, 9, 9, 9]], np.int32)
LABELS = np.array([example.label for example in EXAMPLES])
PREDICTED = np.where(RANKS == 0, LABELS, (LABELS + 1) % 3).astype(np.int32)
PREDICTED[3] = -1
CONFIDENCE = np.full((4, 6), 0.5)
CONFIDENCE[3] = np.nan


@pytest.fixture
def judgement() -> Judgement:
    """Four probes: the third is best on val, the second on held-out items, the last diverged."""
    chosen_by = np.array([0.2, 0.9, 0.3, 1.0])
    judged = Judged(RANKS, PREDICTED, CONFIDENCE)
    return Judgement(PROBES, EXAMPLES, judged, chosen_by, np.array([5, 5, 5, 5]))


def test_two_choices(judgement: Judgement) -> None:
    """A probe that diverged is never chosen, whatever it had on held-out items."""
    on_val, held_out = choices(judgement)
    assert (on_val.place, held_out.place) == (2, 1)
    assert on_val.value == pytest.approx(5 / 6)
    assert held_out.value == pytest.approx(3 / 6)


def test_metrics(judgement: Judgement) -> None:
    found = metrics_of(judgement, 3, unit="images", seed=0, main=ON_VAL)
    assert found["top1"].value == pytest.approx(5 / 6)
    assert found["top1"].selection == "best on val: layer 1 of 2, rate 0.2 of 2"
    assert found["class_accuracy"].value == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert found["ece"].value == pytest.approx(5 / 6 - 0.5)
    assert found["top5@held-out"].value == pytest.approx(5 / 6)
    assert found["top1"].low < found["top1"].value <= found["top1"].high <= 1
    assert (
        found["top1@held-out"].selection == "chosen on held-out training images: layer 2 of 2, rate 0.1 of 2"
    )


def test_the_other_choice_first(judgement: Judgement) -> None:
    found = metrics_of(judgement, 3, unit="images", seed=0, main=HELD_OUT)
    assert found["top1"].value == pytest.approx(3 / 6)
    assert found["top1@best-on-val"].value == pytest.approx(5 / 6)


def test_a_single_probe_was_not_chosen(judgement: Judgement) -> None:
    one = Judgement(
        PROBES[:1], EXAMPLES, Judged(RANKS[:1], PREDICTED[:1], CONFIDENCE[:1]), np.array([0.2]), np.array([5])
    )
    found = metrics_of(one, 3, unit="images", seed=0, main=ON_VAL)
    assert set(found) == {"top1", "top5", "class_accuracy", "ece"}
    assert found["top1"].selection is None


def test_items_and_tables(judgement: Judgement) -> None:
    items = items_of(judgement, ["a", "b", "c"], ON_VAL)
    assert [item["rank"] for item in items] == RANKS[2].tolist()
    assert items[1]["predicted_class"] == "b"
    assert [item["rank_layer_02"] for item in items] == RANKS[1].tolist()
    curves = curves_of(judgement, ["a", "b", "c"], ON_VAL)
    assert [(row["layer"], row["top1"]) for row in curves["layers"]] == [(1, 5 / 6), (2, 3 / 6)]
    assert [row["diverged"] for row in curves["probes"]] == [False, False, False, True]
    assert curves["confusions"] == [{"class": "a", "predicted": "b", "items": 1, "share": 1 / 3}]


def test_predictions_are_read_as_written(judgement: Judgement, tmp_path) -> None:
    save_judgement(tmp_path, judgement, {"i9": "broken"})
    found, left_out = load_judgement(tmp_path, {example.name: example.label for example in EXAMPLES})
    assert found.probes == judgement.probes
    assert found.examples == judgement.examples
    for ours, theirs in zip(found.judged, judgement.judged, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert left_out == {"i9": "broken"}
