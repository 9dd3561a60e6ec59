"""Triangle meshes of our own, inside the unit cube [-1, 1]^3; the caller scales them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Mesh(NamedTuple):
    """Triangles whose outside is where their corners run counter-clockwise."""

    vertices: NDArray[np.float64]
    """[V, 3]."""
    faces: NDArray[np.int32]
    """[F, 3]."""


def lathe(profile: list[tuple[float, float]], sides: int = 32) -> Mesh:
    """Turn a closed outline around the z axis.

    Args:
        profile: (radius, z) of its corners, counter-clockwise when the radius grows to the right and z upwards; on the
            axis the radius is 0.
        sides: flat pieces around.
    """
    angles = 2 * np.pi * np.arange(sides) / sides
    radii, heights = np.array(profile).T
    x, y = radii[:, None] * np.cos(angles), radii[:, None] * np.sin(angles)
    vertices = np.stack([x, y, np.broadcast_to(heights[:, None], x.shape)], axis=-1).reshape(-1, 3)
    faces = []
    for row in range(len(profile)):
        below, above = row, (row + 1) % len(profile)
        for side in range(sides):
            after = (side + 1) % sides
            a, b = below * sides + side, below * sides + after
            c, d = above * sides + after, above * sides + side
            if radii[below] > 0:
                faces.append((a, b, c))
            if radii[above] > 0:
                faces.append((a, c, d))
    return _weld(vertices, np.array(faces, dtype=np.int32))


def torus(ratio: float = 0.35, sides: int = 32, round_sides: int = 14) -> Mesh:
    """A ring around the z axis; `ratio` is the tube's radius as a share of the whole half width."""
    angles = 2 * np.pi * np.arange(round_sides) / round_sides
    return lathe([(1 - ratio + ratio * np.cos(a), np.sin(a)) for a in angles], sides)


def prism(outline: NDArray[np.float64]) -> Mesh:
    """An outline [K, 2] in the xy plane, counter-clockwise and seen whole from its origin, from z = -1 to 1."""
    count = len(outline)
    rim = [np.column_stack([outline, np.full(count, z)]) for z in (-1.0, 1.0)]
    vertices = np.concatenate([*rim, [[0, 0, -1.0], [0, 0, 1.0]]])
    faces = []
    for i in range(count):
        j = (i + 1) % count
        faces += [
            (i, j, count + j),
            (i, count + j, count + i),
            (2 * count, j, i),
            (2 * count + 1, count + i, count + j),
        ]
    return Mesh(vertices, np.array(faces, dtype=np.int32))


def polygon(sides: int) -> NDArray[np.float64]:
    """A regular outline [K, 2]."""
    angles = 2 * np.pi * np.arange(sides) / sides + np.pi / 2
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def star(points: int = 5, inner: float = 0.45) -> NDArray[np.float64]:
    """A star's outline [2 * points, 2]."""
    radii = np.where(np.arange(2 * points) % 2 == 0, 1.0, inner)
    return polygon(2 * points) * radii[:, None]


def _weld(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> Mesh:
    """Make one vertex of those at the same place (on the axis of a lathe), and leave out faces without area."""
    unique, where = np.unique(vertices.round(9), axis=0, return_inverse=True)
    joined = where.reshape(-1)[faces]
    whole = (joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 0] != joined[:, 2])
    return Mesh(unique, joined[whole].astype(np.int32))
