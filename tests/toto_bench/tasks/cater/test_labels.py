"""Cells and scene files."""

import json
from pathlib import Path

import pytest

from toto_bench.samples.cater.grid import cell_of as cell_of_the_sample
from toto_bench.tasks.cater.errors import SceneError
from toto_bench.tasks.cater.labels import cell_of, corners_of, label_of_scene, read_scene, row_and_column

SNITCH = {"shape": "spl", "locations": {"0": [0, 0, 0], "1": [1.5, -0.5, 0.3]}}


@pytest.mark.parametrize("grid", [4, 6, 8])
def test_the_corners_of_a_cell_are_around_it(grid: int) -> None:
    for cell in range(grid * grid):
        corners = corners_of(cell, grid)
        x, y = (sum(corner[axis] for corner in corners) / 4 for axis in (0, 1))
        assert cell_of(x, y, grid) == cell
        low, high = corners[0], corners[2]
        assert cell_of(low[0] + 1e-9, low[1] + 1e-9, grid) == cell
        assert cell_of(high[0] - 1e-9, high[1] - 1e-9, grid) == cell
        assert row_and_column(cell, grid) == (cell // grid, cell % grid)


def test_the_sample_has_the_same_cells() -> None:
    for x in (-3, -1.6, -0.1, 0.0, 0.7, 2.99):
        for y in (-2.3, -0.5, 1.4, 2.2):
            for grid in (4, 6, 8):
                assert cell_of(x, y, grid) == cell_of_the_sample(x, y, grid)


def test_the_last_place_is_that_of_the_highest_frame_not_of_the_last_key() -> None:
    scene = {"objects": [{"shape": "spl", "locations": {"1": [1.5, -0.5, 0.3], "0": [0, 0, 0]}}]}
    assert label_of_scene(scene) == 16


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ({}, "not laid out"),
        ({"objects": []}, "no object has the shape `spl`"),
        ({"objects": [{"shape": "cone"}]}, "no object has the shape `spl`"),
        ({"objects": [{"shape": "spl"}]}, "not laid out"),
        ({"objects": [{"shape": "spl", "locations": {}}]}, "no places"),
        ({"objects": [{"shape": "spl", "locations": {"0": [1, 2]}}]}, "not laid out"),
        ({"objects": [{"shape": "spl", "locations": {"5": [1, 2, 3]}}]}, "not laid out"),
        ({"objects": [{"shape": "spl", "locations": {"0": ["a", 2, 3]}}]}, "not laid out"),
    ],
)
def test_a_scene_that_does_not_say_it_is_refused(scene: dict, words: str) -> None:
    with pytest.raises(SceneError, match=words):
        label_of_scene(scene)


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00"])
def test_a_damaged_scene_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scene.json"
    path.write_text(content)
    with pytest.raises(SceneError, match=r"scene\.json"):
        read_scene(path)


def test_a_scene_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    path.write_text(json.dumps({"objects": [SNITCH]}))
    assert label_of_scene(read_scene(path)) == 16
    assert label_of_scene(read_scene(path), 8) == 30
