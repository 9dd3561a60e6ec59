"""Toto behind the backbone interface: the contract, ids, sequences, sizes, tokenizers, parameters."""

import re
from dataclasses import replace

import pytest
import torch

from toto_bench.backbones.base import LoadsItself, SelfSupervised, UnsupportedInputError
from toto_bench.backbones.toto.checkpoints import write_checkpoint
from toto_bench.backbones.toto.tokenizers.patches import NormalisedPatches
from toto_bench.testing import check_backbone

IDS = torch.randint(0, 60, (2, 3, 2, 3), dtype=torch.int32, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("style", ["llama", "gpt2", "mamba"])
def test_small_one_keeps_the_contract(style, make_toto):
    if style == "mamba":
        pytest.importorskip("transformers")
    check_backbone(make_toto(style))


def test_it_is_what_tasks_look_for(make_toto):
    toto = make_toto()
    assert isinstance(toto, SelfSupervised)
    assert isinstance(toto, LoadsItself)


def test_frames_become_codes_each_alone(make_toto, video):
    toto = make_toto()
    ids = toto.prepare(video)
    assert (ids.shape, ids.dtype) == ((2, 3, 2, 3), torch.int32)
    assert torch.equal(ids[:, 1:2], toto.prepare(video[:, 1:2]))
    assert ids.unique().numel() > 5


def test_frames_become_patches(make_toto):
    toto = make_toto(tokenizer="patches", vocabulary=0, patch=16)
    patches = toto.prepare(torch.rand(2, 3, 3, 32, 48))
    assert (patches.shape, patches.dtype) == ((2, 3, 2, 3, 768), torch.float32)
    assert toto.forward_layers(patches, [2])[0].patches.shape == (2, 3, 2, 3, 32)


@pytest.mark.parametrize(("frames", "start"), [(1, "image_start"), (2, "video_start"), (3, "video_start")])
def test_sequence_is_a_start_token_and_all_frames(frames, start, make_toto):
    toto = make_toto()
    ids = IDS[:, :frames]
    sequence = torch.cat([torch.full((2, 1), getattr(toto.config, start)), ids.flatten(1).long() + 4], dim=1)
    with torch.no_grad():
        found = toto.forward_layers(ids, [0, 3, 4])
        *states, last = toto.model(toto.model.embed_ids(sequence), [0, 3, 4])
        expected = [*states, toto.model.norm(last)]
    for tokens, state in zip(found, expected, strict=True):
        assert torch.equal(tokens.patches.flatten(1, 3), state[:, 1:])
        assert tokens.prefix is None


def test_final_norm_follows_the_rule(make_toto):
    toto = make_toto()
    with torch.no_grad():
        by_rule = {norm: toto.forward_layers(IDS, [2, 4], norm=norm) for norm in ("last", "none", "all")}
    normed = [toto.model.norm(tokens.patches) for tokens in by_rule["none"]]
    for index, rules in ((0, {"last": False, "all": True}), (1, {"last": True, "all": True})):
        for rule, passes in rules.items():
            expected = normed[index] if passes else by_rule["none"][index].patches
            torch.testing.assert_close(by_rule[rule][index].patches, expected)


def test_a_frame_sees_those_before_it_alone(make_toto):
    toto = make_toto()
    changed = IDS.clone()
    changed[:, 1] = (changed[:, 1] + 7) % 60
    with torch.no_grad():
        before, after = (toto.forward_layers(ids, [4])[0].patches for ids in (IDS, changed))
    assert torch.equal(before[:, 0], after[:, 0])
    assert not torch.allclose(before[:, 2], after[:, 2], atol=1e-6)


@pytest.mark.parametrize(
    ("frames", "height", "width"), [(1, 16, 16), (16, 16, 16), (32, 16, 16), (1, 5, 9), (3, 1, 1)]
)
def test_clips_and_sizes_of_up_to_8193_tokens_are_read(frames, height, width, make_toto):
    toto = make_toto(depth=2)
    ids = torch.randint(0, 60, (1, frames, height, width))
    with torch.inference_mode():
        [tokens] = toto.forward_layers(ids, [2])
    assert tokens.patches.shape == (1, frames, height, width, 32)
    assert tokens.patches.isfinite().all()


def test_each_frame_of_a_long_clip_is_as_in_a_shorter_one(make_toto):
    toto = make_toto(depth=2)
    ids = torch.randint(0, 60, (1, 9, 16, 16))
    with torch.inference_mode():
        whole, prefix = (toto.forward_layers(clip, [2])[0].patches for clip in (ids, ids[:, :4]))
    torch.testing.assert_close(whole[:, :4], prefix, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        (torch.zeros(1, 2, 2, 2), "float32"),
        (torch.zeros(1, 2, 2, dtype=torch.int32), r"\[1, 2, 2\]"),
        (torch.zeros(1, 0, 2, 2, dtype=torch.int32), r"\[1, 0, 2, 2\]"),
        (torch.zeros(1, 1, 2, 2, dtype=torch.bool), "bool"),
    ],
)
def test_what_are_no_codes_is_refused(inputs, found, make_toto):
    with pytest.raises(UnsupportedInputError, match=found):
        make_toto().forward_layers(inputs, [1])


@pytest.mark.parametrize(("code", "rows"), [(-1, None), (60, None), (60, 80)])
def test_ids_outside_the_vocabulary_are_refused(code, rows, make_toto):
    """They would be read as special tokens, as padding of the embedding, or beyond it."""
    ids = IDS.clone()
    ids[1, 2, 1, 1] = code
    toto = make_toto(rows=rows)
    for read in (
        toto.forward_layers,
        toto.forward_with_loss,
        lambda ids, layers: toto.stream(layers).push(ids),
    ):
        with pytest.raises(UnsupportedInputError, match=rf"codes of 0\.\.59.*{code}"):
            read(ids, [0])
    toto.forward_layers(torch.tensor([[[[0, 59]]]]), [1])


