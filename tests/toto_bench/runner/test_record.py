"""What a record says of the data that weights have seen."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from safetensors.torch import save_file

from toto_bench.backbones.base import BackboneInfo, LayerInfo
from toto_bench.backbones.load import load_backbone
from toto_bench.cards import backbone_cards
from toto_bench.runner import record
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest

FAST = {"resolution": 64, "resize": "square", "context_frames": 2, "top_k": 3, "radius": 4}
Seen = Callable[[str, str], tuple[str, ...]]


@pytest.fixture
def seen() -> Seen:
    """Data in the record of a backbone of this name, with weights from there."""

    def of(name: str, checkpoint: str) -> tuple[str, ...]:
        info = BackboneInfo(name, (LayerInfo(4, 8, 1),), 1, "a", "sha256:0", checkpoint=checkpoint)
        return record._backbone(SimpleNamespace(backbone=SimpleNamespace(info=info))).pretraining  # type: ignore[arg-type]

    return of


def test_the_cards_weights_have_seen_the_cards_data(seen: Seen) -> None:
    """Whether the card is shipped, or made from what timm says."""
    assert seen("mae-b16", "card") == ("imagenet-1k",)
    assert seen("timm:convnext_tiny.fb_in22k_ft_in1k", "card") == ("imagenet-21k", "imagenet-1k")


@pytest.mark.parametrize("name", ["mae-b16", "timm:convnext_tiny.fb_in22k_ft_in1k"])
@pytest.mark.parametrize("checkpoint", ["file:mine.pth", "random", "code"])
def test_other_weights_do_not_inherit_it(seen: Seen, name: str, checkpoint: str) -> None:
    """A file of one's own may have seen anything, and untrained weights have seen nothing."""
    assert seen(name, checkpoint) == ()


def test_weights_that_the_code_brings_are_the_cards(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the card says that they come with the code."""
    card = backbone_cards()["mae-b16"]
    assert card.weights is not None
    brings = card.model_copy(update={"weights": card.weights.model_copy(update={"in_code": True})})
    monkeypatch.setattr(record, "backbone_cards", lambda: {"mae-b16": brings})
    assert seen("mae-b16", "code") == ("imagenet-1k",)


def test_a_run_with_a_file_of_ones_own_says_nothing_of_data(
    make_davis: Callable[..., Path], tmp_path: Path
) -> None:
    """And names the file."""
    model = load_backbone("timm:test_efficientnet.r160_in1k", random_init=True).checkpointed()
    save_file(model.state_dict(), tmp_path / "mine.safetensors")
    request = RunRequest(
        "davis",
        "timm:test_efficientnet.r160_in1k",
        str(make_davis()),
        out=tmp_path,
        values=FAST,
        checkpoint=tmp_path / "mine.safetensors",
    )
    found = run(request).record.backbone
    assert (found.checkpoint, found.pretraining) == ("file:mine.safetensors", ())
