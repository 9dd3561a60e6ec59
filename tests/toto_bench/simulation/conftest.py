"""Rendering is a slow drill: Mesa's driver and torch's compiler each bring an LLVM, and do not share a process."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is slow: `make slow` runs it in a process of its own."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)
