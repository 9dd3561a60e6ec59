"""Covers: ranges of every setting; names of variants."""

import pytest

from toto_bench.errors import TotoBenchError
from toto_bench.tasks.davis.propagation import PropagationError, PropagationSettings, resolve_variant


def test_defaults_are_dinos():
    settings = PropagationSettings()
    assert (settings.context_frames, settings.top_k, settings.radius) == (7, 5, 12)
    assert (settings.temperature, settings.variant) == (0.1, "dino")


@pytest.mark.parametrize(
    "values",
    [
        {"context_frames": -1},
        {"context_frames": 1.5},
        {"context_frames": 0, "variant": "videowalk"},
        {"top_k": 0},
        {"top_k": True},
        {"radius": -1},
        {"radius": float("inf")},
        {"radius": float("nan")},
        {"temperature": 0},
        {"temperature": float("nan")},
        {"variant": "vidwalk"},
    ],
)
def test_values_out_of_range_are_named(values):
    with pytest.raises(PropagationError, match=next(iter(values))):
        PropagationSettings(**values)


def test_errors_are_value_errors_too():
    assert issubclass(PropagationError, ValueError)
    assert issubclass(PropagationError, TotoBenchError)


def test_stc_is_a_name_of_videowalk():
    assert resolve_variant("stc") == "videowalk"
    assert PropagationSettings(variant="stc").variant == "videowalk"


def test_an_unknown_variant_is_told_the_choices():
    with pytest.raises(PropagationError, match="dino, videowalk, stc"):
        resolve_variant("crw")
