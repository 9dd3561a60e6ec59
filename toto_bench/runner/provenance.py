"""What made a result: versions, machine, revision."""

import platform
import resource
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Protocol

import torch

from toto_bench._version import __version__
from toto_bench.results.record import Environment

PACKAGES = (
    "torch",
    "torchvision",
    "timm",
    "transformers",
    "hiera-transformer",
    "numpy",
    "opencv-python-headless",
    "av",
    "pillow",
    "pycocotools",
    "pandas",
    "pyarrow",
)


class Computing(Protocol):
    """How this process computes: a `RunContext`, or anything that says as much."""

    @property
    def device(self) -> str:
        """Device of torch."""
        ...

    @property
    def dtype(self) -> str:
        """Number type of the backbone."""
        ...

    @property
    def batch_size(self) -> int:
        """Frames (or items) per forward pass."""
        ...

    @property
    def world_size(self) -> int:
        """Number of processes."""
        ...


def environment(context: Computing) -> Environment:
    """Versions and machine of this process."""
    revision, dirty = git_revision()
    return Environment(
        toto_bench=__version__,
        revision=revision,
        dirty=dirty,
        packages={"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        device=describe_device(context.device),
        driver=_driver(context.device),
        dtype=context.dtype,
        batch_size=context.batch_size,
        world_size=context.world_size,
        threads=torch.get_num_threads(),
    )


@cache
def git_revision() -> tuple[str | None, bool | None]:
    """Commit of the checkout that this code runs from, and whether it was changed; None for an installation."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None, None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return commit, bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None, None


def describe_device(device: str) -> str:
    """The device in words: name of the card, or of the processor."""
    if device.startswith("cuda"):
        return f"{device}: {torch.cuda.get_device_name(device)}"
    return f"{device}: {_processor()}"


def reset_peak_memory() -> None:
    """Begin to measure anew: several runs may share a process. Where that cannot be done (macOS), peaks add up."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    for device in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory_mb(device: str) -> float:
    """Peak memory in MiB since `reset_peak_memory`: of the accelerator where one is used, else of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device) / 2**20
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _driver(device: str) -> str | None:
    if not device.startswith("cuda"):
        return None
    kernel_module = Path("/proc/driver/nvidia/version")
    driver = kernel_module.read_text().splitlines()[0] if kernel_module.is_file() else "unknown driver"
    return f"{driver}; CUDA {torch.version.cuda}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
