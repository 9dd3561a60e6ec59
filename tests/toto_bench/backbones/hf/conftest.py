"""Tiny random models of every class, and folders of weights as their authors write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from toto_bench.backbones.load import build_backbone
from toto_bench.backbones.names import backbone_card
from toto_bench.cards import BackboneCard

THIN: dict[str, Any] = {
    "num_hidden_layers": 2,
    "hidden_size": 48,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
TINY: dict[str, dict[str, Any]] = {
    "VideoMAEModel": {**THIN, "image_size": 32, "num_frames": 4, "use_mean_pooling": False},
    "VJEPA2Model": {
        **THIN,
        "mlp_ratio": 2.0,
        "crop_size": 32,
        "pred_hidden_size": 16,
        "pred_num_attention_heads": 2,
        "pred_num_hidden_layers": 1,
    },
    "ImageGPTModel": {**THIN, "n_inner": 64, "n_positions": 64, "vocab_size": 17},
    "BeitModel": {
        **THIN,
        "image_size": 32,
        "use_mask_token": True,
        "use_mean_pooling": False,
        "use_shared_relative_position_bias": True,
    },
    "IJepaModel": {**THIN, "image_size": 32},
    "Dinov2Model": {**THIN, "mlp_ratio": 2, "image_size": 32, "patch_size": 16},
    "Dinov2WithRegistersModel": {**THIN, "mlp_ratio": 2, "image_size": 32},
    "ViTModel": {**THIN, "image_size": 32},
    "DeiTModel": {**THIN, "image_size": 32},
    "ViTMSNModel": {**THIN, "image_size": 32},
}
"""Two thin blocks each, by class."""
_ELSEWHERE = {
    "VJEPA2Model": ("intermediate_size",),
    "ImageGPTModel": ("intermediate_size",),
    "Dinov2Model": ("intermediate_size",),
    "Dinov2WithRegistersModel": ("intermediate_size",),
}
"""Values that a class calls otherwise."""
_HEADS = {
    "VideoMAEModel": "VideoMAEForPreTraining",
    "BeitModel": "BeitForMaskedImageModeling",
    "ImageGPTModel": "ImageGPTForCausalImageModeling",
    "VJEPA2Model": "VJEPA2Model",
    "Dinov2Model": "Dinov2ForImageClassification",
    "ViTModel": "ViTForImageClassification",
}
"""The class that official files were written from."""


def tiny_arguments(model: str) -> dict[str, Any]:
    left_out = _ELSEWHERE.get(model, ())
    return {key: value for key, value in TINY[model].items() if key not in left_out}


def shrunk(card: BackboneCard) -> BackboneCard:
    arguments = card.architecture.arguments | tiny_arguments(card.architecture.model)
    architecture = card.architecture.model_copy(update={"arguments": arguments, "layers": 2})
    return card.model_copy(update={"architecture": architecture})


@pytest.fixture
def tiny():
    """Builds a tiny backbone of a class, with other configuration values if wanted."""

    def make(model: str, *, seed: int = 0, image_size=None, **values):
        card = shrunk(backbone_card(f"hf:{model}"))
        arguments = card.architecture.arguments | values
        layers = arguments["num_hidden_layers"]
        architecture = card.architecture.model_copy(update={"arguments": arguments, "layers": layers})
        return build_backbone(
            card.model_copy(update={"architecture": architecture}), seed=seed, image_size=image_size
        )

    return make


@pytest.fixture
def clip():
    """Frames that a tiny backbone reads: [2, 4, 3, H, W]."""

    def make(backbone, side: int | None = None) -> torch.Tensor:
        side = side or (backbone.info.image_size or (32, 32))[0]
        return torch.rand(2, 4, 3, side, side, generator=torch.Generator().manual_seed(1))

    return make


@pytest.fixture
def write_default() -> Callable[..., Any]:
    """Writes a folder as `save_pretrained` of a class itself does; gives the model."""

    def write(folder: Path, model: str, **values: Any) -> Any:
        kind = getattr(transformers, model)
        torch.manual_seed(5)
        written = kind(kind.config_class(**(tiny_arguments(model) | values)))
        for parameter in written.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        written.save_pretrained(folder)
        return written

    return write


@pytest.fixture
def write_official() -> Callable[..., Any]:
    """Writes a folder as the authors of a class do, head and decoder included; gives the model with its head."""

    def write(folder: Path, model: str, **values: Any) -> Any:
        head = getattr(transformers, _HEADS[model])
        arguments = tiny_arguments(model) | values
        if model == "BeitModel":
            arguments |= {"use_mean_pooling": True}  # as in the repository, where only the head has a norm
        if model == "VideoMAEModel":
            arguments |= {
                "decoder_num_hidden_layers": 1,
                "decoder_hidden_size": 16,
                "decoder_num_attention_heads": 2,
            }
        torch.manual_seed(5)
        written = head(head.config_class(**arguments)).eval()
        for parameter in written.parameters():
            torch.nn.init.normal_(parameter, std=0.1)  # norms and biases too: nothing equals its default
        written.save_pretrained(folder)
        preprocessor: dict[str, Any] = {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.5, 0.6, 0.7]}
        if model == "ImageGPTModel":
            preprocessor["clusters"] = (torch.rand(arguments["vocab_size"] - 1, 3) * 2 - 1).tolist()
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
        return written

    return write
