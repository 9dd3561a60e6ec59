"""The package mujoco-menagerie: whether its models are here, their files, and their download."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from toto_bench.robots.errors import AssetsError

Found = TypeVar("Found")
ROOT = "MENAGERIE_ROOT"
"""The package's environment variable: a copy of the repository, a folder of each model, which it reads instead of
downloading."""


def menagerie_package() -> Any:
    """The module.

    Raises:
        AssetsError: it is not installed.
    """
    try:
        return importlib.import_module("mujoco_menagerie")
    except ImportError as error:
        raise AssetsError(
            "The robot models `menagerie` need the package mujoco-menagerie: "
            "`pip install toto-bench[robot-assets]`; or use `assets=primitive`, which needs nothing."
        ) from error


def from_menagerie(model: str, read: Callable[[Any], Found]) -> Found:
    """What a function reads from a model of the package, which downloads it at first use.

    Args:
        model: name of its folder in Menagerie.
        read: is given the package's model: `path()`, `files(entry)`, `spec(entry)`.

    Raises:
        AssetsError: the package is not installed, or the model cannot be had.
    """
    package = menagerie_package()
    try:
        return read(package.get(model))
    except (package.MenagerieError, OSError, ValueError) as error:
        raise AssetsError(
            f"The model `{model}` of MuJoCo Menagerie could not be had ({error}). It is downloaded at first use; "
            f"without a network, set {ROOT} to a copy of the repository that holds the folder `{model}`, or use "
            "`assets=primitive`."
        ) from error


def menagerie_folder(model: str) -> Path | None:
    """Where a model lies; None where it would be downloaded. Nothing is downloaded.

    Raises:
        AssetsError: the package is not installed, or has no such model.
    """

    def look(found: Any) -> Path | None:
        cache = menagerie_package().Cache()
        if cache.root is not None:
            folder = cache.root / model
            return folder if folder.is_dir() else None
        return cache.model_path(found) if cache.is_cached(found) else None

    return from_menagerie(model, look)


def menagerie_root() -> str | None:
    """What MENAGERIE_ROOT says; None where models are downloaded."""
    return os.environ.get(ROOT) or None
