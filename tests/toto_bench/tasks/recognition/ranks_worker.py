"""What one of several processes does in `test_ranks`: `ranks_worker.py DATA OUT`, under torch.distributed.run.

Probes stay as they begin: a step that is shared out rounds its sums otherwise, and what is tested is the scoring. How
many chunks this process scored stands in `OUT/rank-N.txt`.
"""

import os
import sys
from pathlib import Path
from typing import Any

import torch

from tests.toto_bench.tasks.recognition.conftest import QUICK
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.recognition import fit, scoring
from toto_bench.training.ranks import leave_ranks


def main(data: str, out: Path) -> None:
    """Run the task once with linear probes and once with nearest neighbours."""
    torch.set_num_threads(1)
    scored: list[int] = []
    original = scoring.Scorer._judge_chunk

    def counted(self: scoring.Scorer, examples: Any) -> Any:
        scored.append(len(examples))
        return original(self, examples)

    scoring.Scorer._judge_chunk = counted  # type: ignore[method-assign]
    fit._train = lambda *_: None  # type: ignore[assignment]
    for probe in ("linear", "knn"):
        values = QUICK | {"probe": probe, "knn_neighbours": [3, 7]}
        run(RunRequest("imagenet", "pixels", data, out=out / probe, values=values))
    (out / f"rank-{os.environ['RANK']}.txt").write_text(" ".join(map(str, scored)))
    leave_ranks()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
