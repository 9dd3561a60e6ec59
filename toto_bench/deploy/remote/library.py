"""The websockets library (extra `serve`), imported when it is needed."""

import importlib
from typing import Any, TypeAlias

from toto_bench.errors import RequestError

Connection: TypeAlias = Any
"""An open connection of `websockets.sync`."""


def websockets(module: str) -> Any:
    """A module of the library, such as `sync.client`.

    Raises:
        RequestError: the library is not installed, or too old.
    """
    try:
        return importlib.import_module(f"websockets.{module}")
    except ImportError as error:
        raise RequestError(
            "For a policy on another computer the package `websockets` is needed on both: "
            f"`pip install --upgrade 'toto-bench[serve]'` ({error})."
        ) from error
