"""The bootstrap over videos against the metric itself on copies of the drawn videos."""

import numpy as np
import pytest

from toto_bench.tasks.ego4d_sta.metric import KINDS, evaluate
from toto_bench.tasks.ego4d_sta.metric.interval import intervals
from toto_bench.tasks.ego4d_sta.metric.kinds import AVERAGED
from toto_bench.tasks.ego4d_sta.rows import read_labels, read_predictions

VIDEOS, EACH = 7, 3


def problem(seed: int) -> tuple[list[dict], dict[str, list]]:
    rng = np.random.default_rng(seed)

    def thing(noun: int) -> dict:
        corner = rng.uniform(0, 60, 2)
        return {
            "box": [*corner.tolist(), *(corner + 40).tolist()],
            "noun_category_id": noun,
            "verb_category_id": int(rng.integers(2)),
            "time_to_contact": float(rng.uniform(0, 0.6)),
        }

    entries = [
        {"uid": f"{video}-{n}", "objects": [thing(int(rng.integers(3)))]}
        for video in range(VIDEOS)
        for n in range(EACH)
    ]
    results = {
        entry["uid"]: [
            {**thing(int(rng.integers(3))), "score": float(rng.random())} for _ in range(rng.integers(0, 12))
        ]
        for entry in entries
    }
    return entries, results


@pytest.mark.parametrize("treatment", ["official", "count"])
def test_equals_the_metric_on_drawn_copies(treatment: str) -> None:
    entries, results = problem(1)
    labels = read_labels(entries, "a")
    evaluation = evaluate(labels, read_predictions(results, labels.uids, "r", strict=True), kinds=KINDS)
    units = np.repeat(np.arange(VIDEOS), EACH)
    found = intervals(evaluation, units, treatment, kinds=KINDS, seed=3, resamples=60)
    counted = np.unique(units[evaluation.counted(treatment)])
    drawn = np.random.default_rng(3).multinomial(len(counted), np.full(len(counted), 1 / len(counted)), 60)
    values = []
    for weights in drawn:
        copies, copied = [], {}
        for video, times in zip(counted, weights, strict=True):
            for time in range(times):
                for entry in entries[video * EACH : (video + 1) * EACH]:
                    uid = f"{entry['uid']}-{time}"
                    copies.append({**entry, "uid": uid})
                    copied[uid] = results[entry["uid"]]
        again = read_labels(copies, "a")
        predictions = read_predictions(copied, again.uids, "r", strict=True)
        values.append(evaluate(again, predictions, kinds=KINDS).values(treatment))
    for kind in KINDS:
        low, high = np.quantile([value[kind.name] for value in values], [0.025, 0.975])
        assert found[kind.name] == pytest.approx((low, high), abs=1e-6)
    assert found["noun"].high > found["noun"].low


def test_too_few_videos_have_no_interval() -> None:
    entries, results = problem(2)
    labels = read_labels(entries[: 4 * EACH], "a")
    evaluation = evaluate(labels, read_predictions(results, labels.uids, "r", strict=True))
    found = intervals(evaluation, np.repeat(np.arange(4), EACH), "count")
    assert set(found) == {kind.name for kind in AVERAGED}
    assert all(np.isnan(interval).all() for interval in found.values())


def test_the_same_seed_gives_the_same_interval() -> None:
    entries, results = problem(4)
    labels = read_labels(entries, "a")
    evaluation = evaluate(labels, read_predictions(results, labels.uids, "r", strict=True))
    units = np.repeat(np.arange(VIDEOS), EACH)
    assert intervals(evaluation, units, "count", seed=5) == intervals(evaluation, units, "count", seed=5)
    assert intervals(evaluation, units, "count", seed=5) != intervals(evaluation, units, "count", seed=6)
