"""What tokens depend on: their own clip and layer, the inputs, the parameters, and nothing else."""

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone, Tokens

REACHED = 0.8
"""Share of parameters that the last layer has to depend on; some models keep a norm that no layer uses."""


def check_values(backbone: Backbone, inputs: Tensor) -> None:
    """A layer's tokens depend on their clip alone, not on what else is asked for or stands in the batch."""
    depth = backbone.info.depth
    layers = list(range(1, depth + 1))
    together = backbone.forward_layers(inputs, layers)
    for tokens, again in zip(together, backbone.forward_layers(inputs, layers), strict=True):
        assert torch.equal(tokens.patches, again.patches), (
            "The same input gave other tokens the second time: dropout is on, or something is drawn at random."
        )
    for number in {1, (depth + 1) // 2, depth}:
        [alone] = backbone.forward_layers(inputs, [number])
        _expect_close(alone, together[number - 1], f"Layer {number} differs when it is asked for alone.")
    asked = [depth, 1, depth]
    for number, tokens in zip(asked, backbone.forward_layers(inputs, asked), strict=True):
        _expect_close(
            tokens, together[number - 1], f"Layers {asked} do not come in the order they are asked for."
        )
    for tokens, raw in zip(together[:-1], backbone.forward_layers(inputs, layers, norm="none"), strict=False):
        _expect_close(
            raw, tokens, "`norm` changes a layer below the last, where `last` and `none` are the same."
        )
    for clip in range(inputs.shape[0]):
        [apart] = backbone.forward_layers(inputs[clip : clip + 1], [depth])
        _expect_close(
            apart, _clip(together[-1], clip), "A clip's tokens change with the clip beside it in the batch."
        )


def check_gradients(backbone: Backbone, inputs: Tensor) -> None:
    """The last layer depends on the inputs, where they are values, and on the trainable parameters."""
    names = {name: parameter for name, parameter in backbone.named_parameters() if parameter.requires_grad}
    sources: list[Tensor] = list(names.values())
    if inputs.is_floating_point():
        sources.append(inputs.requires_grad_())
    if not sources:
        return
    with torch.enable_grad():
        [tokens] = backbone.forward_layers(inputs, [backbone.info.depth])
        # A random direction: the mean of what a norm gives is a constant, and its gradient zero.
        direction = torch.rand(tokens.patches.shape, generator=torch.Generator().manual_seed(1))
        loss = (tokens.patches * direction.to(tokens.patches)).mean()
    assert loss.requires_grad, "Tokens carry no gradient: `forward_layers` has to be differentiable."
    found = torch.autograd.grad(loss, sources, allow_unused=True)
    assert all(gradient is None or gradient.isfinite().all() for gradient in found), (
        "A gradient is NaN or infinite."
    )
    if inputs.is_floating_point():
        last = found[-1]
        assert last is not None and last.abs().sum() > 0, "No gradient reaches the inputs."
    missed = [name for name, gradient in zip(names, found, strict=False) if gradient is None]
    assert len(missed) <= (1 - REACHED) * len(names), (
        f"Gradients do not reach {len(missed)} of {len(names)} parameters, among them {missed[:5]}."
    )


def _expect_close(found: Tokens, expected: Tokens, message: str) -> None:
    for one, other in zip(_parts(found), _parts(expected), strict=True):
        same = (one is None and other is None) or (
            one is not None and other is not None and torch.allclose(one, other, rtol=1e-3, atol=1e-4)
        )
        assert same, message


def _clip(tokens: Tokens, number: int) -> Tokens:
    """The tokens of one clip of a batch."""
    prefix = None if tokens.prefix is None else tokens.prefix[number : number + 1]
    return Tokens(tokens.patches[number : number + 1], prefix)


def _parts(tokens: Tokens) -> tuple[Tensor | None, Tensor | None]:
    return tokens.patches, tokens.prefix
