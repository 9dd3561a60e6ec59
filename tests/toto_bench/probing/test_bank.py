"""The bank against the same probes as modules of their own: values, gradients, running statistics, first weights."""

import pytest
import torch
import torch.nn.functional as F

from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.errors import ProbeError
from toto_bench.probing.settings import Head, grid

HEADS = {
    "average": Head(kind="linear"),
    "no norm": Head(kind="linear", batch_norm=False, bias=False),
    "cls": Head(kind="linear", pooling="cls"),
    "both": Head(kind="linear", pooling="cls+average"),
    "attention": Head(kind="attention", heads=4, queries=1, bias=False, init_std=0.5),
    "queries": Head(kind="attention", heads=2, queries=3, init_std=0.5),
    "attention, no norm": Head(kind="attention", heads=4, batch_norm=False, init_std=0.5),
    "block": Head(kind="attention-mlp", heads=4, batch_norm=False, init_std=0.3),
}
WIDTHS = {1: 8, 3: 16, 4: 8}
"""Layers whose widths differ are stacked apart."""
TWO = grid([0.1, 0.2])


def make(*heads, settings=TWO):
    bank = ProbeBank(WIDTHS, heads, settings, 5, prefix=("cls", "reg")).double()
    with torch.no_grad():  # settings that differ, vectors that are not zero
        for number, parameter in enumerate(bank.parameters()):
            wave = torch.linspace(-1, 1, parameter.numel(), dtype=torch.float64).view_as(parameter)
            parameter.add_(0.1 * (wave * (number + 3)).sin())
    return bank


@pytest.fixture
def tokens(make_tokens):
    return make_tokens(list(WIDTHS.values()), prefix=True)


LABELS = torch.tensor([0, 4, 2, 2, 1, 3])


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_losses_and_gradients_are_those_of_single_probes(head, alone, tokens):
    bank = make(head)
    singles = alone(bank, tokens)
    found = bank(tokens, LABELS)
    expected = torch.stack([F.cross_entropy(part, LABELS) for part in singles.logits(bank, tokens)])
    torch.testing.assert_close(found["loss"], expected.sum(), rtol=0, atol=1e-10)
    torch.testing.assert_close(bank.losses(tokens, LABELS), expected, rtol=0, atol=1e-10)
    found["loss"].backward()
    expected.sum().backward()
    singles.expect_equal(lambda parameter: parameter.grad)
    assert all(parameter.grad.abs().max() > 1e-6 for parameter in bank.parameters())


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_evaluation_takes_running_statistics(head, alone, tokens, make_tokens):
    bank = make(head)
    singles = alone(bank, tokens)
    for seed in (1, 2, 3):
        batch = make_tokens(list(WIDTHS.values()), seed=seed, prefix=True)
        bank(batch, LABELS), singles.logits(bank, batch)
    bank.eval()
    for module in singles.modules:
        module.eval()
    torch.testing.assert_close(bank.logits(tokens), singles.logits(bank, tokens), rtol=0, atol=1e-10)
    bank(tokens, LABELS)
    torch.testing.assert_close(bank.logits(tokens), singles.logits(bank, tokens), rtol=0, atol=1e-10)


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_tokens_get_their_gradient_where_it_is_asked_for(head, alone, tokens, make_tokens):
    bank = make(head)
    leaves = [part for layer in tokens for part in (layer.patches, layer.prefix)]
    singles = alone(bank, tokens)
    found = []
    for loss in (
        lambda: bank(tokens, LABELS)["loss"],
        lambda: sum(F.cross_entropy(part, LABELS) for part in singles.logits(bank, tokens)),
    ):
        for leaf in leaves:
            leaf.requires_grad_()
            leaf.grad = None
        loss().backward()
        found.append([torch.zeros(1) if leaf.grad is None else leaf.grad.clone() for leaf in leaves])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


