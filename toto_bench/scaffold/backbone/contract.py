"""`sample-name` keeps what every backbone promises. Run it with `python -m pytest sample_plugins`."""

from pathlib import Path

import torch
from safetensors.torch import save_file

import toto_bench
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.testing import check_backbone

add_plugin_folder(Path(__file__).parents[1])


def test_keeps_the_contract() -> None:
    """Shapes, layers, prefix, gradients, seeds."""
    check_backbone(toto_bench.load_backbone("sample-name", random_init=True))


def test_weights_come_back(tmp_path: Path) -> None:
    """What was saved is what is loaded: the same features, and no longer a floor."""
    trained = toto_bench.load_backbone("sample-name", random_init=True, seed=1)
    save_file(trained.checkpointed().state_dict(), tmp_path / "weights.safetensors")
    loaded = toto_bench.load_backbone("sample-name", checkpoint=tmp_path / "weights.safetensors")
    video = trained.prepare(torch.rand(1, 2, 3, 64, 64))
    with torch.inference_mode():
        [ours], [theirs] = (backbone.forward_layers(video, [1]) for backbone in (trained, loaded))
    assert torch.equal(ours.patches, theirs.patches)
    assert not loaded.info.floor
