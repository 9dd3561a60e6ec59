"""A small module and endless examples, for the loop alone. As a program it trains into a folder."""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from toto_bench.training.groups import parameter_groups
from toto_bench.training.ranks import join_ranks, leave_ranks
from toto_bench.training.sampler import Sampler
from toto_bench.training.schedule import Schedule
from toto_bench.training.settings import Optimiser, Training
from toto_bench.training.trainer import Trainer

SETTINGS = Training(
    steps=12,
    batch=8,
    micro_batch=8,
    optimiser=Optimiser(
        learning_rate=0.01,
        weight_decay=0.1,
        clip=1.0,
        schedule=Schedule(warmup_steps=3, min_ratio=0.1),
    ),
    save_every=5,
)


class Toy(nn.Module):
    """Two layers with dropout, so that random numbers count; the loss is a mean over the batch."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.blocks = nn.ModuleList([nn.Linear(6, 16), nn.Linear(16, 6)])
        self.norm = nn.LayerNorm(6)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: torch.Tensor) -> dict[str, torch.Tensor]:
        hidden = self.dropout(torch.relu(self.blocks[0](batch)))
        loss = (self.norm(self.blocks[1](hidden)) - batch).square().mean()
        return {"loss": loss, "half": loss / 2}


class Rows:
    """37 examples; an example is random numbers of its own."""

    def __init__(self, poison: int | None = None) -> None:
        self.sampler, self.poison = Sampler(37, seed=3), poison
        self.rows = torch.randn(37, 6, generator=torch.Generator().manual_seed(2))

    def read(self, positions: range) -> torch.Tensor:
        batch = self.rows[self.sampler.indices(np.array(positions))]
        if self.poison is not None and self.poison in positions:
            batch = batch * float("nan")
        return batch


def make(folder: Path, *, dropout: float = 0.1, poison: int | None = None, **changes) -> Trainer:
    extra = {key: changes.pop(key) for key in ("watch", "evaluate", "ranks", "shards") if key in changes}
    module = changes.pop("module", None) or Toy(dropout)
    settings = Training(**(SETTINGS.model_dump() | changes))
    return Trainer(module, Rows(poison), settings, folder, identity="toy", **extra)


def expect_no_threads() -> None:
    """A thread of gloo that outlives the group may abort the process while the interpreter ends."""
    names = [file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm")]
    left = [name for name in names if "gloo" in name]
    if left:
        sys.exit(f"threads of the group are left: {left}")


def train(out: Path, mode: str) -> None:
    """As one of several processes."""
    ranks = join_ranks("cpu")
    toy = Toy(0.1 if mode == "kill" else 0.0)
    changes: dict = {"micro_batch": 2, "module": toy, "ranks": ranks}
    if mode == "fsdp":
        changes["shards"] = tuple(toy.blocks)
    if "bfloat16" in sys.argv:
        changes["dtype"] = "bfloat16"
    if mode == "kill":
        changes |= {"steps": int(sys.argv[3]), "save_every": 7}
    trainer = make(out, **changes)
    trainer.groups = parameter_groups(toy, weight_decay=0.1)
    trainer.run()


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(Path(sys.argv[1]), sys.argv[2])
    leave_ranks()
    if sys.argv[2] != "fsdp":  # which keeps the group in caches of its own
        expect_no_threads()
