"""The user's module inside what compiles it or spreads it over devices."""

from torch import nn

_SPREAD = (nn.DataParallel, nn.parallel.DistributedDataParallel)


def unwrapped(model: nn.Module) -> tuple[nn.Module, str]:
    """The module inside `torch.compile`, `DataParallel` and `DistributedDataParallel`, and the prefix of its names.

    Inside, every part is called as it was written; the prefix is, for example, `_orig_mod.module.`.
    """
    prefix = ""
    while (name := _name_inside(model)) is not None:
        model, prefix = model.get_submodule(name), f"{prefix}{name}."
    return model, prefix


def _name_inside(model: nn.Module) -> str | None:
    names = [name for name, _ in model.named_children()]
    if names == ["_orig_mod"]:
        return "_orig_mod"
    return "module" if isinstance(model, _SPREAD) else None
