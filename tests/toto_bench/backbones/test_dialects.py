"""Every family's published layout, written with a small random model, loads back; what does not belong is refused."""

import argparse

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torchvision.models.resnet import Bottleneck

from toto_bench.backbones.dialects import DIALECTS
from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.load import build_backbone
from toto_bench.backbones.toto.tokenizers import TOKENIZERS, tokenizer_weights
from toto_bench.backbones.weights import load_weights, state_hash
from toto_bench.cards import backbone_cards

TIMM = "toto_bench.backbones.timm:build"
CARDS = {name: card for name, card in backbone_cards().items() if card.entry == TIMM and card.weights}


def _prefixed(state, prefix):
    return {f"{prefix}{key}": tensor for key, tensor in state.items()}


def _zeros(state):
    return {key: torch.zeros_like(tensor) for key, tensor in state.items()}


def _renamed(state, *pairs):
    """Keys with each of the strings replaced by its other name, in order."""
    renamed = {}
    for key, tensor in state.items():
        for ours, theirs in pairs:
            key = key.replace(ours, theirs)  # noqa: PLW2901
        renamed[key] = tensor
    return renamed


def _mae(state):
    decoder = {"mask_token": torch.zeros(1, 1, 8), "decoder_embed.weight": torch.zeros(8, 96)}
    return {"model": state | decoder, "args": argparse.Namespace(lr=1e-3), "epoch": 800}


def _dinov2(state):
    """dinov2/models/vision_transformer.py: a mask token; the giant's gated MLP calls its halves w12 and w3."""
    gated = state["blocks.0.mlp.fc1.weight"].shape[0] != state["blocks.0.mlp.fc2.weight"].shape[1]
    names = [(".mlp.fc1.", ".mlp.w12."), (".mlp.fc2.", ".mlp.w3.")] if gated else []
    return _renamed(state, *names) | {"mask_token": torch.zeros(1, 96)}


def _ijepa(state):
    """ijepa/src/train.py: both encoders and the predictor, each under `module.`, and the optimiser's state."""
    return {
        "encoder": _prefixed(_zeros(state), "module."),
        "predictor": {
            "module.mask_token": torch.zeros(1, 1, 8),
            "module.predictor_embed.weight": torch.zeros(8, 96),
        },
        "opt": {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 1e-3, "params": [0]}]},
        "scaler": {"scale": 65536.0},
        "target_encoder": _prefixed(state, "module."),
        "epoch": 300,
        "loss": 0.1,
    }


def _openclip(state):
    """open_clip: the image tower under `visual.`, with CLIP's names, beside the text tower and the temperature."""
    names = [
        ("patch_embed.proj", "conv1"),
        ("norm_pre", "ln_pre"),
        ("blocks.", "transformer.resblocks."),
        (".norm1", ".ln_1"),
        (".norm2", ".ln_2"),
        (".attn.qkv.", ".attn.in_proj_"),
        (".attn.proj.", ".attn.out_proj."),
        (".mlp.fc1", ".mlp.c_fc"),
        (".mlp.fc2", ".mlp.c_proj"),
    ]
    tower = _renamed(state, *names)
    tower["class_embedding"] = tower.pop("cls_token")[0, 0]
    tower["positional_embedding"] = tower.pop("pos_embed")[0]
    tower["ln_post.weight"], tower["ln_post.bias"] = tower.pop("norm.weight"), tower.pop("norm.bias")
    tower["proj"] = torch.zeros(96, 40)
    text = {
        "positional_embedding": torch.zeros(77, 40),
        "token_embedding.weight": torch.zeros(9, 40),
        "transformer.resblocks.0.ln_1.weight": torch.ones(40),
        "ln_final.weight": torch.ones(40),
        "text_projection": torch.zeros(40, 40),
        "logit_scale": torch.tensor(4.6),
    }
    return text | _prefixed(tower, "visual.")


def _hiera(state):
    """hiera/hiera_mae.py: the norm is called encoder_norm; fusion heads, mask token and decoder beside it."""
    rest = {
        "mask_token": torch.zeros(1, 1, 8),
        "decoder_pos_embed": torch.zeros(1, 49, 8),
        "multi_scale_fusion_heads.0.weight": torch.zeros(8, 24, 4, 4),
        "decoder_embed.weight": torch.zeros(8, 192),
        "decoder_blocks.0.norm1.weight": torch.ones(8),
        "decoder_norm.weight": torch.ones(8),
        "decoder_pred.bias": torch.zeros(3),
    }
    return {"model_state": _renamed(state, ("head.norm.", "encoder_norm.")) | rest}


