"""Mean, recall, decay, and averages over objects."""

import numpy as np
import pytest

from toto_bench.tasks.davis.metric import (
    DecayBinsError,
    NoScoresError,
    ObjectScore,
    evaluate_masks,
    global_scores,
)
from toto_bench.tasks.davis.metric.summary import summarise


def score(j: list[float], f: list[float]) -> ObjectScore:
    return ObjectScore(j=summarise(np.array(j), "uint8"), f=summarise(np.array(f), "uint8"))


def test_recall_is_strict() -> None:
    assert summarise(np.array([0.5, 0.51, 1.0, 0.0]), "uint8").recall == 0.5


def test_decay_bins_share_their_borders() -> None:
    values = np.arange(9, dtype=np.float64)
    assert summarise(values, "uint8").decay == values[:3].mean() - values[6:].mean()


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 5, 50, 100, 254, 255])
def test_both_ways_to_bin_agree_up_to_255_frames(n_frames) -> None:
    values = np.random.default_rng(n_frames).random(n_frames)
    assert summarise(values, "uint8").decay == summarise(values, "exact").decay


@pytest.mark.parametrize("n_frames", [256, 257, 300, 400, 600, 1000])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_8_bit_bins_wrap_as_the_official_code(reference, n_frames) -> None:
    values = np.random.default_rng(n_frames).random(n_frames)
    np.testing.assert_array_equal(summarise(values, "uint8").decay, reference.statistics(values).decay)
    exact = summarise(values, "exact").decay
    quarter = (n_frames - 1) // 4
    assert exact == pytest.approx(values[: quarter + 1].mean() - values[-quarter - 1 :].mean(), abs=0.02)


def test_unknown_decay_bins() -> None:
    masks = np.ones((3, 4, 4), np.uint8)
    with pytest.raises(DecayBinsError, match="'int16', expected 'uint8'"):
        evaluate_masks(masks, masks, decay_bins="int16")


def test_every_object_weighs_the_same() -> None:
    scores = global_scores(
        {
            "one": {1: score([1.0, 1.0], [1.0, 1.0])},
            "two": {1: score([0.25, 0.25], [0.5, 0.5]), 2: score([0.25, 0.25], [0.0, 0.6])},
        }
    )
    assert list(scores) == ["j_and_f", "j", "j_recall", "j_decay", "f", "f_recall", "f_decay"]
    assert scores["j"] == np.mean([1.0, 0.25, 0.25])
    assert scores["f"] == np.mean([1.0, 0.5, 0.3])
    assert scores["j_and_f"] == (scores["j"] + scores["f"]) / 2
    assert scores["j_recall"] == np.mean([1.0, 0.0, 0.0])
    assert scores["f_decay"] == np.mean([0.0, 0.0, -0.6])


@pytest.mark.parametrize("scores", [{}, {"camel": {}}])
def test_nothing_to_average(scores) -> None:
    with pytest.raises(NoScoresError, match="expected at least one"):
        global_scores(scores)
