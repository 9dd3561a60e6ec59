"""The protocols of both tasks: their cards fit them, and values that contradict each other are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from toto_bench.cards import find_task
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.recognition.protocol import RecognitionProtocol

MODELS: dict[str, type[RecognitionProtocol]] = {"imagenet": ImagenetProtocol, "kinetics400": KineticsProtocol}


def build(task: str, preset: str = "paper", **changes: Any) -> RecognitionProtocol:
    """A preset of the card, with changes."""
    return MODELS[task](**find_task(task).values(preset) | changes)


@pytest.mark.parametrize("task", MODELS)
def test_card_and_model_name_the_same_values(task: str) -> None:
    """Both ways, and every preset is allowed."""
    card = find_task(task)
    assert set(card.protocol) == set(MODELS[task].model_fields)
    for preset in card.presets:
        build(task, preset)


@pytest.mark.parametrize("task", MODELS)
def test_every_value_says_what_it_is(task: str) -> None:
    """In the docstring below it."""
    assert not [
        name for name, field in MODELS[task].model_fields.items() if not (field.description or "").strip()
    ]


@pytest.mark.parametrize("task", MODELS)
def test_the_sample_and_quick_presets_keep_features(task: str) -> None:
    """The published default streams."""
    assert build(task).views == "stream"
    for preset in ("sample", "quick"):
        assert isinstance(build(task, preset).views, int)


@pytest.mark.parametrize("task", MODELS)
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"views": 4}, "adaptation = frozen"),
        ({"adaptation": "none"}, "stop_gradient"),
        ({"adaptation": "fine-tune"}, "stop_gradient"),
        ({"stop_gradient": False}, "adaptation = none"),
        ({"warmup_epochs": 90}, "warmup_epochs"),
        ({"views": 0}, "views"),
        ({"lr_factors": []}, "lr_factors"),
        ({"held_out": 0.0}, "held_out"),
        ({"resolution": 8}, "resolution"),
        ({"betas": [0.9, 1.0]}, "betas"),
        ({"lr": float("nan")}, "lr"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_is_refused(task: str, changes: dict[str, Any], words: str) -> None:
    """The message names the value."""
    with pytest.raises(ValidationError, match=words):
        build(task, **changes)


@pytest.mark.parametrize(
    ("task", "changes", "words"),
    [
        ("imagenet", {"eval_resize": 200}, "eval_resize"),
        ("imagenet", {"train_crop_scale": [1.0, 0.08]}, "train_crop_scale"),
        ("imagenet", {"probe": "attention-mlp"}, "probe"),
        ("kinetics400", {"train_short_side": [120, 183]}, "train_short_side"),
        ("kinetics400", {"train_short_side": [183, 146]}, "train_short_side"),
        ("kinetics400", {"crops": 2}, "crops"),
        ("kinetics400", {"probe": "attention-mlp"}, "probe_mlp_ratio"),
        ("kinetics400", {"probe_mlp_ratio": 4.0}, "attention-mlp"),
        ("kinetics400", {"probe": "attention-mlp", "probe_mlp_ratio": 4.0}, "probe_batch_norm = false"),
    ],
)
def test_sizes_agree(task: str, changes: dict[str, Any], words: str) -> None:
    """Of each task."""
    with pytest.raises(ValidationError, match=words):
        build(task, **changes)


@pytest.mark.parametrize("task", MODELS)
def test_both_losses_may_train_the_backbone(task: str) -> None:
    """The classification loss reaches it then, as in full fine-tuning."""
    protocol = build(task, adaptation="fine-tune", stop_gradient=False, layers="last")
    assert protocol.tunes
    assert not build(task).tunes
