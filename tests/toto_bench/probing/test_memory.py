"""Memory that is freed is used again."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import torch
from toto_bench.probing.memory import reuse_freed_memory
if sys.argv[1] == "reuse":
    assert reuse_freed_memory()
first = 0
for step in range(40):
    if step == 20:
        first = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(12_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - first)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc")
def test_pages_are_cleared_once():
    faults = {}
    for mode in ("reuse", "plain"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, mode], check=True, capture_output=True, text=True
        )
        faults[mode] = int(done.stdout)
    assert faults["reuse"] < faults["plain"] / 5
