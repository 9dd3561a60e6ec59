"""The card and the protocol model agree."""

from typing import Any

import pytest
from pydantic import ValidationError

from toto_bench.cards import find_task
from toto_bench.tasks.cater.protocol import CaterProtocol


def test_every_value_has_a_type_and_a_source() -> None:
    assert set(CaterProtocol.model_fields) == set(find_task("cater").protocol)


@pytest.mark.parametrize("preset", find_task("cater").presets)
def test_every_preset_is_a_protocol(preset: str) -> None:
    values = find_task("cater").values(preset)
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    assert CaterProtocol(**values).model_dump() == values | tuples


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"layers": "all"}, "one head"),
        ({"lr_factors": [1.0, 3.0]}, "one head"),
        ({"views": 3}, "adaptation = frozen"),
    ],
)
def test_fine_tuning_has_one_head_and_new_clips(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CaterProtocol(**find_task("cater").values() | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"flip": 0.5},
        {"grid": 5},
        {"frames": 0},
        {"camera": "shaking"},
        {"color_jitter": 1.0},
        {"adaptation": "joint"},
        {"adaptation": "none"},
    ],
)
def test_what_would_change_the_classes_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CaterProtocol(**find_task("cater").values() | changes)
