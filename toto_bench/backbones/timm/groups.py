"""Which layer a parameter belongs to: the first one that depends on it."""

from collections.abc import Sequence

import torch
from timm.models import group_parameters
from torch import Tensor
from torch.func import functional_call

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.timm.create import Size, TimmModel


class _Outputs(torch.nn.Module):
    """A model whose forward pass gives the outputs of all its layers."""

    def __init__(self, model: TimmModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> list[Tensor]:
        """Output of each layer, for images [N, 3, H, W]."""
        outputs: list[Tensor] = self.model.forward_intermediates(images, intermediates_only=True)
        return outputs


def layer_numbers(model: TimmModel, name: str, size: Size) -> dict[str, int]:
    """Layer 0..depth of every parameter of a timm model.

    A parameter belongs to the first layer whose output depends on it, or to the last layer if none does (final
    norm, head). Of those of layer 1, the ones that timm counts to the stem (group 0 of its `group_matcher`) are
    layer 0.

    Args:
        model: a timm model that says how its parameters are grouped.
        name: the backbone's, for errors.
        size: height and width that the model reads.

    Raises:
        UnsupportedInputError: the model cannot be run without data, so nothing is known.
    """
    groups: dict[str, int] = group_parameters(model, model.group_matcher(coarse=False), reverse=True)
    try:
        first = _first_layers(model, size)
    except (
        AssertionError,
        AttributeError,
        NotImplementedError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise UnsupportedInputError(
            f"`{name}` does not show which layers its parameters belong to, as it does not run without data "
            f"({next(iter(str(error).splitlines()), type(error).__name__).rstrip('.')}): fine-tune without layer-wise "
            "decay."
        ) from error
    return {key: 0 if groups[key] == 0 and layer == 1 else layer for key, layer in first.items()}


def _first_layers(model: TimmModel, size: Size) -> dict[str, int]:
    """Number of the first layer that depends on each parameter; run for its graph alone, without storage."""
    with torch.inference_mode(False), torch.enable_grad(), torch.device("meta"):
        parameters = {key: _empty(tensor).requires_grad_() for key, tensor in model.named_parameters()}
        buffers = {key: _empty(tensor) for key, tensor in model.named_buffers()}
        state = {f"model.{key}": tensor for key, tensor in {**buffers, **parameters}.items()}
        kind = next((tensor.dtype for tensor in parameters.values()), torch.float32)
        outputs = functional_call(_Outputs(model), state, torch.empty(2, 3, *size, dtype=kind))
        return _reached(outputs, parameters)


def _reached(outputs: Sequence[Tensor], parameters: dict[str, Tensor]) -> dict[str, int]:
    left, numbers = dict(parameters), dict.fromkeys(parameters, len(outputs))
    for number, output in enumerate(outputs, start=1):
        found = torch.autograd.grad(output.sum(), list(left.values()), retain_graph=True, allow_unused=True)
        for key in [key for key, gradient in zip(left, found, strict=True) if gradient is not None]:
            numbers[key] = number
            del left[key]
    return numbers


def _empty(tensor: Tensor) -> Tensor:
    """Shape and kind of a tensor, without its values."""
    return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