def _aimv2(state):
    """Apple's file; timm's copy has the model's own keys (see below)."""
    names = [
        ("patch_embed.", "preprocessor.patchifier."),
        ("pos_embed", "preprocessor.pos_embed"),
        ("blocks.", "trunk.blocks."),
        (".norm1.", ".norm_1."),
        (".norm2.", ".norm_2."),
        (".mlp.fc1_g.", ".mlp.fc1."),
        (".mlp.fc1_x.", ".mlp.fc3."),
    ]
    official = _renamed(state, *names)
    official["trunk.post_trunk_norm.weight"] = official.pop("norm.weight")
    return official


def _moco_v3(state):
    """moco-v3/moco/builder.py: two encoders with a projector in place of the classifier, and a predictor."""
    projector = "fc." if "conv1.weight" in state else "head."
    head = {f"{projector}0.weight": torch.zeros(8, 4), f"{projector}1.running_mean": torch.zeros(8)}
    parts = _prefixed(state | head, "base_encoder.") | _prefixed(_zeros(state) | head, "momentum_encoder.")
    return {
        "epoch": 300,
        "arch": "vit_small",
        "state_dict": _prefixed(parts | {"predictor.0.weight": torch.zeros(8, 4)}, "module."),
        "optimizer": {"state": {0: {"mu": torch.zeros(2)}}, "param_groups": [{"lr": 0.3, "params": [0]}]},
        "scaler": {"scale": 65536.0},
    }


def _swav(state):
    """swav/src/resnet50.py: a projection head and prototypes beside the ResNet, all under `module.`."""
    heads = {"projection_head.0.weight": torch.zeros(8, 4), "prototypes.weight": torch.zeros(30, 8)}
    return _prefixed(state | heads, "module.")


def _simclr(state):
    """simclr-converter/convert.py: a ResNet with its classifier under `state_dict`."""
    return {"state_dict": state | {"fc.weight": torch.zeros(10, 4), "fc.bias": torch.zeros(10)}}


LAYOUTS = {
    "aimv2": _aimv2,
    "dino": lambda state: state,
    "dinov2": _dinov2,
    "efficientnet": lambda state: {
        f"net.{number}.{key.rpartition('.')[2]}": tensor for number, (key, tensor) in enumerate(state.items())
    },
    "hiera": _hiera,
    "ijepa": _ijepa,
    "mae": _mae,
    "moco-v3": _moco_v3,
    "mvp": _mae,
    "openclip": _openclip,
    "simclr": _simclr,
    "swav": _swav,
}
"""A state dict under timm's keys, as the family's authors publish it."""


@pytest.fixture
def pair(shrunk):
    """Two small models of a card with other weights: one to write, one to load into."""

    def build(name):
        card = CARDS[name] if CARDS[name].family == "efficientnet" else shrunk(name)
        return [build_backbone(card, seed=seed) for seed in (11, 0)]

    return build


@pytest.mark.parametrize("name", CARDS)
def test_published_layout_loads_back(name, pair, tmp_path):
    trained, model = pair(name)
    path = tmp_path / "weights.pth"
    torch.save(LAYOUTS[CARDS[name].family](trained.model.state_dict()), path)
    assert state_hash(model) != state_hash(trained)
    load_weights(model.model, path, dialect=CARDS[name].weights.dialect)
    assert state_hash(model) == state_hash(trained)


def _without_one(content):
    """The layout less one tensor of the backbone: the weight of a first block or stage, wherever it lies."""
    if isinstance(content, dict):
        for key in list(content):
            if isinstance(key, str) and key.endswith(
                ("blocks.0.attn.proj.weight", "layer1.0.conv2.weight", "out_proj.weight")
            ):
                if not key.startswith("decoder"):
                    del content[key]
            else:
                _without_one(content[key])
    return content


