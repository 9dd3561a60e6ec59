"""Every case that the official evaluation printed, per frame and in summary, with no tolerance.

Covers: equal and empty masks, objects that vanish or are missed, objects at borders and over the full
frame, void in the truth, a gap in the ids of the first frame, 3 to 300 frames, the wrap of frame indices.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from toto_bench.tasks.davis.metric import Measure, UnknownObjectsError, evaluate_masks, global_scores

FOLDER = Path(__file__).parents[4] / "golden" / "davis"
EXPECTED = json.loads((FOLDER / "metric_expected.json").read_text())
SCORED = [name for name, case in EXPECTED.items() if "error" not in case]
WRAPPED = "frames_300_uint8_wrap"


def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(FOLDER / "metric_masks.npz") as masks:
        return masks[f"{name}__gt"], masks[f"{name}__pred"]


def check(measure: Measure, case: dict, letter: str, index: int) -> None:
    assert measure.per_frame.dtype == np.float64
    assert measure.per_frame.tolist() == case[f"{letter}_per_frame"][index]
    assert measure.mean == case[f"{letter}_mean"][index]
    assert measure.recall == case[f"{letter}_recall"][index]
    np.testing.assert_array_equal(measure.decay, case[f"{letter}_decay"][index])


def test_every_golden_case_is_known() -> None:
    assert len(SCORED) == len(EXPECTED) - 1 == 13
    assert WRAPPED in SCORED


@pytest.mark.parametrize("name", SCORED)
def test_scores_equal_the_official_ones(name: str) -> None:
    case = EXPECTED[name]
    scores = evaluate_masks(*load(name))
    assert list(scores) == list(range(1, case["n_objects"] + 1))
    for object_id, score in scores.items():
        check(score.j, case, "J", object_id - 1)
        check(score.f, case, "F", object_id - 1)


@pytest.mark.parametrize("name", SCORED)
def test_global_scores_equal_the_official_ones(name: str) -> None:
    case = EXPECTED[name]
    scores = global_scores({name: evaluate_masks(*load(name))})
    assert scores["j_and_f"] == case["J_and_F"]
    for letter in ("J", "F"):
        for suffix in ("recall", "decay"):
            expected = np.mean(case[f"{letter}_{suffix}"])
            np.testing.assert_array_equal(scores[f"{letter.lower()}_{suffix}"], expected)


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_reference_of_the_other_tests_equals_the_official_scores(name: str, reference_scores) -> None:
    case = EXPECTED[name]
    for object_id, pair in reference_scores(*load(name)).items():
        for letter, measure in zip("JF", pair, strict=True):
            check(Measure(*measure), case, letter, object_id - 1)


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.uint32])
def test_any_integer_dtype_gives_the_same_scores(name: str, dtype: type) -> None:
    truth, prediction = load(name)
    expected = evaluate_masks(truth, prediction)
    for object_id, score in evaluate_masks(truth.astype(dtype), prediction.astype(dtype)).items():
        assert np.array_equal(score.j.per_frame, expected[object_id].j.per_frame)
        assert np.array_equal(score.f.per_frame, expected[object_id].f.per_frame)


def test_an_extra_label_is_an_error_where_the_official_tool_exits() -> None:
    assert EXPECTED["pred_extra_label_4"]["error"] == "SystemExit"
    with pytest.raises(UnknownObjectsError, match=r"ids \[4\]"):
        evaluate_masks(*load("pred_extra_label_4"))


def test_the_wrap_of_frame_indices_can_be_left_out() -> None:
    masks = load(WRAPPED)
    assert math.isnan(evaluate_masks(*masks)[1].j.decay)
    exact = evaluate_masks(*masks, decay_bins="exact")[1]
    for measure in (exact.j, exact.f):
        assert len(measure.per_frame) == 298
        expected = measure.per_frame[:75].mean() - measure.per_frame[223:].mean()
        assert measure.decay == pytest.approx(expected, abs=1e-12)
