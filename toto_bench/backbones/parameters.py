"""Names of parameters, for layer-wise learning-rate decay."""

from torch import nn

from toto_bench.backbones.base import UnsupportedInputError

_PREFIX = "model."


def name_within(model: nn.Module, parameter: str, backbone: str) -> str:
    """The name of a parameter within the `model` of a backbone.

    Args:
        model: what the backbone has under `model`.
        parameter: name in the backbone's `named_parameters()`.
        backbone: its name, for the message.

    Raises:
        UnsupportedInputError: there is no such parameter.
    """
    name = parameter.removeprefix(_PREFIX)
    if not parameter.startswith(_PREFIX) or name not in dict(model.named_parameters()):
        raise UnsupportedInputError(f"`{backbone}` has no parameter `{parameter}`.")
    return name
