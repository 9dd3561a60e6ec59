"""A spec that contradicts itself is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from toto_bench.robots.policy import ActionSpec, CameraSpec, Crop, Normalisation, PolicySpec

ACTION = {"kind": "joint-delta", "names": ["j"]}


def spec(**changes: object) -> PolicySpec:
    return PolicySpec.model_validate({"proprio": ["q"], "action": ACTION, "rate_hz": 60.0} | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"speed": 1}, "Extra inputs"),
        ({"rate_hz": 0}, "greater than 0"),
        ({"rate_hz": float("nan")}, "finite"),
        ({"cameras": [{"name": "w", "height": 8, "width": 8}]}, "cameras need a readout"),
        ({"proprio_statistics": {"mean": [0, 0], "std": [1, 1]}}, "2 proprioception statistics for 1"),
        ({"proprio_statistics": {"mean": [0], "std": [0]}}, "greater than 0"),
        ({"action": ACTION | {"scale": [1, 1]}}, "2 action scales for 1"),
        ({"action": ACTION | {"statistics": {"mean": [0], "std": [1, 1]}}}, "1 means and 2"),
        ({"action": ACTION | {"kind": "torque"}}, "joint-target-delta"),
        ({"version": 2}, "1"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        spec(**changes)


def test_a_crop_lies_inside_its_picture() -> None:
    CameraSpec(name="w", height=8, width=9, crop=Crop(top=2, left=3, height=6, width=6))
    with pytest.raises(ValidationError, match="beyond its 8x9 pixels"):
        CameraSpec(name="w", height=8, width=9, crop=Crop(top=3, left=3, height=6, width=6))


def test_a_spec_survives_json_with_every_digit() -> None:
    action = ActionSpec(kind="joint-delta", names=("j",), statistics=Normalisation(mean=(1 / 3,), std=(0.1,)))
    made = spec(action=action)
    assert PolicySpec.model_validate_json(made.model_dump_json()) == made


def test_normalisation_of_data_and_back() -> None:
    values = np.random.default_rng(0).normal([3, -5, 2], [1, 20, 0], size=(100, 3))
    found = Normalisation.of(values)
    scaled = found.apply(values)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(scaled.std(0), [1, 1, 0], atol=1e-9)
    np.testing.assert_allclose(found.undo(scaled), values)