def test_sizes_that_are_no_multiples_of_a_patch_are_refused(make_toto):
    with pytest.raises(UnsupportedInputError, match="multiples"):
        make_toto().prepare(torch.rand(1, 1, 3, 20, 24))


def test_layers_that_do_not_exist_are_refused(make_toto):
    for layer in (-1, 5):
        with pytest.raises(UnsupportedInputError, match=str(layer)):
            make_toto().forward_layers(IDS, [layer])
    assert make_toto().forward_layers(IDS, []) == []


def test_tokenizers_are_no_part_of_the_network(make_toto):
    toto = make_toto()
    toto.tokenizer.eval().register_parameter("weight", torch.nn.Parameter(torch.ones(1)))
    assert [name for name, _ in toto.named_parameters()] == [
        f"model.{name}" for name, _ in toto.model.named_parameters()
    ]
    assert toto.checkpointed() is toto.model
    assert toto.info.parameters == sum(parameter.numel() for parameter in toto.model.parameters())
    toto.to(torch.bfloat16)
    assert toto.tokenizer.weight.dtype == torch.float32
    toto.to("meta")
    assert toto.tokenizer.weight.is_meta
    toto.train()
    assert not toto.tokenizer.training


def test_preprocessing_is_that_of_the_tokenizer_in_place(make_toto):
    toto = make_toto()
    before = toto.info
    other = type(toto.tokenizer)()
    other.weights = "sha256:1"
    toto.tokenizer = other
    assert "sha256:1" in toto.info.preprocessing
    assert replace(toto.info, preprocessing=before.preprocessing) == before


def test_a_tokenizer_of_other_codes_is_refused(make_toto):
    toto = make_toto()
    other = type(toto.tokenizer)()
    other.vocabulary = 59
    for part in ("tokenizer", "target"):
        with pytest.raises(UnsupportedInputError, match="59 codes"):
            setattr(toto, part, other)
    with pytest.raises(UnsupportedInputError, match="made for 60 codes"):
        make_toto(patch=16)


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"vocabulary": 50}, "set `vocabulary = 60`"),
        ({"patch": 16}, "set `patch = 8`"),
        ({"vocabulary": 50, "patch": 16}, "set `vocabulary = 60` and `patch = 8`"),
        ({"tokenizer": "patches", "target": "brightness", "vocabulary": 50}, "set `vocabulary = 60`"),
    ],
)
def test_the_advice_for_a_tokenizer_that_does_not_fit_its_card_helps(changes, advice, make_toto):
    """Following it makes the Toto."""
    if changes.get("tokenizer") == "patches":
        changes = changes | {"patch": 16, "tie_head": False}
    with pytest.raises(UnsupportedInputError, match=advice):
        make_toto(**changes)
    values = {name: int(value) for name, value in re.findall(r"`(\w+) = (\d+)`", advice)}
    make_toto(**(changes | values))


def test_two_tokenizers_of_different_vocabularies_are_said_to_need_one(make_toto):
    """No value of `vocabulary` would fit both."""
    toto = make_toto(target="other", tie_head=False)
    with pytest.raises(UnsupportedInputError, match=r"`tokenizer` and `target` share one vocabulary"):
        make_toto(vocabulary=50, target="other")
    assert toto.target is not toto.tokenizer


def test_another_tokenizer_than_the_configuration_names_is_refused_by_its_name(make_toto):
    toto = make_toto()
    with pytest.raises(UnsupportedInputError, match=r"`patches`.*names `brightness`: give that one"):
        toto.tokenizer = NormalisedPatches()


def test_models_that_differ_in_what_shapes_do_not_tell_have_other_identities(make_toto):
    same = make_toto().info.architecture
    assert make_toto().info.architecture == same
    for changes in ({"rope_base": 50_000.0}, {"heads": 8}, {"eps": 1e-6}, {"image_start": 0, "pad": 3}):
        assert make_toto(**changes).info.architecture != same


@pytest.mark.parametrize("style", ["llama", "gpt2", "mamba"])
def test_each_parameter_has_its_layer(style, make_toto):
    if style == "mamba":
        pytest.importorskip("transformers")
    toto = make_toto(style, tie_head=False)
    layers = {name: toto.layer_of(name) for name, _ in toto.named_parameters()}
    assert layers["model.embed.weight"] == 0
    assert layers["model.norm.weight"] == layers["model.head.weight"] == 4
    assert {layer for name, layer in layers.items() if name.startswith("model.blocks.2.")} == {3}
    for name in ("embed.weight", "model.blocks.9.norm.weight"):
        with pytest.raises(UnsupportedInputError, match="no parameter"):
            toto.layer_of(name)


def test_own_checkpoint_gives_the_same_tokens(make_toto, tmp_path):
    toto, other = make_toto(), make_toto()
    with torch.no_grad():
        for parameter in toto.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    write_checkpoint(tmp_path, toto.config, toto.model.state_dict())
    assert not torch.allclose(
        toto.forward_layers(IDS, [4])[0].patches, other.forward_layers(IDS, [4])[0].patches
    )
    other.load_checkpoint(tmp_path)
    assert torch.equal(toto.forward_layers(IDS, [4])[0].patches, other.forward_layers(IDS, [4])[0].patches)
