"""The arrays and the plain loop agree on random images: equal scores, equal boxes, images without anything."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toto_bench.tasks.ego4d_sta.errors import NoPredictionsError, NoTruthError
from toto_bench.tasks.ego4d_sta.metric import AVERAGED, KINDS, evaluate, matching
from toto_bench.tasks.ego4d_sta.metric.kinds import UNAVERAGED
from toto_bench.tasks.ego4d_sta.rows import read_labels, read_predictions

NAMES = ("official", "count")

corners = st.integers(0, 4).map(lambda step: 10.0 * step)
sides = st.sampled_from([0.0, 19.0, 29.0, -3.0])
boxes = st.tuples(corners, corners, sides, sides).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])
things = st.fixed_dictionaries(
    {
        "box": boxes,
        "noun_category_id": st.integers(0, 3),
        "verb_category_id": st.integers(0, 1),
        "time_to_contact": st.sampled_from([0.3, 0.55, 0.8, 1.0, 1.25]),
    }
)
predicted = st.builds(
    lambda thing, score: {**thing, "score": score}, things, st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.9])
)
images = st.tuples(st.lists(things, max_size=4), st.lists(predicted, max_size=9))


@settings(max_examples=300, deadline=None)
@given(
    found=st.lists(images, min_size=1, max_size=6),
    top_k=st.sampled_from([None, 1, 2, 5]),
    every=st.booleans(),
    treatment=st.sampled_from(NAMES),
)
def test_small(plain: ModuleType, found: list[Any], top_k: int | None, every: bool, treatment: str) -> None:
    agree(plain, found, top_k, every, treatment)


@pytest.mark.parametrize("seed", range(6))
def test_large(plain: ModuleType, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_BLOCK", 37)  # several blocks, whose borders fall within images
    rng = np.random.default_rng(seed)
    found = [random_image(rng, decimals=2 if seed % 2 else 9) for _ in range(40)]
    for top_k in (None, 5):
        for treatment in NAMES:
            agree(plain, found, top_k, every=seed % 3 == 0, treatment=treatment)


def random_image(rng: np.random.Generator, *, decimals: int) -> tuple[list[Any], list[Any]]:
    """Objects, and predictions some of which are near them; one image in four has no predictions."""
    objects = [random_thing(rng, rng.uniform(0, 100, 2)) for _ in range(rng.integers(1, 5))]
    predictions = []
    for _ in range(rng.integers(0, 30) if rng.random() < 0.75 else 0):
        near = np.array(objects[rng.integers(len(objects))]["box"][:2]) + rng.normal(0, 5, 2)
        corner = near if rng.random() < 0.6 else rng.uniform(0, 100, 2)
        predictions.append({**random_thing(rng, corner), "score": round(float(rng.random()), decimals)})
    return objects, predictions


def random_thing(rng: np.random.Generator, corner: Any) -> dict[str, Any]:
    return {
        "box": [*corner.tolist(), *(corner + rng.uniform(25, 40, 2)).tolist()],
        "noun_category_id": int(rng.integers(0, 6)),
        "verb_category_id": int(rng.integers(0, 2)),
        "time_to_contact": round(float(rng.uniform(0.2, 1.2)), 2),
    }


def agree(plain: ModuleType, found: list[Any], top_k: int | None, every: bool, treatment: str) -> None:
    """Both fail, or both give the same twelve numbers."""
    annotations = {
        "annotations": [{"uid": str(n), "objects": objects} for n, (objects, _) in enumerate(found)]
    }
    results = {"results": {str(n): predictions for n, (_, predictions) in enumerate(found)}}
    labels = read_labels(annotations["annotations"], "annotations")
    predictions = read_predictions(results["results"], labels.uids, "results", strict=True)
    evaluation = evaluate(labels, predictions, kinds=KINDS, top_k=top_k)
    call = {"count": treatment == "count", "top_k": top_k, "count_all_classes": every}
    try:
        ours = evaluation.values(treatment, count_all_classes=every)
    except (NoPredictionsError, NoTruthError):
        with pytest.raises(ValueError, match="concatenate"):
            plain.reference_scores(annotations, results, **call)
        return
    averaged = plain.reference_scores(annotations, results, **call)
    single = plain.reference_scores(
        annotations, results, needs=[kind.needs for kind in UNAVERAGED], by_noun=False, **call
    )
    np.testing.assert_allclose([ours[kind.name] for kind in AVERAGED], averaged, rtol=0, atol=1e-12)
    np.testing.assert_allclose([ours[kind.name] for kind in UNAVERAGED], single, rtol=0, atol=1e-12)
