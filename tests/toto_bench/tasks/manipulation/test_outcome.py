"""Numbers of known rounds, of one layer and of several."""

from pathlib import Path

import pytest

from tests.toto_bench.tasks.manipulation.conftest import episodes, rounds
from toto_bench.robots.learning import Learning
from toto_bench.tasks.manipulation.curves import curve_of, layer_curve
from toto_bench.tasks.manipulation.layers import best_layer, leave_one_episode_out
from toto_bench.tasks.manipulation.outcome import items_of, metrics_of
from toto_bench.tasks.manipulation.plots import plot_curves
from toto_bench.tasks.manipulation.shared import frames_seen, shared_rounds

YES, NO = True, False
ONE = rounds([NO] * 10, [], [YES] * 6 + [NO] * 4)


def test_metrics_of_known_rounds() -> None:
    others = {"state": episodes([NO] * 10), "expert": episodes([YES] * 10), "zero": episodes([NO] * 10)}
    found = metrics_of({3: ONE}, others, seed=0)
    values = {name: metric.value for name, metric in found.items()}
    assert values == {
        "success": 0.6,
        "success@state": 0.0,
        "success@expert": 1.0,
        "success@zero": 0.0,
        "success_mean": pytest.approx(0.3),
        "steps_to_half": 300.0,
        "steps_to_80": None,
    }
    assert found["success"].low == pytest.approx(0.3127, abs=1e-4)
    assert found["success"].high == pytest.approx(0.8318, abs=1e-4)
    assert {metric.selection for metric in found.values()} == {None}


def test_steps_are_those_of_the_first_evaluation_that_reaches_the_share() -> None:
    rising = rounds([NO] * 5, [YES] * 3 + [NO] * 2, [YES] * 4 + [NO], [NO] * 5)
    found = metrics_of({1: rising}, {}, seed=0)
    assert (found["steps_to_half"].value, found["steps_to_80"].value) == (200.0, 300.0)
    assert found["success"].value == 0.0
    assert found["success_mean"].value == pytest.approx((0 + 3 / 5 + 4 / 5 + 0) / 4)


def test_the_best_of_several_layers_is_labelled() -> None:
    by_layer = {
        2: rounds([NO] * 5, [YES, NO, NO, NO, NO]),
        4: rounds([NO] * 5, [YES, YES, YES, YES, NO]),
        6: rounds([NO] * 5, [NO, NO, NO, NO, YES]),
    }
    found = metrics_of(by_layer, {"zero": episodes([NO] * 5)}, seed=0)
    assert best_layer(by_layer) == 4
    assert found["success"].value == 0.8
    for name in ("success", "success_mean", "steps_to_half", "steps_to_80"):
        assert found[name].selection == "best on val: layer 4 of 3 read"
    assert found["success@zero"].selection is None
    assert found["success@held-out"].value == 0.8
    assert found["success@held-out"].selection == "layer chosen on the other episodes"
    assert found["success_mean@held-out"].value == pytest.approx(0.4)
    assert [row["success_mean"] for row in layer_curve(by_layer)] == pytest.approx([0.1, 0.4, 0.1])
    assert [(row["layer"], row["success"], row["steps_to_80"]) for row in layer_curve(by_layer)] == [
        (2, 0.2, None),
        (4, 0.8, 200),
        (6, 0.2, None),
    ]


def test_an_episode_does_not_choose_the_layer_that_it_is_counted_at() -> None:
    """Each layer wins an episode alone: the others never choose the layer that wins it."""
    by_layer = {1: rounds([YES, NO]), 2: rounds([NO, YES])}
    held_out = leave_one_episode_out(by_layer)
    assert held_out is not None
    assert held_out.success.tolist() == [0, 0]
    assert leave_one_episode_out({1: rounds([YES])}) is None


def test_of_equal_layers_the_one_that_learnt_sooner_is_the_best_and_then_the_lower() -> None:
    late, soon = rounds([NO] * 5, [YES] * 5), rounds([YES] * 5, [YES] * 5)
    assert best_layer({2: late, 4: soon}) == 4
    assert best_layer({2: soon, 4: soon}) == 2
    fading = rounds([YES, YES], [YES, YES], [NO, YES])
    assert best_layer({2: fading, 4: rounds([NO, NO], [NO, NO], [YES, YES])}) == 4


def test_items_name_the_layer_only_where_there_are_several() -> None:
    assert "layer" not in items_of(episodes([YES]))[0]
    assert items_of(episodes([YES, NO]), 4)[1]["layer"] == 4
    assert [row["episode"] for row in items_of(episodes([YES, NO]))] == ["episode-0000", "episode-0001"]


def test_curve_has_a_row_for_each_iteration_and_is_drawn(tmp_path: Path) -> None:
    rows = curve_of(ONE)
    assert [row["success"] for row in rows] == [0.0, None, 0.6]
    reference = [{"actor": "expert", "success": 1.0}]
    plot_curves(tmp_path / "one.png", {"camera": rows, "state": rows}, reference, "Franka Pick")
    many = {f"camera-layer-{layer:02d}": rows for layer in range(1, 13)} | {"state": rows}
    plot_curves(tmp_path / "many.png", many, reference, "Franka Pick")
    assert 10_000 < (tmp_path / "one.png").stat().st_size < (tmp_path / "many.png").stat().st_size


def test_frames_that_layers_share_are_counted_once() -> None:
    dagger = Learning(steps=300, rounds=3, share=(1.0, 0.5))
    cloning = Learning(steps=300, rounds=3, share=(1.0,))
    assert (shared_rounds(dagger), shared_rounds(cloning)) == ([0], [0, 1, 2])
    steps = [[100, 200, 300], [100, 200, 300]]
    assert frames_seen(steps, dagger) == 500
    assert frames_seen(steps, cloning) == frames_seen(steps[:1], dagger) == 300
