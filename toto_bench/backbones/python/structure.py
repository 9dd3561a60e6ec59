"""What can be known of a module's code: its parts, their classes, and their plain settings."""

import json

from torch import nn

from toto_bench.files import digest

_NOT_SETTINGS = ("training",)


def structure_of(model: nn.Module) -> str:
    """Class of a module and a digest of its parts: two modules with equal weights may differ in heads, strides, eps.

    A change inside a `forward` cannot be seen: give the module another name then.
    """
    parts = {
        name: [f"{type(part).__module__}.{type(part).__qualname__}", _settings(part)]
        for name, part in model.named_modules()
    }
    kind = type(model)
    return f"{kind.__module__}.{kind.__qualname__} {digest(parts)[:12]}"


def _settings(part: nn.Module) -> dict[str, str]:
    """Numbers, words and tuples of them among a module's attributes, as text."""
    return {
        name: json.dumps(value)
        for name, value in vars(part).items()
        if _is_plain(value) and not name.startswith("_") and name not in _NOT_SETTINGS
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_plain(part) for part in value)
    return value is None or isinstance(value, int | float | str | bool)
