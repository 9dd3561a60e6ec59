"""Versions of what computes features: another version may compute others."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

COMPUTING = ("torch", "timm", "transformers", "hiera-transformer")


@cache
def libraries() -> str:
    """Names and versions, for cache keys."""
    return ", ".join(f"{name} {_version(name)}" for name in COMPUTING)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
