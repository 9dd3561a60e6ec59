"""The cache of the Hugging Face hub's own client, read without importing it."""

import os
from pathlib import Path


def cached_snapshot(repository: str) -> Path | None:
    """The folder in which the hub's client keeps a repository, if it holds its configuration and some tensors.

    Args:
        repository: `ORGANISATION/NAME`; its default branch.
    """
    folder = _cache() / f"models--{repository.replace('/', '--')}"
    try:
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text("utf-8").strip()
    except (OSError, ValueError):
        return None
    tensors = [*snapshot.glob("*.safetensors"), *snapshot.glob("*.bin")]
    return snapshot if tensors and (snapshot / "config.json").is_file() else None


def _cache() -> Path:
    """`$HF_HUB_CACHE`, else `hub` in `$HF_HOME`, else in `huggingface` of the user's cache."""
    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(folder)
    if folder := os.environ.get("HF_HOME"):
        return Path(folder) / "hub"
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path("~/.cache").expanduser()) / "huggingface" / "hub"
