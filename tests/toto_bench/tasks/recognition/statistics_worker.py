"""What one of several processes does in `test_ranks`: `statistics_worker.py DATA OUT`, under torch.distributed.run.

It trains linear probes with a batch norm, and writes the running averages that it scores with to `OUT/rank-N.txt`.
"""

import os
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tests.toto_bench.tasks.recognition.conftest import QUICK
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.recognition import fit
from toto_bench.training.ranks import leave_ranks


def main(data: str, out: Path) -> None:
    """Run the task once."""
    torch.set_num_threads(1)
    original = fit._train

    def traced(work: Any, module: nn.Module, *rest: Any) -> None:
        original(work, module, *rest)
        found = [values.tolist() for name, values in module.named_buffers() if name.endswith(".mean")]
        (out / f"rank-{os.environ['RANK']}.txt").write_text(str(found))

    fit._train = traced
    run(RunRequest("imagenet", "pixels", data, out=out / "runs", values=QUICK | {"epochs": 2}))
    leave_ranks()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
