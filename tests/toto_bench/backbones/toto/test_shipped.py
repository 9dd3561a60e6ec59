"""The small Toto that comes with toto-bench."""

import json
import math

import pytest
import torch
from safetensors import safe_open

from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.names import backbone_card
from toto_bench.files import sha256_of
from toto_bench.paths import shipped
from toto_bench.pretraining.recipe import load_recipe

FOLDER = shipped("backbones") / "toto-nano"


@pytest.fixture(scope="module")
def nano():
    return load_backbone("toto-nano")


def test_files_are_small_halves_and_what_the_card_says():
    files = [FOLDER / "model.safetensors", FOLDER / "tokenizer.safetensors"]
    assert sum(file.stat().st_size for file in files) < 12e6
    assert files[1].stat().st_size < 3e6
    card = backbone_card("toto-nano")
    assert card.weights.sha256 == sha256_of(files[0])
    for file in files:
        with safe_open(file, "pt") as content:
            assert {content.get_slice(key).get_dtype() for key in content.keys()} == {"F16"}  # noqa: SIM118


def test_every_parameter_is_filled(nano):
    untrained = load_backbone("toto-nano", random_init=True)
    own, random = nano.model.state_dict(), untrained.model.state_dict()
    assert own.keys() == random.keys()
    assert not [name for name in own if torch.equal(own[name], random[name])]
    assert nano.tokenizer.identity == untrained.tokenizer.identity
    assert 4e6 < nano.info.parameters < 6e6


def test_it_predicts_better_than_chance(nano):
    """On noise-free colours, which the simulated world is full of: far below log(1000) nats."""
    ramp = torch.linspace(0.2, 0.8, 128)
    frame = torch.stack([ramp.expand(128, 128), ramp.expand(128, 128).T, torch.full((128, 128), 0.4)])
    with torch.no_grad():
        loss, _ = nano.forward_with_loss(nano.prepare(frame[None, None]), [1])
    assert float(loss) < 0.8 * math.log(1000)


def test_lineage_names_recipe_and_data(nano):
    lineage = json.loads((FOLDER / "pretraining.json").read_text())
    recipe = load_recipe("toto-nano").model_dump(mode="json")
    assert lineage["recipe"] == json.loads(json.dumps(recipe))
    assert lineage["families"] == list(backbone_card("toto-nano").pretraining.data) == ["toto-bench-sample"]
    assert lineage["tokenizers"][0] == nano.tokenizer.identity
    assert lineage["command"].startswith("toto-bench pretrain toto-nano --data world/video ")
    assert lineage["config"] == nano.config.model_dump(mode="json")
