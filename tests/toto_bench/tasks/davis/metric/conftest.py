"""The frame-by-frame reference that the scores are compared with."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[5]


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """The module that the benchmark measures against, loaded by path: benchmarks are not a package."""
    path = ROOT / "benchmarks" / "davis_metric_reference.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference_scores(reference: ModuleType) -> Callable:
    return reference.reference_scores
