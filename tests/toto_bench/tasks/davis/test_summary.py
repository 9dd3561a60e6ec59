"""From objects to numbers."""

import numpy as np
import pytest

from toto_bench.tasks.davis.metric import evaluate_masks, global_scores
from toto_bench.tasks.davis.scoring import SequenceScore
from toto_bench.tasks.davis.summary import (
    best_layer,
    frame_curve,
    global_value,
    layer_curve,
    leave_one_video_out,
    metrics_of,
)


def sequence(j: list[float], f: list[float], frames: int = 4) -> SequenceScore:
    """A sequence whose objects have constant J and F."""

    def measure(value: float) -> dict[str, object]:
        return {
            "per_frame": [value] * (frames - 2),
            "mean": value,
            "recall": float(value > 0.5),
            "decay": 0.0,
        }

    objects = {
        str(n): {"j": measure(a), "f": measure(b), "rle": []}
        for n, (a, b) in enumerate(zip(j, f, strict=True), 1)
    }
    return SequenceScore(frames, (10, 10), objects)


def test_the_mean_is_over_objects_not_videos() -> None:
    """Three objects, one of them alone in its video."""
    scores = {"a": sequence([1.0, 1.0], [1.0, 1.0]), "b": sequence([0.4], [0.2])}
    assert global_value(scores, "j") == pytest.approx(0.8)
    assert global_value(scores, "j_and_f") == pytest.approx((0.8 + (2.2 / 3)) / 2)


def test_equal_to_the_metrics_own_global_scores() -> None:
    """The same last digit."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, (6, 20, 30)).astype(np.uint8)
    truth[0, 0, 0] = 2
    scores = {
        name: evaluate_masks(truth, np.roll(truth, shift, axis=2)) for name, shift in (("a", 1), ("b", 2))
    }
    rows = {}
    for name, objects in scores.items():
        plain = {
            str(n): {
                m: {"mean": getattr(o, m).mean, "recall": getattr(o, m).recall, "decay": getattr(o, m).decay}
                for m in ("j", "f")
            }
            for n, o in objects.items()
        }
        rows[name] = SequenceScore(6, (20, 30), plain)
    for name, value in global_scores(scores).items():
        assert global_value(rows, name) == value


def test_intervals_need_five_videos() -> None:
    """And are made over videos: the method says so."""
    few = {str(n): sequence([0.1 * n], [0.1 * n]) for n in range(4)}
    many = {str(n): sequence([0.1 * n], [0.1 * n]) for n in range(8)}
    assert metrics_of(few, seed=0)["j"].low is None
    metric = metrics_of(many, seed=0)["j"]
    assert metric.low < metric.value < metric.high
    assert "over the videos" in metric.method


def test_an_undefined_metric_is_none() -> None:
    """NaN decay of an over-long sequence does not spoil the rest."""
    broken = sequence([0.5], [0.5])
    broken.objects["1"]["j"]["decay"] = float("nan")
    metrics = metrics_of({"a": broken}, seed=0)
    assert metrics["j_decay"].value is None
    five = {str(n): sequence([0.5], [0.5]) for n in range(5)} | {"broken": broken}
    assert metrics_of(five, seed=0)["j_decay"].low is None
    assert metrics_of(five, seed=0)["j"].low == 0.5
    assert metrics["j"].value == 0.5


def test_best_layer_and_leave_one_video_out() -> None:
    """Layer 2 is best on all; without video `c` layer 1 is, so `c` is scored at layer 1."""
    by_layer = {
        1: {"a": sequence([0.6], [0.6]), "b": sequence([0.6], [0.6]), "c": sequence([0.1], [0.1])},
        2: {"a": sequence([0.5], [0.5]), "b": sequence([0.5], [0.5]), "c": sequence([0.9], [0.9])},
    }
    assert best_layer(by_layer) == 2
    held_out = leave_one_video_out(by_layer)
    assert held_out["c"] is by_layer[1]["c"]
    assert held_out["a"] is by_layer[2]["a"]
    assert [row["layer"] for row in layer_curve(by_layer)] == [1, 2]


def test_equal_layers_give_the_lowest_and_one_video_nothing() -> None:
    """Ties are settled; a single video has no others to choose on."""
    by_layer = {n: {"a": sequence([0.5], [0.5])} for n in (1, 2)}
    assert best_layer(by_layer) == 1
    assert leave_one_video_out(by_layer) is None


def test_the_frame_curve_counts_objects_that_are_still_there() -> None:
    """Videos end at different times."""
    rows = frame_curve({"a": sequence([1.0], [1.0], frames=5), "b": sequence([0.5], [0.5], frames=3)})
    assert [(row["frame"], row["j"], row["objects"]) for row in rows] == [
        (1, 0.75, 2),
        (2, 1.0, 1),
        (3, 1.0, 1),
    ]
