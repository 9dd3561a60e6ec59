"""What a plan fills in."""

from types import SimpleNamespace

import pytest

from toto_bench.backbones.load import load_backbone
from toto_bench.runner.plan import Plan
from toto_bench.runner.request import RunRequest


@pytest.mark.parametrize(
    ("backbone", "device", "asked", "expected"),
    [
        ("toto-nano", "cpu", "auto", "float32"),
        ("toto-nano", "cuda:1", "auto", "bfloat16"),
        ("toto-nano", "cuda:1", "float32", "float32"),
        ("pixels", "cuda", "auto", "float32"),
        ("pixels", "cpu", "bfloat16", "bfloat16"),
    ],
)
def test_number_type(backbone, device, asked, expected):
    model = load_backbone(backbone, random_init=backbone != "pixels")
    plan = SimpleNamespace(request=RunRequest("davis", backbone, dtype=asked), backbone=model, device=device)
    assert Plan.dtype.fget(plan) == expected