@pytest.mark.parametrize("family", sorted(set(LAYOUTS) - {"efficientnet"}))
def test_a_tensor_that_is_missing_is_named(family, pair, tmp_path):
    name = next(name for name, card in CARDS.items() if card.family == family)
    trained, model = pair(name)
    before = state_hash(model)
    path = tmp_path / "weights.pth"
    torch.save(_without_one(LAYOUTS[family](trained.model.state_dict())), path)
    with pytest.raises(
        MismatchedWeightsError, match=r"missing \(\d\): `(blocks\.0\.attn\.proj|layer1\.0\.conv2)\.weight`"
    ):
        load_weights(model.model, path, dialect=CARDS[name].weights.dialect)
    assert state_hash(model) == before


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("moco-v3-b16", "mae"),
        ("moco-v3-rn50", "swav"),
        ("swav-rn50", "moco-v3"),
        ("swav-rn50", "simclr"),
        ("simclr-rn50x2", "swav"),
        ("ijepa-h14", "mae"),
        ("mae-b16", "moco-v3"),
        ("dino-b16", "openclip"),
        ("hiera-b", "mae"),
    ],
)
def test_another_familys_layout_is_refused(name, written, pair, tmp_path):
    trained, model = pair(name)
    before = state_hash(model)
    state = trained.model.state_dict() | {"norm_pre.weight": torch.ones(96)}
    path = tmp_path / "weights.pth"
    torch.save(LAYOUTS[written](state | {"norm.weight": torch.ones(96), "norm.bias": torch.zeros(96)}), path)
    with pytest.raises(MismatchedWeightsError):
        load_weights(model.model, path, dialect=CARDS[name].weights.dialect)
    assert state_hash(model) == before


def test_fine_tuned_hiera_is_refused(pair, tmp_path):
    trained, model = pair("hiera-b")
    state = trained.model.state_dict() | {"head.projection.weight": torch.zeros(1000, 192)}
    torch.save({"model_state": state}, tmp_path / "tuned.pth")
    with pytest.raises(MismatchedWeightsError, match=r"unexpected \(1\): `head\.projection\.weight`"):
        load_weights(model.model, tmp_path / "tuned.pth", dialect="hiera")


def test_ijepa_without_a_target_encoder_is_refused(pair, tmp_path):
    trained, model = pair("ijepa-h14")
    torch.save({"encoder": _prefixed(trained.model.state_dict(), "module.")}, tmp_path / "half.pth")
    with pytest.raises(MismatchedWeightsError, match="tensors alone, but this one holds `encoder`"):
        load_weights(model.model, tmp_path / "half.pth", dialect="ijepa")
    load_weights(model.model, tmp_path / "half.pth", dialect="timm")  # what timm itself reads
    assert state_hash(model) == state_hash(trained)


def test_timms_copy_of_aimv2_loads_too(pair, tmp_path):
    trained, model = pair("aimv2-l14")
    save_file(trained.model.state_dict(), tmp_path / "model.safetensors")
    load_weights(model.model, tmp_path / "model.safetensors", dialect="timm")
    assert state_hash(model) == state_hash(trained)


def test_a_torchvision_resnet_gives_its_own_features(pair, tmp_path):
    """SwAV and MoCo v3 trained torchvision's ResNet: names, strides and padding have to be the same."""
    _, model = pair("swav-rn50")
    theirs = torchvision.models.ResNet(Bottleneck, [1, 1, 1, 1]).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    torch.save({"state_dict": theirs.state_dict()}, tmp_path / "resnet.pth")
    load_weights(model.model, tmp_path / "resnet.pth", dialect="simclr")
    images = torch.rand(2, 3, 50, 70)
    stem = theirs.maxpool(theirs.relu(theirs.bn1(theirs.conv1(images))))
    expected = theirs.layer4(theirs.layer3(theirs.layer2(theirs.layer1(stem))))
    found = model.forward_layers(images[None], [5])[0].patches[0]
    torch.testing.assert_close(found, expected.permute(0, 2, 3, 1))


def test_every_dialect_is_used_by_a_card_or_a_tokenizer_or_known_to_timm_names():
    used = {card.weights.dialect for card in backbone_cards().values() if card.weights}
    used |= {weights.dialect for name in TOKENIZERS for weights in tokenizer_weights(name)}
    assert set(DIALECTS) - used <= {"same", "timm"}
