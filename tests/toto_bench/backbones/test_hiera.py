"""Hiera on video: stages of clips, the official layout, and the package's own models."""

import subprocess
import sys

import hiera
import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.weights import load_weights, state_hash
from toto_bench.cards import CardError, find_backbone
from toto_bench.errors import RequestError

TINY = {"input_size": [4, 64, 64], "embed_dim": 8, "num_heads": 1, "stages": [1, 2, 1, 1]}
CARDS = {"hiera-b-video": "base", "hiera-l-video": "large", "hiera-h-video": "huge"}


def _tiny(*, seed=0, image_size=None, **arguments):
    card = find_backbone("hiera-h-video")
    arguments = card.architecture.arguments | TINY | arguments
    architecture = card.architecture.model_copy(update={"arguments": arguments})
    return build_backbone(
        card.model_copy(update={"architecture": architecture}), seed=seed, image_size=image_size
    )


@pytest.fixture
def small():
    return _tiny()


@pytest.fixture
def video():
    return torch.rand(2, 4, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def without_storage(monkeypatch):
    """Full-size models on the meta device; the package reads numbers from `linspace`, which has to have some."""
    linspace = torch.linspace
    monkeypatch.setattr(torch, "linspace", lambda *args: linspace(*args, device="cpu"))
    with torch.device("meta"):
        yield


def test_layers_are_the_packages_intermediates(small, video):
    inputs = small.prepare(video)
    tokens = small.model.get_pos_embed()
    assert tokens.shape == (1, 2 * 16 * 16, 8)
    with torch.no_grad():
        _, theirs = small.model.forward(inputs.transpose(1, 2), return_intermediates=True)
        found = small.forward_layers(inputs, [1, 2, 3, 4])
    for ours, expected, layer in zip(found, theirs, small.info.layers, strict=True):
        assert torch.equal(ours.patches, expected)
        assert ours.prefix is None
        assert ours.patches.shape == (
            2,
            4 // layer.tubelet,
            64 // layer.stride,
            64 // layer.stride,
            layer.dim,
        )


def test_strides_and_tubelets_are_those_of_the_stages(small):
    assert [tuple(layer) for layer in small.info.layers] == [(8, 4, 2), (16, 8, 2), (32, 16, 2), (64, 32, 2)]
    assert small.info.frames == 4
    assert small.info.image_size == (64, 64)


@pytest.mark.parametrize(
    ("layers", "run"), [([4], [1, 2, 3, 4, 5]), ([2, 1], [1, 2, 3]), ([1], [1]), ([], [])]
)
def test_blocks_after_the_deepest_stage_do_not_run(layers, run, small, video):
    called: list[int] = []
    for number, block in enumerate(small.model.blocks, start=1):
        block.register_forward_hook(lambda *_, number=number: called.append(number))
    small.forward_layers(small.prepare(video), layers)
    assert called == run


def test_order_and_repetition_follow_the_request(small, video):
    inputs = small.prepare(video)
    one, four = small.forward_layers(inputs, [1, 4])
    for found, expected in zip(small.forward_layers(inputs, [4, 1, 4]), [four, one, four], strict=True):
        assert torch.equal(found.patches, expected.patches)


def test_maps_are_in_the_order_of_the_picture(video):
    small = _tiny()
    with torch.no_grad():
        for parameter in small.parameters():
            parameter.mul_(0.1)
    other = video.clone()
    other[:, :2, :, :8, 56:] = 0
    one, two = (small.forward_layers(small.prepare(each), [1])[0].patches for each in (video, other))
    change = (one - two).abs().sum(-1)[0]
    time, row, column = (int(index) for index in (change == change.max()).nonzero()[0])
    assert time == 0
    assert row in {0, 1}
    assert column in {14, 15}


def test_gradients_and_layers_of_parameters(small, video):
    small.forward_layers(small.prepare(video), [4])[0].patches.square().sum().backward()
    touched = {small.layer_of(name) for name, p in small.named_parameters() if p.grad is not None}
    assert touched == {0, 1, 2, 3, 4}
    assert small.layer_of("model.pos_embed_spatial") == 0
    assert small.layer_of("model.blocks.0.norm1.bias") == 1
    assert small.layer_of("model.blocks.2.norm1.bias") == 2
    assert small.layer_of("model.norm.bias") == 4
    with pytest.raises(UnsupportedInputError, match="no parameter `blocks"):
        small.layer_of("blocks.0")


def test_other_lengths_sizes_and_layers_are_refused(small, video):
    with pytest.raises(UnsupportedInputError, match="clips of 4 frames, not of 3"):
        small.forward_layers(video[:, :3], [1])
    with pytest.raises(UnsupportedInputError, match="64x64 pixels, not 32x32"):
        small.prepare(video[..., :32, :32])
    with pytest.raises(UnsupportedInputError, match="layers 1 to 4, not 0"):
        small.forward_layers(video, [0])
    with pytest.raises(UnsupportedInputError, match="64x64 only, where its positions were learnt"):
        _tiny(image_size=(32, 32))
    assert _tiny(image_size=(64, 64)).info.image_size == (64, 64)


def _official(path, seed=7):
    """A random MAE in the layout of the released files, and its encoder's tensors."""
    torch.manual_seed(seed)
    arguments = find_backbone("hiera-h-video").architecture.arguments | TINY
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    model = hiera.hiera_mae.MaskedAutoencoderHiera(
        **arguments, decoder_embed_dim=16, decoder_depth=1, decoder_num_heads=2
    )
    torch.save({"model_state": model.state_dict(), "epoch": 800}, path)
    return model


def test_the_official_layout_loads_back(small, tmp_path):
    model = _official(tmp_path / "mae.pth")
    load_weights(small.checkpointed(), tmp_path / "mae.pth", dialect="hiera")
    theirs = model.state_dict()
    for key, tensor in small.checkpointed().state_dict().items():
        assert torch.equal(
            tensor, theirs[key.replace("norm.", "encoder_norm.") if key.startswith("norm.") else key]
        )


def test_a_file_that_lacks_a_tensor_is_refused(small, tmp_path):
    state = _official(tmp_path / "mae.pth").state_dict()
    del state["blocks.1.mlp.fc1.bias"]
    torch.save({"model_state": state}, tmp_path / "mae.pth")
    with pytest.raises(MismatchedWeightsError, match=r"missing \(1\): `blocks.1.mlp.fc1.bias`"):
        load_weights(small.checkpointed(), tmp_path / "mae.pth", dialect="hiera")


def test_building_is_seeded_and_leaves_the_global_state_alone():
    before = torch.get_rng_state()
    one, again, other = (state_hash(_tiny(seed=seed).checkpointed()) for seed in (3, 3, 4))
    assert torch.equal(before, torch.get_rng_state())
    assert one == again != other


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_the_packages_models(name, without_storage):
    card = find_backbone(name)
    backbone = build_backbone(card)
    published = getattr(hiera, f"mae_hiera_{CARDS[name]}_16x224")
    theirs = published().state_dict()
    ours = backbone.checkpointed().state_dict()
    shapes = {key: theirs[f"encoder_{key}" if key.startswith("norm.") else key].shape for key in ours}
    assert {key: tensor.shape for key, tensor in ours.items()} == shapes
    assert round(backbone.info.parameters / 1e6, 1) == card.architecture.parameters_m
    assert card.weights.url == published.checkpoints["mae_k400"]
    assert card.weights.megabytes == round(sum(tensor.numel() for tensor in theirs.values()) * 4 / 1e6)
    assert [layer.stride for layer in backbone.info.layers] == [4, 8, 16, 32]
    assert {layer.tubelet for layer in backbone.info.layers} == {2}
    assert (backbone.info.frames, backbone.info.image_size) == (16, (224, 224))


def test_a_card_is_built_in_a_fresh_process():
    """Nothing has imported parts of the package before."""
    code = (
        "from toto_bench.backbones.load import load_backbone\n"
        "print(load_backbone('hiera-b-video', random_init=True).info.depth)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "4\n"), done.stderr


def test_wrong_arguments_are_named():
    with pytest.raises(CardError, match=r"refuses the card's arguments: .*haeds"):
        _tiny(haeds=3)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("toto_bench.backbones.status.installed", lambda module: module != "hiera")
    with pytest.raises(RequestError, match=r"pip install 'toto-bench\[hiera\]'"):
        load_backbone("hiera-b-video", random_init=True)
