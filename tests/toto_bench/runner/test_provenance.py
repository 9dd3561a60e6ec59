"""What a record says of the machine is of this run."""

import subprocess
import sys

import pytest

TWO_RUNS = """
import numpy as np
from toto_bench.runner.provenance import peak_memory_mb, reset_peak_memory
reset_peak_memory()
before = peak_memory_mb("cpu")
block = np.ones(300 * 2**20 // 8)
assert peak_memory_mb("cpu") > before + 250
del block
reset_peak_memory()
assert peak_memory_mb("cpu") < before + 100
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak can be reset on Linux alone")
def test_peak_memory_is_of_one_run() -> None:
    """An earlier run of the same process that took more leaves no trace; in a process that holds nothing else."""
    subprocess.run([sys.executable, "-c", TWO_RUNS], check=True)
