"""Covers: equality with dense versions on many grids; exact ties; symmetry; precision; clear errors."""

import pytest
import torch

from toto_bench.tasks.davis.propagation import PropagationError, Propagator, propagate

GRIDS = [(1, 1), (1, 9), (9, 1), (2, 3), (5, 5), (7, 13), (13, 7), (12, 40), (31, 6)]
VARIANTS = ["dino", "videowalk"]
SETTINGS = [
    {"context_frames": 3, "top_k": 5, "radius": 12, "temperature": 0.1},
    {"context_frames": 2, "top_k": 3, "radius": 2, "temperature": 0.1},
    {"context_frames": 1, "top_k": 1, "radius": 1, "temperature": 0.05},
    {"context_frames": 4, "top_k": 7, "radius": 2.5, "temperature": 0.07},
    {"context_frames": 2, "top_k": 40, "radius": 1, "temperature": 1.0},
]


def assert_same(soft, expected):
    torch.testing.assert_close(soft, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("grid", GRIDS)
def test_equals_the_dense_version(make, dense, variant, settings, grid):
    features, mask = make.moving(grid), make.one_hot(grid)
    soft = propagate(features, mask, variant=variant, **settings)
    assert_same(soft, dense[variant](features, mask, **settings))


@pytest.mark.parametrize("settings", [*SETTINGS, {**SETTINGS[0], "radius": 0}, {**SETTINGS[1], "radius": 0}])
@pytest.mark.parametrize("grid", GRIDS)
def test_dino_keeps_every_tie(make, dense, settings, grid):
    features, mask = make.tied(grid), make.one_hot(grid)
    soft = propagate(features, mask, **settings)
    assert_same(soft, dense["dino"](features, mask, **settings))


@pytest.mark.parametrize("dim", [4, 16])
@pytest.mark.parametrize("seed", range(6))
def test_dino_ties_over_seeds(make, dense, seed, dim):
    grid = (6 + seed, 14 - seed)
    features, mask = make.tied(grid, dim=dim, seed=seed), make.one_hot(grid, labels=1 + seed)
    settings = {"context_frames": 7, "top_k": 1 + seed, "radius": 3, "temperature": 0.1}
    assert_same(propagate(features, mask, **settings), dense["dino"](features, mask, **settings))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_still_video(make, dense, variant):
    grid = (9, 16)
    features, mask = make.moving(grid, frames=1, dim=384).expand(6, -1, -1, -1), make.one_hot(grid)
    settings = {"context_frames": 3, "top_k": 5, "radius": 4, "temperature": 0.1}
    soft = propagate(features, mask, variant=variant, **settings)
    assert_same(soft, dense[variant](features, mask, **settings))


def test_cosines_that_become_one_affinity_are_ties():
    """1e-9 and 0 differ, but exp(1e-8) and exp(0) do not: the reference keeps both, and so both count."""
    features = torch.tensor([[[[1.0, 0.0], [1e-9, 1.0], [0.0, 1.0]]], [[[1.0, 0.0]] * 3]])
    mask = torch.eye(3)[:, None]
    soft = propagate(features, mask, top_k=2, radius=0)
    weights = torch.tensor([10.0, 0.0, 0.0]).exp()
    assert_same(soft[0, :, 0, 0], weights / weights.sum())


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("settings", SETTINGS[:2])
def test_turned_videos_give_turned_labels(make, variant, settings):
    features, mask = make.moving((8, 11)), make.one_hot((8, 11))
    soft = propagate(features, mask, variant=variant, **settings)
    turned = propagate(features.transpose(1, 2), mask.transpose(1, 2), variant=variant, **settings)
    assert_same(turned.transpose(2, 3), soft)
    flipped = propagate(features.flip(1, 2), mask.flip(1, 2), variant=variant, **settings)
    assert_same(flipped.flip(2, 3), soft)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_order_of_channels_does_not_matter(make, variant):
    features, mask, order = make.moving((8, 11)), make.one_hot((8, 11), labels=4), [2, 0, 3, 1]
    soft = propagate(features, mask, variant=variant, radius=3)
    torch.testing.assert_close(propagate(features, mask[order], variant=variant, radius=3), soft[:, order])


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_grid_cut_into_many_blocks(make, dense, variant, monkeypatch):
    monkeypatch.setattr("toto_bench.tasks.davis.propagation.search.CPU_BUDGET", 500)
    features, mask = make.moving((7, 12)), make.one_hot((7, 12))
    settings = {"context_frames": 3, "top_k": 5, "radius": 3, "temperature": 0.1}
    soft = propagate(features, mask, variant=variant, **settings)
    assert_same(soft, dense[variant](features, mask, **settings))


def test_labels_sum_to_one(make):
    soft = propagate(make.moving((6, 9)), make.one_hot((6, 9)))
    assert_same(soft.sum(1), torch.ones(5, 6, 9))


@pytest.mark.parametrize("temperature", [0.02, 0.019, 1e-3, 1e-6])
def test_low_temperatures_stay_finite(make, temperature):
    features, mask = make.moving((6, 9)), make.one_hot((6, 9))
    soft = propagate(features, mask, temperature=temperature, radius=2)
    assert_same(soft.sum(1), torch.ones(5, 6, 9))
    if temperature == 1e-6:
        assert_same(soft, propagate(features, mask, top_k=1, radius=2))


def test_zero_features_are_sources_like_others(make, dense):
    features, mask = make.moving((5, 8)), make.one_hot((5, 8))
    features[:, 2:4] = 0
    settings = {"context_frames": 2, "top_k": 5, "radius": 2, "temperature": 0.1}
    assert_same(propagate(features, mask, **settings), dense["dino"](features, mask, **settings))


def test_without_a_queue_all_frames_look_at_the_first(make, dense):
    features, mask = make.moving((5, 8)), make.one_hot((5, 8))
    soft = propagate(features, mask, context_frames=0)
    for frame in (1, 5):
        assert_same(soft[frame - 1], propagate(features[[0, frame]], mask)[0])


def test_stc_is_videowalk(make):
    features, mask = make.moving((5, 8)), make.one_hot((5, 8))
    assert torch.equal(
        propagate(features, mask, variant="stc"), propagate(features, mask, variant="videowalk")
    )


def test_half_precision_features_are_computed_in_float32(make):
    features, mask = make.moving((5, 8)).half(), make.one_hot((5, 8))
    soft = propagate(features, mask)
    assert soft.dtype == torch.float32
    assert torch.equal(soft, propagate(features.float(), mask))


def test_the_callers_precision_is_not_used_and_not_changed(make):
    features, mask = make.moving((15, 20), dim=64), make.one_hot((15, 20))
    expected = propagate(features, mask)
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(propagate(features, mask), expected)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


def test_one_frame_has_nothing_to_propagate(make):
    assert propagate(make.moving((5, 8), frames=1), make.one_hot((5, 8))).shape == (0, 3, 5, 8)


def test_a_propagator_keeps_no_more_than_its_contexts(make):
    for grid, frames in (((30, 52), 8), ((60, 104), 1.5 * 8)):
        features = make.moving(grid, frames=1)[0]
        propagator = Propagator(features, make.one_hot(grid))
        stored = sum(memory.features.numel() for memory in propagator._propagation.search.memories)
        assert stored <= frames * features.numel()


class TestErrors:
    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_features_that_are_not_finite(self, make, value):
        features, mask = make.moving((5, 8)), make.one_hot((5, 8))
        features[3, 2, 2, 0] = value
        with pytest.raises(PropagationError, match="frame 3 hold NaN"):
            propagate(features, mask)
        with pytest.raises(PropagationError, match="first frame hold NaN"):
            propagate(features[3:], mask)

    def test_labels_that_are_not_finite(self, make):
        with pytest.raises(PropagationError, match="labels hold NaN"):
            propagate(make.moving((5, 8)), make.one_hot((5, 8)) * float("nan"))

    @pytest.mark.parametrize("shape", [(3, 8, 5), (0, 5, 8), (5, 8)])
    def test_labels_of_another_grid(self, make, shape):
        with pytest.raises(PropagationError, match=r"expected \[C, 5, 8\]"):
            propagate(make.moving((5, 8)), torch.zeros(shape))

    @pytest.mark.parametrize("shape", [(5, 8, 4), (0, 5, 8, 4), (2, 5, 0, 4)])
    def test_features_of_a_wrong_shape(self, make, shape):
        with pytest.raises(PropagationError, match="expected"):
            propagate(torch.zeros(shape), make.one_hot((5, 8)))

    def test_a_frame_of_another_size(self, make):
        propagator = Propagator(make.moving((5, 8))[0], make.one_hot((5, 8)))
        with pytest.raises(PropagationError, match=r"frame 1 have shape \[6, 8, 16\]"):
            propagator.step(make.moving((6, 8))[0])

    def test_integer_features(self, make):
        with pytest.raises(PropagationError, match="expected a float type"):
            propagate(make.moving((5, 8)).long(), make.one_hot((5, 8)))
