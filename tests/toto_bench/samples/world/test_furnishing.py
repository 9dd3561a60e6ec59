"""Random looks and places depend on their seed and on nothing else."""

import numpy as np
import pytest

from toto_bench.samples.world.furnishing import random_look, random_surroundings, scatter, similar_look
from toto_bench.samples.world.seeds import generator
from toto_bench.samples.world.textures import KINDS, texture


def test_a_unit_has_its_own_random_numbers() -> None:
    draws = {
        names: generator(*names).random()
        for names in [(0, "a", "b"), (0, "a", "c"), (1, "a", "b"), (0, "ab")]
    }
    assert len(set(draws.values())) == 4
    assert generator(0, "a", "b").random() == draws[0, "a", "b"]


@pytest.mark.parametrize("kind", KINDS)
def test_textures_show_a_pattern_and_repeat_with_their_seed(kind: str) -> None:
    colours = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    one, two, other = (texture(kind, colours, generator(seed, kind), 32) for seed in (0, 0, 1))
    assert one.shape == (32, 32, 3) and one.dtype == np.uint8
    assert np.array_equal(one, two) and not np.array_equal(one, other)
    assert one.std(axis=(0, 1)).max() > 10


def test_a_similar_look_is_nearer_than_another() -> None:
    rng = generator(0, "looks")
    look = random_look(rng)
    alike, other = similar_look(look, rng), random_look(rng)

    def distance(a, b) -> float:
        return float(np.abs(a.texture.mean((0, 1)) - b.texture.mean((0, 1))).max())

    assert distance(look, alike) < 20 < distance(look, other)
    assert not np.array_equal(look.texture, alike.texture)


def test_surroundings_differ() -> None:
    one, two = (random_surroundings(generator(seed, "room")) for seed in (0, 1))
    assert not np.array_equal(one.table.texture, two.table.texture)


def test_scattered_things_do_not_touch() -> None:
    radii = [0.1, 0.1, 0.08, 0.05]
    places = scatter(generator(0, "places"), radii, taken=((0.0, 0.0, 0.15),))
    circles = [(0.0, 0.0, 0.15), *((x, y, r) for (x, y), r in zip(places, radii, strict=True))]
    for i, (x, y, r) in enumerate(circles):
        assert all(np.hypot(x - a, y - b) > r + c for a, b, c in circles[:i])


def test_no_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="No room"):
        scatter(generator(0, "places"), [0.4, 0.4], (0.1, 0.1))
