"""The facts of each card that shapes do not tell, in facts.txt, are those of the model that is built."""

from pathlib import Path

import pytest
from torch import nn

from toto_bench.backbones.base import IMAGENET, Statistics
from toto_bench.backbones.timm.positions import DinoVisionTransformer
from toto_bench.cards import backbone_cards

CARDS = {name: card for name, card in backbone_cards().items() if card.runnable}
TABLE = Path(__file__).with_name("facts.txt").read_text(encoding="utf-8").splitlines()
COLUMNS = next(line for line in TABLE if line.startswith("# card")).split()[2:]
FACTS = {
    card: dict(zip(COLUMNS, facts, strict=True))
    for card, *facts in (line.split() for line in TABLE if line and not line.startswith("#"))
}

STATISTICS = {
    "-": None,
    "imagenet": IMAGENET,
    "half": Statistics((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "raw": Statistics((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "clip": Statistics((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    # SwAV's code divides red by 0.228, in training and in its linear evaluation.
    "swav": Statistics((0.485, 0.456, 0.406), (0.228, 0.224, 0.225)),
}
"""By the name that the table has for them."""

ACTIVATIONS = {
    "GELU": "gelu",
    "GELUActivation": "gelu",
    "QuickGELUActivation": "quick_gelu",
    "SiLU": "silu",
    "SiLUActivation": "silu",
    "ReLU": "relu",
    "ReLU6": "relu6",
}
"""What the table calls a module, by its class; other modules are no activations."""


def test_table_has_a_line_for_each_runnable_card_and_no_other():
    assert sorted(FACTS) == sorted(CARDS), "give the card a line in facts.txt, from its authors' code"


@pytest.mark.parametrize("name", CARDS)
def test_built_model_has_the_facts_of_the_table(name, laid_out):
    backbone = laid_out(name)
    expected = dict(FACTS[name])
    assert backbone.info.statistics == STATISTICS[expected.pop("statistics")]
    assert getattr(backbone, "statistics", backbone.info.statistics) == backbone.info.statistics
    assert _facts(backbone) == expected


def _facts(backbone):
    """The columns of the table, but for the statistics, as the modules of a built model have them."""
    info, model = backbone.info, backbone.checkpointed()
    modules = list(model.modules())
    convolutions = [module for module in modules if isinstance(module, nn.Conv2d | nn.Conv3d)]
    return {
        "heads": _listed(_heads(module) for module in modules),
        "prefix": _listed(info.prefix),
        "eps": _listed(_number(module.eps) for module in modules if hasattr(module, "eps")),
        "activation": _listed(_activation(module) for module in modules),
        "kernel": _sides(convolutions[0].kernel_size) if convolutions else "-",
        "step": _sides(convolutions[0].stride) if convolutions else "-",
        "stride": str(info.layers[0].stride),
        "frames": str(info.layers[0].tubelet),
        "positions": "dino" if isinstance(model, DinoVisionTransformer) else "-",
        "size": str(info.native_size or "-"),
        "layers": str(info.depth),
    }


def _heads(module):
    names = ("num_heads", "num_attention_heads", "heads")
    return next(
        (str(getattr(module, name)) for name in names if isinstance(getattr(module, name, None), int)), None
    )


def _activation(module):
    name = ACTIVATIONS.get(type(module).__name__)
    return f"{name}_tanh" if getattr(module, "approximate", "none") == "tanh" else name


def _number(value):
    mantissa, _, exponent = f"{value:e}".partition("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def _sides(sides):
    return "x".join(str(side) for side in sides)


def _listed(values):
    """All values that appear, each once; "-" for none."""
    return ",".join(dict.fromkeys(value for value in values if value is not None)) or "-"
