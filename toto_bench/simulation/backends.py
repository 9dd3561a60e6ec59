"""What can render on this machine: EGL, OSMesa, or MuJoCo's ray caster, which needs no graphics library at all."""

import os
import subprocess
import sys
import warnings
from functools import cache

from toto_bench.progress import Progress
from toto_bench.simulation.errors import BackendNameError, RenderingError
from toto_bench.simulation.gl import PLATFORM, bound_backend, make_context

RAY = "ray"
BACKENDS = ("egl", "osmesa", RAY)
"""In the order of preference."""
PACKAGES = {"egl": "libegl1 libegl-mesa0 libgl1-mesa-dri", "osmesa": "libosmesa6"}
"""Debian packages that bring a software renderer."""
_SECONDS = 60
_PROBE = "import sys; from toto_bench.simulation.backends import try_here; try_here(sys.argv[1])"


def choose_backend(name: str = "auto", progress: Progress | None = None) -> str:
    """What to render with: `egl`, `osmesa` or `ray`.

    Each OpenGL backend is tried once per process, in a process of its own, so that a driver that crashes takes nothing
    with it and the environment stays as it is.

    Args:
        name: one of these, or `auto` for the first that works.
        progress: is told (else stderr) when only the ray caster is left.

    Raises:
        BackendNameError: there is no such backend.
        RenderingError: the one asked for does not work here.
    """
    if name not in ("auto", *BACKENDS):
        known = ", ".join(f"`{known}`" for known in ("auto", *BACKENDS))
        raise BackendNameError(f"There is no rendering backend `{name}`: choose one of {known}.")
    if name == RAY:
        return name
    if name == "auto":
        return _first(progress)
    if reason := probe(name):
        raise RenderingError(
            f"Rendering with `{name}` does not work here: {reason}. On Debian and Ubuntu, "
            f"`apt install {PACKAGES[name]}` brings a software renderer; or choose the backend `auto` or `{RAY}` "
            "(needs no graphics library, slow, plain colours)."
        )
    return name


@cache
def probe(backend: str) -> str | None:
    """Why an OpenGL backend does not work on this machine; None where it does. Tried once in a process."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, backend],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        return f"a first image was not there after {_SECONDS} s"
    except OSError as error:
        return f"it could not be tried ({error})"
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return (
        lines[-1].rstrip(".") if lines else f"the process that tried it ended with status {done.returncode}"
    )


def _first(progress: Progress | None) -> str:
    """The first backend that works, of those that this process can still use."""
    bound = bound_backend()
    for backend in PACKAGES if bound is None else {bound} & PACKAGES.keys():
        if probe(backend) is None:
            return backend
    text = (
        "Neither EGL nor OSMesa works here: rendering with MuJoCo's ray caster, which is many times slower and draws "
        f"no textures. On Debian and Ubuntu, `apt install {PACKAGES['egl']}` (or `{PACKAGES['osmesa']}`) mends this."
    )
    _say_once(text) if progress is None else progress.say(text)
    return RAY


@cache
def _say_once(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=4)


def _environment() -> dict[str, str]:
    """This environment, with the modules of this process in reach and no OpenGL platform chosen."""
    kept = {key: value for key, value in os.environ.items() if key not in ("MUJOCO_GL", PLATFORM)}
    return {**kept, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


def try_here(backend: str) -> None:
    """Make an OpenGL context in this process and render one pixel; raises whatever goes wrong."""
    import mujoco  # noqa: PLC0415 - choosing `ray` by name needs no import

    context = make_context(backend, 1, 1)
    context.make_current()
    model = mujoco.MjSpec().compile()
    mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value).free()
    context.free()
