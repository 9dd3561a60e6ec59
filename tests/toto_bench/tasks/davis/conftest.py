"""A protocol to start from, and a context without a command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toto_bench.cards import find_task
from toto_bench.features.store import FeatureStore
from toto_bench.results.folder import RunFolder
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.davis import DavisProtocol


@pytest.fixture
def protocol() -> Callable[..., DavisProtocol]:
    """A preset of the card, with changes."""

    def make(preset: str = "dino", **changes: Any) -> DavisProtocol:
        return DavisProtocol(**find_task("davis").values(preset) | changes)

    return make


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    """The surroundings of a run in a folder of its own."""
    return RunContext(RunFolder(tmp_path / "run"), FeatureStore(tmp_path / "cache"))
