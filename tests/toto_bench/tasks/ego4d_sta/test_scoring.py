"""Submissions scored from files: the official cases, both treatments, gaps, and what is said about wrong ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.cards import find_task
from toto_bench.errors import DataError
from toto_bench.tasks.base import Outcome
from toto_bench.tasks.ego4d_sta import score_sta
from toto_bench.tasks.ego4d_sta.check import check
from toto_bench.tasks.ego4d_sta.errors import (
    MissingImagesError,
    NoPredictionsError,
    NoTruthError,
    OutsideFrameError,
    PropertyError,
    UnknownCategoryError,
)
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.ego4d_sta.scoring import score_submission

from .conftest import annotation, annotations_of, results_of, thing

FOLDER = Path(__file__).parents[3] / "golden" / "sta"
CASES = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
STA = "STAMeanAveragePrecision(top_k=5,count_all_classes=False)"
NAMES = ["noun", "noun_verb", "noun_ttc", "overall"]

Write = Callable[..., Path]


def protocol(**changes: Any) -> EgoStaProtocol:
    return EgoStaProtocol(**{**find_task("ego4d_sta").values("paper"), **changes})


def score(
    write: Write, annotations: Any, results: Any, options: dict[str, Any] | None = None, **changes: Any
) -> Outcome:
    """As `toto-bench score` does, with files."""
    path = write("fho_sta_val.json", annotations)
    report = check(path, protocol(**changes))
    return score_submission(write("submission.json", results), report, protocol(**changes), **options or {})


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_as_the_official_command_line(write: Write, case: dict[str, Any]) -> None:
    """It prints two decimals; images without objects, on which it fails, are taken with a note."""
    inputs, printed = case["inputs"], case["official_cli"]
    if printed["rc"] == 0:
        found = score(write, inputs["annotations"], inputs["results"])
        lines = [line.rpartition(" ")[2] for line in printed["stdout"][:4]]
        assert [f"{100 * found.metrics[name].value:.2f}" for name in NAMES] == lines
        official = case["official"][STA]
        for suffix, treatment in (("", "empty_as_dict"), ("@count", "empty_as_arrays")):
            values = [100 * found.metrics[f"{name}{suffix}"].value for name in NAMES]
            assert values == pytest.approx(official[treatment]["values"], abs=1e-9)
        assert {name: found.metrics[name].value for name in NAMES} == score_sta(**inputs)
    elif "without_gt" in case["name"] or "no_gt" in case["name"]:
        found = score(write, inputs["annotations"], inputs["results"])
        assert any("no annotated object" in warning for warning in found.warnings)
    else:
        with pytest.raises((NoPredictionsError, MissingImagesError, PropertyError)):
            score(write, inputs["annotations"], inputs["results"])


def four() -> dict[str, Any]:
    """Four images of two videos, an object each."""
    return annotations_of([annotation(video, frame, [thing()]) for video in "vw" for frame in (1, 2)])


def half_empty() -> dict[str, Any]:
    """Two of the four are right, two have no predictions."""
    found = {entry["uid"]: [] for entry in four()["annotations"]}
    return results_of({**found, "v_0000001": [thing(score=0.9)], "w_0000001": [thing(score=0.9)]})


@pytest.mark.parametrize(("main", "other"), [("official", "count"), ("count", "official")])
def test_both_treatments(write: Write, main: str, other: str) -> None:
    found = score(write, four(), half_empty(), empty_images=main)
    values = {"official": (1.0, 2), "count": (0.5, 4)}
    for name in NAMES:
        assert (found.metrics[name].value, found.metrics[name].n) == values[main]
        assert (found.metrics[f"{name}@{other}"].value, found.metrics[f"{name}@{other}"].n) == values[other]
        assert found.metrics[name].method == "no interval: fewer than 5 videos"
    assert found.metrics["ap_box_noun_verb_ttc"].value == values[main][0]
    [remark] = [warning for warning in found.warnings if "no predictions" in warning]
    assert remark.startswith("2 of 4 images have no predictions")
    assert "official command line does: 100.00 / 100.00" in remark
    assert "validation loops do: 50.00 / 50.00" in remark
    assert [item["found_overall"] for item in found.items] == [1, 0, 1, 0]
    assert (
        found.items[0] | {"uid": "v_0000001", "video": "v", "objects": 1, "predictions": 1} == found.items[0]
    )
    assert (found.coverage.scored, found.coverage.listed) == (4, 4)


def test_every_metric_is_in_the_card(write: Write) -> None:
    found = score(write, four(), half_empty())
    card = find_task("ego4d_sta")
    assert {name.partition("@")[0] for name in found.metrics} == {metric.name for metric in card.metrics}


def test_intervals_over_videos(write: Write) -> None:
    annotations = annotations_of(
        [annotation(video, frame, [thing()]) for video in "abcdefg" for frame in (1, 2)]
    )
    results = {
        entry["uid"]: [thing(score=0.5, noun=0 if entry["uid"][0] in "abcd" else 1)]
        for entry in annotations["annotations"]
    }
    metric = score(write, annotations, results_of(results)).metrics["noun"]
    assert metric.low is not None and metric.high is not None
    assert metric.low < metric.value < metric.high
    assert metric.method == "95 % percentile bootstrap over the videos, 1,000 resamples"


def test_nothing_predicted(write: Write) -> None:
    empty = results_of({entry["uid"]: [] for entry in four()["annotations"]})
    with pytest.raises(NoPredictionsError, match=r"None of the 4 images .*`--set empty_images=count`"):
        score(write, four(), empty)
    found = score(write, four(), empty, empty_images="count")
    assert [found.metrics[name].value for name in NAMES] == [0.0] * 4
    assert found.metrics["overall@official"].value is None
    assert any("–" in warning for warning in found.warnings)


def test_missing_images(write: Write) -> None:
    results = half_empty()
    del results["results"]["v_0000002"]
    with pytest.raises(MissingImagesError, match="`v_0000002`"):
        score(write, four(), results)
    found = score(write, four(), results, {"allow_missing": True}, empty_images="count")
    assert (found.coverage.scored, found.coverage.listed) == (3, 4)
    assert found.coverage.missing == {"v_0000002": "not in submission.json"}
    assert found.metrics["noun"].value == pytest.approx(2 / 3)


def test_limit(write: Write) -> None:
    found = score(write, four(), half_empty(), {"limit": 2}, empty_images="count")
    assert (found.coverage.scored, found.coverage.listed) == (2, 4)
    assert found.metrics["noun"].value == 0.5


@pytest.mark.parametrize(("name", "known"), [("noun", "3 nouns, 0 to 2"), ("verb", "2 verbs, 0 to 1")])
def test_unknown_categories(write: Write, name: str, known: str) -> None:
    results = half_empty()
    results["results"]["w_0000001"].append({**thing(score=0.5), f"{name}_category_id": 3})
    with pytest.raises(UnknownCategoryError, match=f"{name}_category_id 3 of `w_0000001`.*{known}"):
        score(write, four(), results)


def test_boxes_outside_of_frames(write: Write) -> None:
    results = half_empty()
    rows = results["results"]["v_0000001"]
    rows += [thing((-20, 5, 60, 50), score=0.1)] * 20
    found = score(write, four(), results)
    assert "20 of 22 boxes reach beyond their frames; they are scored as they are" in found.warnings
    rows += [thing((330, 5, 400, 50), score=0.1)] * 5
    with pytest.raises(
        OutsideFrameError, match=r"centres of 5 of 27 boxes .* \[330, 5, 400, 50\] of `v_0000001`.* 320x240"
    ):
        score(write, four(), results)


def test_protocol_values_are_used(write: Write) -> None:
    late, near = thing(ttc=0.9, score=0.9), thing((10, 10, 40, 59), score=0.8)
    results = results_of({entry["uid"]: [late, near] for entry in four()["annotations"]})
    values = score(write, four(), results, top_k=1).metrics
    assert values["noun"].value == 1
    assert values["noun_ttc"].value == 0.5
    assert score(write, four(), results, top_k=1, ttc_tolerance=0.5).metrics["noun_ttc"].value == 1
    assert score(write, four(), results, top_k=1, iou_threshold=0.7).metrics["noun_ttc"].value == 0


def test_a_test_set_cannot_be_scored(write: Write) -> None:
    content = annotations_of([annotation("v", 1, None)])
    with pytest.raises(NoTruthError, match="not public"):
        score(write, content, results_of({"v_0000001": []}))


def test_errors_are_data_errors() -> None:
    for error in (NoPredictionsError, NoTruthError, UnknownCategoryError, OutsideFrameError, PropertyError):
        assert issubclass(error, DataError)
