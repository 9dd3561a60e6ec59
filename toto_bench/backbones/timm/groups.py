"""Which layer a parameter belongs to, by timm's own grouping."""

from timm.models import group_parameters

from toto_bench.backbones.timm.create import TimmModel


def layer_numbers(model: TimmModel) -> dict[str, int]:
    """Layer 0..depth of every parameter of a timm model.

    timm numbers groups of parameters in the order of the forward pass (`group_matcher`). Group 0 (the stem:
    embeddings) is layer 0. Any other group belongs to the first layer whose module it does not come after;
    what follows the last layer (final norm, head) belongs to that.
    """
    groups: dict[str, int] = group_parameters(model, model.group_matcher(coarse=False), reverse=True)
    last_group = [_last_group(groups, stage["module"]) for stage in model.feature_info]
    depth = len(last_group)

    def layer(group: int) -> int:
        if group == 0:
            return 0
        return next((i for i, last in enumerate(last_group, start=1) if group <= last), depth)

    return {parameter: layer(group) for parameter, group in groups.items()}


def _last_group(groups: dict[str, int], module: str) -> int:
    """Last group with a parameter of a module; -1 where the module has none."""
    inside = [group for parameter, group in groups.items() if parameter.startswith(f"{module}.")]
    return max(inside, default=-1)
