"""The toy training, as a module and as a program."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

TOY = Path(__file__).with_name("toy.py")


@pytest.fixture
def toy() -> ModuleType:
    """`toy.py`."""
    spec = importlib.util.spec_from_file_location("toy", TOY)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass


@pytest.fixture
def torchrun() -> Callable[..., None]:
    """Runs `toy.py` in two processes."""

    def run(*arguments: object) -> None:
        words = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", TOY, *arguments]
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    return run
