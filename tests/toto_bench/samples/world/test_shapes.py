"""Shapes have the size that was asked for, stand on the table, and are closed."""

from collections import Counter

import numpy as np
import pytest

from toto_bench.samples.world import meshes
from toto_bench.samples.world.building import build
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Item, Scene
from toto_bench.samples.world.shapes import SHAPES, parts_of

SIZE = (0.12, 0.12, 0.08)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_stands_on_the_table_and_stays(shape: str) -> None:
    """Its origin is in the middle: at half its height it neither falls nor jumps."""
    size = (0.06, 0.06, 0.08) if shape == "capsule" else SIZE
    item = Item("it", shape, size, (0.0, 0.0, 0.08), rolling=0.01)
    clip = play(Scene((item,)), frames=4, fps=12.0, size=(8, 8), pictures=False, masks=False)
    assert np.abs(clip.positions[:, 0] - (0.0, 0.0, 0.08)).max() < (
        0.04 if shape in ("sphere", "ellipsoid") else 0.006
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_has_parts_to_see_and_parts_to_touch(shape: str) -> None:
    parts = parts_of(shape, SIZE)
    assert any(part.seen for part in parts) and any(part.touched for part in parts)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_heavier_density_is_a_heavier_thing(shape: str) -> None:
    masses = [
        build(Scene((Item("it", shape, SIZE, (0, 0, 1), density=density),)), 0.002).body("it").mass[0]
        for density in (100.0, 300.0)
    ]
    assert masses[1] == pytest.approx(3 * masses[0])


@pytest.mark.parametrize(
    "mesh",
    [
        meshes.torus(),
        meshes.prism(meshes.star()),
        meshes.prism(meshes.polygon(6)),
        meshes.lathe([(0.0, -1.0), (1.0, -1.0), (0.0, 1.0)]),
    ],
    ids=["torus", "star", "hexagon", "cone"],
)
def test_meshes_are_closed_and_their_outside_is_outside(mesh: meshes.Mesh) -> None:
    """Every edge belongs to two triangles that run along it in opposite directions; the volume is positive."""
    edges = Counter((int(face[i]), int(face[(i + 1) % 3])) for face in mesh.faces for i in range(3))
    assert all(count == 1 and edges[b, a] == 1 for (a, b), count in edges.items())
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() > 0
    assert np.abs(mesh.vertices).max() <= 1 + 1e-9
