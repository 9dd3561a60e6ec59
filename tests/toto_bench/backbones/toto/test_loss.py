"""The loss: cross-entropy of the next id, or the error of the next patch, as written out here."""

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError

IDS = torch.randint(0, 60, (2, 3, 2, 3), dtype=torch.int32, generator=torch.Generator().manual_seed(4))


def by_hand(toto, ids, start):
    """Minus the log of the probability of each id after those before it, one position after the other."""
    sequence = [[start, *(row + 4).tolist(), 2] for row in ids.flatten(1)]
    losses = []
    for ids_of_clip in sequence:
        for position in range(len(ids_of_clip) - 1):
            known = torch.tensor([ids_of_clip[: position + 1]])
            [state] = toto.model(toto.model.embed_ids(known), [toto.config.depth])
            weight = toto.model.embed.weight if toto.model.head is None else toto.model.head.weight
            scores = weight.double() @ toto.model.norm(state)[0, -1].double()
            losses.append(scores.logsumexp(0) - scores[ids_of_clip[position + 1]])
    return torch.stack(losses).mean().float()


@pytest.mark.parametrize("tie_head", [True, False])
@pytest.mark.parametrize(("frames", "start"), [(3, 1), (1, 3)])
def test_loss_is_the_cross_entropy_of_each_next_id_and_of_the_end(frames, start, tie_head, make_toto):
    toto = make_toto(tie_head=tie_head)
    loss, tokens = toto.forward_with_loss(IDS[:, :frames], [])
    torch.testing.assert_close(loss, by_hand(toto, IDS[:, :frames], start), atol=1e-5, rtol=1e-5)
    assert tokens == []


@pytest.mark.parametrize(("frames", "kind", "start"), [(3, "images", 3), (1, "video", 1)])
def test_the_start_token_is_that_of_the_kind_that_is_said(frames, kind, start, make_toto):
    toto = make_toto()
    loss, _ = toto.forward_with_loss(IDS[:, :frames], [], kind=kind)
    torch.testing.assert_close(loss, by_hand(toto, IDS[:, :frames], start), atol=1e-5, rtol=1e-5)
    assert loss != toto.forward_with_loss(IDS[:, :frames], [])[0]


def test_tokens_come_from_the_same_pass_in_the_order_asked_for(make_toto):
    toto = make_toto()
    runs = []
    toto.model.blocks[0].register_forward_hook(lambda *_: runs.append(1))
    loss, tokens = toto.forward_with_loss(IDS, [3, 0, 4])
    assert (len(runs), loss.shape) == (1, ())
    for found, expected in zip(tokens, toto.forward_layers(IDS, [3, 0, 4]), strict=True):
        torch.testing.assert_close(found.patches, expected.patches)


def test_patches_are_regressed_from_those_before(make_toto):
    toto = make_toto(tokenizer="patches", vocabulary=0, patch=16)
    patches = toto.prepare(torch.rand(2, 2, 3, 32, 32))
    loss, [tokens] = toto.forward_with_loss(patches, [2])
    flat = patches.flatten(1, 3)
    start = toto.model.start.weight[1].expand(2, 1, -1)
    [state] = toto.model(torch.cat([start, toto.model.input(flat)], dim=1), [4])
    predicted = toto.model.head(toto.model.norm(state))
    expected = torch.stack([(predicted[:, i] - flat[:, i]).square().mean() for i in range(8)]).mean()
    torch.testing.assert_close(loss, expected)
    assert tokens.patches.shape == (2, 2, 2, 2, 32)


def test_codes_are_predicted_from_patches(make_toto):
    toto = make_toto(tokenizer="patches", target="brightness", patch=16, tie_head=False)
    video = torch.rand(2, 2, 3, 32, 32)
    patches, codes = toto.prepare(video), toto.prepare_targets(video)
    assert (codes.shape, codes.dtype) == ((2, 2, 2, 2), torch.int32)
    # Brightness of squares of 8 pixels at half the size is that of 16 pixels.
    whole = torch.nn.functional.avg_pool2d(video.mean(2), 16)
    assert (codes - (whole * 59.99).int()).abs().max() <= 1
    loss, _ = toto.forward_with_loss(patches, [], targets=codes)
    start = toto.model.start.weight[1].expand(2, 1, -1)
    [state] = toto.model(torch.cat([start, toto.model.input(patches.flatten(1, 3))], dim=1), [4])
    logits = toto.model.head(toto.model.norm(state))
    next_ids = torch.cat([codes.flatten(1).long() + 4, torch.full((2, 1), 2)], dim=1)
    torch.testing.assert_close(
        loss, torch.nn.functional.cross_entropy(logits.flatten(0, 1), next_ids.flatten())
    )
    with pytest.raises(UnsupportedInputError, match="pass `targets`"):
        toto.forward_with_loss(patches, [])
    with pytest.raises(UnsupportedInputError, match="do not fit"):
        toto.forward_with_loss(patches, [], targets=codes[:, :1])


@pytest.mark.parametrize("shape", [(2, 3, 3, 2), (2, 1, 6, 3), (2, 2, 3, 3), (1, 6, 2, 3)])
def test_targets_on_another_grid_are_refused(shape, make_toto):
    """Also one of as many tokens: each would be predicted at another one's place."""
    with pytest.raises(UnsupportedInputError, match=r"\[2, 3, 2, 3\].*do not fit"):
        make_toto().forward_with_loss(IDS, [], targets=torch.zeros(shape, dtype=torch.int32))


@pytest.mark.parametrize("code", [-1, 60])
def test_targets_outside_the_vocabulary_are_refused(code, make_toto):
    targets = IDS.clone()
    targets[0, 1, 1, 2] = code
    with pytest.raises(UnsupportedInputError, match=rf"codes of 0\.\.59.*{code}"):
        make_toto().forward_with_loss(IDS, [], targets=targets)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"style": "gpt2"},
        {"style": "mamba"},
        {"tie_head": False, "kv_heads": 1},
        {"tokenizer": "patches", "vocabulary": 0, "patch": 16},
    ],
)
def test_gradients_reach_every_parameter_and_a_step_lowers_the_loss(changes, make_toto):
    if changes.get("style") == "mamba":
        pytest.importorskip("transformers")
    toto = make_toto(**changes).train()
    inputs = toto.prepare(torch.rand(2, 2, 3, 32, 32))
    loss, _ = toto.forward_with_loss(inputs, [])
    loss.backward()
    assert all(
        parameter.grad is not None and parameter.grad.isfinite().all() for parameter in toto.parameters()
    )
    assert all(parameter.grad.abs().sum() > 0 for parameter in toto.parameters())
    with torch.no_grad():
        for parameter in toto.parameters():
            parameter.sub_(0.01 * parameter.grad)
        assert toto.forward_with_loss(inputs, [])[0] < loss


def test_loss_of_random_weights_is_near_that_of_a_guess(make_toto):
    """log(64) for 64 ids."""
    loss, _ = make_toto().forward_with_loss(IDS, [])
    assert abs(loss.item() - 4.16) < 0.5