def test_a_bank_of_all_heads_is_those_of_one_head_beside_each_other(tokens):
    heads = [HEADS["average"], HEADS["attention"], HEADS["block"]]
    bank = ProbeBank(WIDTHS, heads, grid([0.1]), 5).double().eval()
    parts = [ProbeBank(WIDTHS, [head], grid([0.1]), 5).double().eval() for head in heads]
    assert torch.equal(bank.logits(tokens), torch.cat([part.logits(tokens) for part in parts]))
    assert bank.probes == tuple(probe for part in parts for probe in part.probes)
    assert [probe.layer for probe in parts[0].probes] == [1, 4, 3]


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_first_weights_depend_on_seed_layer_and_head_alone(head):
    def weights(layers, settings, seed):
        [stack] = ProbeBank(layers, [head], settings, 5, seed=seed).all_stacks()
        return [
            {layer: probe["weight"][place] for place, layer in enumerate(layers)} for probe in stack.probes
        ]

    [few] = weights({3: 16}, grid([0.1]), seed=7)
    many = weights({1: 16, 3: 16}, grid([0.5, 0.1]), seed=7)
    [other] = weights({3: 16}, grid([0.1]), seed=8)
    assert all(torch.equal(probe[3], few[3]) for probe in many)
    assert not torch.equal(many[0][1], few[3])
    assert not torch.equal(other[3], few[3])


def test_soft_targets(alone, tokens):
    bank = make(HEADS["attention"])
    singles = alone(bank, tokens)
    targets = torch.rand(6, 5, dtype=torch.float64).softmax(1)
    bank(tokens, targets)["loss"].backward()
    sum(F.cross_entropy(part, targets) for part in singles.logits(bank, tokens)).backward()
    singles.expect_equal(lambda parameter: parameter.grad)


def test_half_tokens_are_read_in_float32_inside_autocast(make_tokens):
    bank = ProbeBank({1: 8}, [HEADS["attention"], HEADS["average"]], grid([0.1]), 5).eval()
    [layer] = make_tokens([8])
    half = [type(layer)(layer.patches.bfloat16())]
    plain = bank.logits([type(layer)(half[0].patches.float())])
    with torch.autocast("cpu", torch.bfloat16):
        found = bank.logits(half)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, plain, rtol=0, atol=1e-6)


def test_a_probe_that_diverges_is_taken_out_and_the_others_do_not_notice(tokens):
    bank, alone = (make(HEADS["attention"], settings=grid(rates)) for rates in ([0.1, 0.2], [0.1]))
    shared = {name: value for name, value in bank.state_dict().items() if name in alone.state_dict()}
    alone.load_state_dict(shared | {"diverged": alone.diverged})
    with torch.no_grad():
        bank.all_stacks()[0].probes[1]["key"][1] = torch.inf  # of layer 4
    for one in (bank, alone):
        optimiser = torch.optim.SGD(one.parameters(), lr=0.1, momentum=0.9)
        for step in range(4):
            optimiser.zero_grad()
            found = one(tokens, LABELS)
            found["loss"].backward()
            assert all(parameter.grad.isfinite().all() for parameter in one.parameters())
            optimiser.step()
            if step == 1 and one is bank:
                optimiser.state[bank.all_stacks()[0].probes[1]["value"]]["momentum_buffer"][1] = torch.nan
        assert found["probe_loss"].isfinite()
        one.eval()
    out = [probe.name for probe, gone in zip(bank.probes, bank.diverged, strict=True) if gone]
    assert out == ["layer 4, attention, lr 0.2, wd 0"]
    logits = bank.logits(tokens)
    assert logits.isnan().all(2).all(1).tolist() == bank.diverged.tolist()
    first = [index for index, probe in enumerate(bank.probes) if probe.setting.learning_rate == 0.1]
    torch.testing.assert_close(logits[first], alone.logits(tokens), rtol=0, atol=1e-12)


def test_tokens_that_are_nan_are_not_taken_for_high_learning_rates(tokens):
    bank = make(HEADS["average"])
    for layer in tokens:
        layer.patches[0] = torch.nan
    assert bank(tokens, LABELS)["loss"].isnan()
    assert not bank.diverged.any()


def test_a_backbone_without_cls_is_told_so(make_tokens):
    bank = ProbeBank({1: 8}, [HEADS["cls"]], grid([0.1]), 5).double()
    with pytest.raises(ProbeError, match="has none: choose average or attention"):
        bank(make_tokens([8]), LABELS)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ProbeError, match="5 attention heads cannot share the 8 channels of layer 1"):
        ProbeBank({1: 8}, [Head(kind="attention", heads=5)], grid([0.1]), 5)


@pytest.mark.parametrize("changes", [{"batch_norm": True}, {"batch_norm": False, "queries": 2}])
def test_the_block_has_one_query_and_no_batch_norm(changes):
    with pytest.raises(ValueError, match="attention-mlp"):
        Head(kind="attention-mlp", **changes)
