"""Boxes on the plane and back, mirrors, positions of categories."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from toto_bench.cards import find_task
from toto_bench.tasks.ego4d_sta.annotations import read_annotations
from toto_bench.tasks.ego4d_sta.learning.batches import described
from toto_bench.tasks.ego4d_sta.learning.examples import examples_of, on_frame, plane_of
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol

from ..conftest import annotation, annotations_of, thing


def protocol(**changes: Any) -> EgoStaProtocol:
    return EgoStaProtocol(**{**find_task("ego4d_sta").values("paper"), **changes})


def test_planes() -> None:
    """The short side is 800, unless the long one would be longer than 1333."""
    assert plane_of((1080, 1440), protocol()) == (800, 1067)
    assert plane_of((1080, 1920), protocol()) == (750, 1333)
    assert plane_of((1440, 1080), protocol()) == (1067, 800)


def test_objects_of_an_annotation(tmp_path: Path) -> None:
    """Boxes grow with the plane, come back exactly, and are mirrored; ids that do not begin at 0 become positions."""
    content = annotations_of(
        [annotation("v", 3, []), annotation("v", 9, [thing((10, 20, 50, 80), 2, 1, 0.7)])]
    )
    for kind in ("noun", "verb"):
        for category in content[f"{kind}_categories"]:
            category["id"] += 5
    content["annotations"][1]["objects"][0] |= {"noun_category_id": 7, "verb_category_id": 6}
    path = tmp_path / "fho_sta_val.json"
    path.write_text(json.dumps(content))
    empty, one = examples_of(read_annotations(path), protocol(still_short_side=480))
    assert (len(empty.boxes), one.plane) == (0, (480, 640))
    assert one.boxes.tolist() == [[20, 40, 100, 160]]
    assert (one.nouns.tolist(), one.verbs.tolist(), one.ttcs.tolist()) == ([2], [1], [0.7])
    assert on_frame(one.boxes, one.plane, (240, 320)).tolist() == [[10, 20, 50, 80]]
    assert one.mirrored().boxes.tolist() == [[540, 40, 620, 160]]
    np.testing.assert_array_equal(one.mirrored().mirrored().boxes, one.boxes)
    batch = described([empty, one, empty])
    assert batch["counts"].tolist() == [0, 1, 0]
    assert batch["boxes"].shape == (1, 4)
    assert batch["sizes"].tolist() == [[480, 640]] * 3
