"""Which probe is reported."""

import numpy as np
import pytest

from toto_bench.probing.errors import ProbeError
from toto_bench.probing.selection import best, best_on_val, chosen_on_held_out, held_out_items, layer_curve
from toto_bench.probing.settings import Probe, Setting

PROBES = [Probe(layer, "average", Setting(rate)) for rate in (0.1, 0.2) for layer in (2, 1, 3)]
VAL = np.array([0.5, 0.3, 0.6, 0.7, 0.4, np.nan])
HELD = np.array([0.9, 0.2, 0.3, 0.8, 0.1, np.nan])


def test_the_papers_choice_and_the_honest_one():
    assert best_on_val(PROBES, VAL)[1:] == (PROBES[3], "best-on-val", 0.7, 0.7)
    assert chosen_on_held_out(PROBES, HELD, VAL)[1:] == (PROBES[0], "held-out", 0.5, 0.9)


def test_the_curve_has_the_best_setting_of_each_layer():
    found = [
        (point.probe.layer, point.probe.setting.learning_rate, point.value)
        for point in layer_curve(PROBES, VAL)
    ]
    assert found == [(1, 0.2, 0.4), (2, 0.2, 0.7), (3, 0.1, 0.6)]
    honest = [(point.probe.layer, point.value) for point in layer_curve(PROBES, VAL, HELD)]
    assert honest == [(1, 0.3), (2, 0.5), (3, 0.6)]


def test_a_layer_of_which_all_probes_diverged_stays_on_the_curve():
    curve = layer_curve(PROBES, np.array([0.5, 0.3, np.nan, 0.7, 0.4, np.nan]))
    assert [point.probe.layer for point in curve] == [1, 2, 3]
    assert np.isnan(curve[2].value)


def test_equal_scores_take_the_first():
    assert best([0.1, 0.5, 0.5]) == 1


def test_no_probe_left():
    with pytest.raises(ProbeError, match="all of them diverged"):
        best([np.nan, np.nan])


def test_held_out_items_are_a_share_of_every_class():
    labels = np.repeat([0, 1, 2, 3], [100, 50, 2, 1])
    chosen = held_out_items(labels, 0.1, seed=3)
    assert np.bincount(labels[chosen], minlength=4).tolist() == [10, 5, 1, 0]
    np.testing.assert_array_equal(chosen, held_out_items(labels, 0.1, seed=3))
    assert (chosen != held_out_items(labels, 0.1, seed=4)).any()
    assert not held_out_items(labels, 0.0, seed=3).any()
