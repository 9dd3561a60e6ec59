"""Every case that the official code printed: scores, averages of views, labels, projection."""

import json
from pathlib import Path

import numpy as np
import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.cater import score_localization
from toto_bench.tasks.cater.camera import official_camera
from toto_bench.tasks.cater.errors import ClassCountError, GridError, ViewsError
from toto_bench.tasks.cater.labels import cell_of, label_of_scene
from toto_bench.tasks.cater.metric import average_views

FOLDER = Path(__file__).parents[3] / "golden" / "cater"
SCORER = json.loads((FOLDER / "scorer.json").read_text())["scorer"]
VIEWS = json.loads((FOLDER / "clip_averaging.json").read_text())["clip_averaging"]
LABELS = json.loads((FOLDER / "labels_and_projection.json").read_text())
NAMES = {"top_1": "top1", "top_5": "top5", "l1_dist": "l1"}


def by_name(cases: list) -> list:
    return [pytest.param(case, id=case["name"]) for case in cases]


def expect(found: dict[str, float], official: dict[str, float]) -> None:
    assert found == {NAMES[name]: value for name, value in official.items()}
    assert all(type(value) is float for value in found.values())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", by_name(SCORER))
def test_scores_are_the_official_ones(case: dict, dtype: type) -> None:
    labels, scores = np.array(case["labels"]), np.array(case["preds"], dtype)
    if "error" in case["official"]:
        with pytest.raises(GridError, match="37 columns"):
            score_localization(labels, scores)
    else:
        expect(score_localization(labels, scores), case["official"])


def average(case: dict, classes: int) -> tuple[np.ndarray, np.ndarray]:
    labels = [int(line.split()[1]) for line in case["gt_lines"]]
    videos, scores = zip(*case["results"], strict=True)
    return np.array(labels), average_views(videos, scores, count=len(labels), classes=classes)


@pytest.mark.parametrize("case", by_name([case for case in VIEWS if "error" not in case["official"]]))
def test_averages_of_views_score_as_the_official_ones(case: dict) -> None:
    expect(score_localization(*average(case, 36)), case["official"])


@pytest.mark.parametrize(
    ("name", "error"), [("c04_max_label_missing", ClassCountError), ("c05_video_missing", ViewsError)]
)
def test_what_the_official_average_breaks_on_is_an_error(name: str, error: type[DataError]) -> None:
    (case,) = [case for case in VIEWS if case["name"] == name]
    assert "error" in case["official"]
    official = max(int(line.split()[1]) for line in case["gt_lines"]) + 1
    with pytest.raises(error):
        average(case, official)


def test_a_list_without_the_last_class_is_scored_when_all_classes_are_counted() -> None:
    (case,) = [case for case in VIEWS if case["name"] == "c04_max_label_missing"]
    assert set(score_localization(*average(case, 36))) == {"top1", "top5", "l1"}


def test_every_case_of_scores_is_known() -> None:
    assert len(SCORER) == 11
    assert len(VIEWS) == 4


@pytest.mark.parametrize("case", LABELS["labels_from_scene"], ids=str)
def test_labels_of_scenes_are_the_official_ones(case: dict) -> None:
    places = case.get("all_locations") or [case["final_location"]]
    snitch = {"shape": "spl", "locations": {str(frame): place for frame, place in enumerate(places)}}
    scene = {"objects": [{"shape": "sphere", "locations": {}}, snitch]}
    grid = 2 * case["num_rows"]
    assert label_of_scene(scene, grid) == case["official_class"]
    assert cell_of(*places[-1][:2], grid) == case["official_class"]


@pytest.mark.parametrize("case", LABELS["class_from_image_xy"], ids=str)
def test_classes_of_points_in_the_picture_are_the_official_ones(case: dict) -> None:
    assert official_camera().cell_at(case["cx"], case["cy"]) == case["official_class"]


@pytest.mark.parametrize("case", LABELS["project_3d"], ids=str)
def test_points_are_projected_as_by_the_official_code(case: dict) -> None:
    found = official_camera().project([case["point"]])[0]
    np.testing.assert_allclose(found, case["official_xy"], rtol=0, atol=1e-9)
