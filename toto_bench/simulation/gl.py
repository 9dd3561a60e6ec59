"""Headless OpenGL contexts, made without touching `MUJOCO_GL`.

MuJoCo's own renderer takes whatever context class `MUJOCO_GL` chose when `mujoco` was imported. The classes themselves
can be imported at any time; only PyOpenGL, below them, is bound to one platform for the life of the process.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from toto_bench.simulation.errors import RenderingError

PLATFORM = "PYOPENGL_PLATFORM"
"""PyOpenGL's environment variable."""
_BACKENDS = {"EGLPlatform": "egl", "OSMesaPlatform": "osmesa"}


def make_context(backend: str, height: int, width: int) -> Any:
    """An OpenGL context of `egl` or `osmesa`; the caller makes it current and frees it.

    Raises:
        RenderingError: this process is already bound to another platform.
        Exception: whatever the driver raises when it does not work (ImportError, AttributeError, RuntimeError ...).
    """
    if (bound := bound_backend()) and bound != backend:
        raise RenderingError(
            f"This process already uses OpenGL through `{bound}`, so `{backend}` cannot be used in it: PyOpenGL is "
            "bound to one platform. Render in a process of its own, or choose the matching backend."
        )
    with suppress(
        ImportError
    ):  # Mesa and triton bring an LLVM each: with Mesa's loaded first, importing triton crashes
        importlib.import_module("triton")
    with _platform(backend):
        module = importlib.import_module(f"mujoco.{backend}")
        return module.GLContext(width, height)


def bound_backend() -> str | None:
    """What PyOpenGL was bound to in this process (`egl`, `osmesa`, or another platform's class); None: nothing yet."""
    platform = getattr(sys.modules.get("OpenGL.platform"), "PLATFORM", None)
    if platform is None:
        return None
    name = type(platform).__name__
    return _BACKENDS.get(name, name)


@contextmanager
def _platform(backend: str) -> Iterator[None]:
    """PyOpenGL's environment variable while the classes are imported; as it was before, afterwards."""
    before = os.environ.get(PLATFORM)
    os.environ[PLATFORM] = backend
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(PLATFORM, None)
        else:
            os.environ[PLATFORM] = before
