"""Every case that the official code printed: values, matches, errors; ours and the plain loop's."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.ego4d_sta import score_sta
from toto_bench.tasks.ego4d_sta.errors import MissingImagesError, NoPredictionsError
from toto_bench.tasks.ego4d_sta.metric import AVERAGED, KINDS, Evaluation, Kind, evaluate
from toto_bench.tasks.ego4d_sta.rows import read_labels, read_predictions

FOLDER = Path(__file__).parents[4] / "golden" / "sta"
CASES = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
TREATMENTS = {"empty_as_dict": "official", "empty_as_arrays": "count"}
ERRORS = {"KeyError": MissingImagesError, "ValueError": NoPredictionsError}
OBJECT_ONLY = tuple(next(kind for kind in KINDS if kind.name == name) for name in ("noun", "ap_box"))
CLASSES = {
    "STAMeanAveragePrecision": AVERAGED,
    "OverallMeanAveragePrecision": KINDS,
    "ObjectOnlyMeanAveragePrecision": OBJECT_ONLY,
}


def official_runs() -> list[Any]:
    """Case, official class, top_k, count_all_classes, treatment, what was printed."""
    runs = []
    for case in CASES:
        for call, printed in case["official"].items():
            name, _, arguments = call.partition("(")
            arguments, _, measure = arguments.partition(")")
            options = dict(argument.split("=") for argument in arguments.split(","))
            if measure:  # maximum recall: not ours
                continue
            top_k = None if options["top_k"] == "None" else int(options["top_k"])
            every = options["count_all_classes"] == "True"
            runs += [
                pytest.param(
                    case,
                    CLASSES[name],
                    top_k,
                    every,
                    treatment,
                    found,
                    id=f"{case['name']}-{call}-{treatment}",
                )
                for treatment, found in printed.items()
            ]
    return runs


def test_all_cases_are_here() -> None:
    assert len(CASES) == 18
    assert len(official_runs()) == 18 * 7 * 2


def evaluated(case: dict[str, Any], kinds: tuple[Kind, ...], top_k: int | None) -> Evaluation:
    inputs = case["inputs"]
    labels = read_labels(inputs["annotations"]["annotations"], "annotations")
    predictions = read_predictions(inputs["results"]["results"], labels.uids, "results", strict=False)
    return evaluate(labels, predictions, kinds=kinds, top_k=top_k)


def matches(found: Evaluation) -> list[Any]:
    """Per image and prediction in the order processed, the number of the object within its image for each kind.

    Of an image without objects the official code lists no prediction.
    """
    taken = np.stack([found.taken[kind.needs] for kind in found.kinds], axis=1)[found.order.turns]
    starts = found.labels.starts[found.predictions.images[found.order.turns]][:, None]
    inside = np.where(taken < 0, -1, taken - starts)
    ends = np.cumsum(found.predictions.counts)[:-1]
    parts = np.split(inside, ends)
    return [part.tolist() if count else [] for part, count in zip(parts, found.labels.counts, strict=True)]


@pytest.mark.parametrize(("case", "kinds", "top_k", "every", "treatment", "printed"), official_runs())
def test_official(
    case: dict[str, Any],
    kinds: tuple[Kind, ...],
    top_k: int | None,
    every: bool,
    treatment: str,
    printed: dict[str, Any],
) -> None:
    if "18_missing" in case["name"]:
        with pytest.raises(MissingImagesError, match="vid000_0000001"):
            score_sta(**case["inputs"])
        return
    found = evaluated(case, kinds, top_k)
    if "error" in printed:
        with pytest.raises(NoPredictionsError):
            found.values(TREATMENTS[treatment], count_all_classes=every)
        return
    values = found.values(TREATMENTS[treatment], count_all_classes=every)
    assert list(values) == [kind.name for kind in kinds]
    np.testing.assert_allclose(
        [100 * value for value in values.values()], printed["values"], rtol=0, atol=1e-9
    )
    assert matches(found) == printed["matched"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
@pytest.mark.parametrize("treatment", TREATMENTS)
def test_public_function_and_the_stable_order(case: dict[str, Any], treatment: str) -> None:
    stable = case["official_with_stable_sort"][treatment]
    if isinstance(stable, str):
        with pytest.raises(ERRORS[stable.partition(":")[0]]):
            score_sta(**case["inputs"], images_without_predictions=TREATMENTS[treatment])
        return
    found = score_sta(**case["inputs"], images_without_predictions=TREATMENTS[treatment])
    assert list(found) == ["noun", "noun_verb", "noun_ttc", "overall"]
    assert all(type(value) is float for value in found.values())
    np.testing.assert_allclose([100 * value for value in found.values()], stable, rtol=0, atol=1e-9)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
@pytest.mark.parametrize("treatment", TREATMENTS)
def test_plain_loop(case: dict[str, Any], treatment: str, plain: ModuleType) -> None:
    stable = case["official_with_stable_sort"][treatment]
    call = {**case["inputs"], "count": treatment == "empty_as_arrays"}
    if isinstance(stable, str):
        with pytest.raises((KeyError, ValueError)):
            plain.reference_scores(**call)
        return
    np.testing.assert_allclose(
        [100 * value for value in plain.reference_scores(**call)], stable, rtol=0, atol=1e-9
    )
    reference = plain.Reference()
    results = case["inputs"]["results"]["results"]
    matched = [
        reference.add(results[entry["uid"]], entry["objects"]).tolist() if entry["objects"] else []
        for entry in case["inputs"]["annotations"]["annotations"]
    ]
    official = case["official"]["STAMeanAveragePrecision(top_k=5,count_all_classes=False)"]
    assert matched == official[treatment]["matched"]


def test_a_missing_image_is_a_data_error() -> None:
    assert issubclass(MissingImagesError, DataError)
