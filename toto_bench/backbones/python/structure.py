"""What can be known of a module's code: its parts, their classes, their settings, and tensors that no file holds."""

from torch import Tensor, nn

from toto_bench.backbones.python.settings import Json, Settings, read_tensor
from toto_bench.files import digest

_NOT_SETTINGS = {*vars(nn.Module()), "_compiled_call_impl", "_is_torch_compile"}
_COMPILED = "_orig_mod"


def structure_of(model: nn.Module) -> str:
    """Class of a module and a digest of its parts: two modules with equal weights may differ in heads, strides, eps.

    A change inside a `forward` cannot be seen: give the module another name then.
    """
    parts = dict(model.named_modules())
    own = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    saved = model.state_dict(keep_vars=True)
    settings = Settings(known=[*parts.values(), *own.values()])
    content = {
        "parts": {_plain(name): _part(part, settings) for name, part in parts.items()},
        "unsaved": {_plain(name): read_tensor(own[name]) for name in sorted(own.keys() - saved.keys())},
        "state": {
            name: settings.read(value) for name, value in saved.items() if not isinstance(value, Tensor)
        },
    }
    kind = type(model)
    return f"{kind.__module__}.{kind.__qualname__} {digest(content)[:12]}"


def _part(part: nn.Module, settings: Settings) -> Json:
    attributes = {name: value for name, value in vars(part).items() if name not in _NOT_SETTINGS}
    return [settings.read(type(part)), settings.read(attributes)]


def _plain(name: str) -> str:
    """The name that a part had before it was compiled; of a compiled part, what is inside counts."""
    return ".".join(word for word in name.split(".") if word != _COMPILED)
