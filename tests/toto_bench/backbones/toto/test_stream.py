"""Frames pushed one by one give what the whole clip gives."""

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.cache import KeyValueCache

IDS = torch.randint(0, 60, (2, 5, 3, 4), dtype=torch.int32, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("changes", [{}, {"kv_heads": 2}, {"style": "gpt2"}])
@pytest.mark.parametrize("pieces", [[1, 1, 1, 1, 1], [2, 3], [3, 1, 1]])
def test_stream_is_exact(changes, pieces, make_toto):
    toto = make_toto(**changes)
    with torch.inference_mode():
        whole = toto.forward_layers(IDS, [0, 2, 4])
        stream = toto.stream([0, 2, 4])
        pushed = [stream.push(frames) for frames in IDS.split(pieces, dim=1)]
    assert stream.frames == 5
    for index, tokens in enumerate(whole):
        joined = torch.cat([frame[index].patches for frame in pushed], dim=1)
        torch.testing.assert_close(joined, tokens.patches, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("style", ["llama", "gpt2"])
def test_embeddings_alone_stream_exactly(style, make_toto):
    """No block runs for them, and positions go on all the same."""
    toto = make_toto(style)
    with torch.inference_mode():
        [whole] = toto.forward_layers(IDS, [0])
        stream = toto.stream([0])
        pushed = [stream.push(frames)[0].patches for frames in IDS.split([2, 1, 2], dim=1)]
    assert torch.equal(torch.cat(pushed, dim=1), whole.patches)


def test_a_pushed_frame_costs_only_itself(make_toto):
    toto = make_toto()
    lengths = []
    toto.model.blocks[1].register_forward_hook(lambda _, inputs, __: lengths.append(inputs[0].shape[1]))
    toto.model.blocks[2].register_forward_hook(lambda *_: lengths.append("too deep"))
    stream = toto.stream([2])
    for frame in IDS.split(1, dim=1):
        stream.push(frame)
    assert lengths == [13, 12, 12, 12, 12]


def test_patches_stream_too(make_toto):
    toto = make_toto(tokenizer="patches", vocabulary=0, patch=16)
    patches = toto.prepare(torch.rand(1, 3, 3, 32, 32))
    with torch.inference_mode():
        [whole] = toto.forward_layers(patches, [4])
        stream = toto.stream([4])
        pushed = torch.cat([stream.push(frame)[0].patches for frame in patches.split(1, dim=1)], dim=1)
    torch.testing.assert_close(pushed, whole.patches, atol=1e-5, rtol=1e-5)


def test_streams_are_apart(make_toto):
    toto = make_toto()
    with torch.inference_mode():
        one, other = toto.stream([4]), toto.stream([4])
        one.push(IDS[:, :2])
        alone = toto.stream([4]).push(IDS[:, 2:4])[0].patches
        assert torch.equal(other.push(IDS[:, 2:4])[0].patches, alone)


def test_other_sizes_layers_and_styles_are_refused(make_toto):
    toto = make_toto()
    stream = toto.stream([1])
    stream.push(IDS[:, :1])
    with pytest.raises(UnsupportedInputError, match="begin another stream"):
        stream.push(IDS[:, :1, :2])
    with pytest.raises(UnsupportedInputError, match="layers 1 to 4"):
        toto.stream([5])


def test_a_deeper_layer_than_before_is_refused(make_toto):
    model, cache = make_toto().model, KeyValueCache(4)
    embeddings = model.embed_ids(torch.zeros(1, 3, dtype=torch.long))
    model(embeddings, [2], cache=cache)
    model(embeddings, [1], cache=cache)
    with pytest.raises(UnsupportedInputError, match="layers up to 1"):
        model(embeddings, [2], cache=cache)


def test_blocks_cannot_follow_tokens_that_only_were_embedded(make_toto):
    model, cache = make_toto().model, KeyValueCache(4)
    embeddings = model.embed_ids(torch.zeros(1, 3, dtype=torch.long))
    model(embeddings, [0], cache=cache)
    assert cache.length == 3
    with pytest.raises(UnsupportedInputError, match="layers up to 0 have read the 3 tokens"):
        model(embeddings, [1], cache=cache)


def test_mamba_does_not_stream(make_toto):
    pytest.importorskip("transformers")
    with pytest.raises(UnsupportedInputError, match="whole clips"):
        make_toto("mamba").stream([1])
