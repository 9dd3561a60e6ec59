"""toto-bench: the evaluation suite of the Toto paper for any visual backbone.

In Python: `toto_bench.run(task, backbone)` with a backbone's name or a torch module of your own,
`toto_bench.as_backbone(module)`, `toto_bench.load_backbone(name)` and `toto_bench.load_task(name)`. They are imported
when they are first used, so that importing this package costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from toto_bench._version import __version__

if TYPE_CHECKING:
    from toto_bench.api import run
    from toto_bench.backbones.load import load_backbone
    from toto_bench.backbones.python.wrap import as_backbone
    from toto_bench.runner.tasks import load_task

__all__ = ["__version__", "as_backbone", "load_backbone", "load_task", "run"]

_PLACES = {
    "run": "toto_bench.api",
    "as_backbone": "toto_bench.backbones.python.wrap",
    "load_backbone": "toto_bench.backbones.load",
    "load_task": "toto_bench.runner.tasks",
}


def __getattr__(name: str) -> Any:
    """Import a function when it is first used."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
