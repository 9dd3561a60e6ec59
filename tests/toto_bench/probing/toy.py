"""Probes on kept features of drawn clusters, and beside a small Toto. As a program it trains into a folder."""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from toto_bench.backbones.base import Tokens
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.frozen import FrozenProbes, KeptProbes, kept_features
from toto_bench.probing.joint import JointProbes
from toto_bench.probing.optimisers import optimiser_of, probe_groups
from toto_bench.probing.settings import Head, grid
from toto_bench.training.ranks import join_ranks, leave_ranks
from toto_bench.training.sampler import Sampler
from toto_bench.training.schedule import Schedule
from toto_bench.training.settings import Optimiser, Training
from toto_bench.training.trainer import Trainer

CLASSES = 3
HEADS = [Head(kind="linear"), Head(kind="attention", heads=4, bias=False)]
PEAK = 0.02


class Brightness(Tokenizer):
    """A code is the mean brightness of a square of 8 pixels, in 60 steps."""

    name, vocabulary, stride, mapping, weights = "brightness", 60, 8, "mean", "none"

    def _encode(self, images: Tensor) -> Tensor:
        mean = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), 8)[:, 0]
        return (mean * 59.99).long().clamp(0, 59)


def small_toto() -> Toto:
    config = TotoConfig(
        style="llama", dim=16, heads=4, depth=2, mlp_dim=24, vocabulary=60, tokenizer="brightness", grid=2
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Toto("small", config, Brightness()).eval()


class Features:
    """37 items whose patches lie around the centre of their class."""

    def __init__(self, widths: tuple[int, ...] = (16, 16)) -> None:
        generator = torch.Generator().manual_seed(1)
        self.sampler, self.layers = Sampler(37, seed=3), range(1, len(widths) + 1)
        self.labels = torch.arange(37) % CLASSES
        centres = [torch.randn(CLASSES, width, generator=generator) for width in widths]
        noise = [torch.randn(37, 1, 2, 2, width, generator=generator) for width in widths]
        self.tokens = [
            Tokens(centre[self.labels][:, None, None, None] + around)
            for centre, around in zip(centres, noise, strict=True)
        ]

    def read(self, positions: range) -> dict[str, Tensor]:
        which = self.sampler.indices(np.array(positions))
        some = [Tokens(layer.patches[which]) for layer in self.tokens]
        return kept_features(some, self.layers, pooled=False) | {"targets": self.labels[which]}


class Codes:
    """37 clips of one frame whose codes tell their class."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(1)
        self.sampler, self.labels = Sampler(37, seed=3), torch.arange(37) % CLASSES
        noise = torch.randint(20, (37, 1, 2, 2), generator=generator)
        self.codes = (self.labels[:, None, None, None] * 20 + noise).int()

    def read(self, positions: range) -> dict[str, Tensor]:
        which = self.sampler.indices(np.array(positions))
        return {"inputs": self.codes[which], "targets": self.labels[which]}


def settings(peak: float = PEAK, **changes) -> Training:
    optimiser = Optimiser(learning_rate=peak, schedule=Schedule(warmup_steps=3))
    return Training(
        **({"steps": 12, "batch": 8, "micro_batch": 8, "optimiser": optimiser, "save_every": 5} | changes)
    )


def make_kept(folder: Path, kind: str = "adamw", *, heads=HEADS, peak: float = PEAK, **changes) -> Trainer:
    """Probes on kept features."""
    extra = {key: changes.pop(key) for key in ("watch", "ranks") if key in changes}
    bank = ProbeBank({1: 16, 2: 16}, heads, grid([peak, peak / 4], [0.0, 0.1]), CLASSES)
    module = KeptProbes(bank)
    trainer = Trainer(module, Features(), settings(peak, **changes), folder, identity=kind, **extra)
    trainer.groups, trainer.build = probe_groups(bank, module), optimiser_of(kind)
    return trainer


def make_toto(folder: Path, *, joint: bool, toto: Toto | None = None, **changes) -> Trainer:
    """Probes on a small Toto, which is trained beside them or not."""
    extra = {key: changes.pop(key) for key in ("watch", "ranks") if key in changes}
    toto = toto or small_toto()
    bank = ProbeBank({1: 16, 2: 16}, HEADS, grid([PEAK]), CLASSES)
    module = JointProbes(toto, bank) if joint else FrozenProbes(toto, bank)
    trainer = Trainer(module, Codes(), settings(**changes), folder, identity="toto", **extra)
    if isinstance(module, JointProbes):
        trainer.groups = module.groups(PEAK, weight_decay=0.05, layer_decay=0.9)
    else:
        trainer.groups = probe_groups(bank, module)
    return trainer


if __name__ == "__main__":
    torch.set_num_threads(1)
    out, mode = Path(sys.argv[1]), sys.argv[2]
    ranks = join_ranks("cpu")
    if mode == "ddp":
        plain = [Head(kind="linear", batch_norm=False), Head(kind="attention", heads=4, batch_norm=False)]
        make_kept(out, heads=plain, ranks=ranks, micro_batch=2).run()
    else:
        make_toto(out, joint=True, ranks=ranks, steps=int(sys.argv[3]), save_every=4).run()
    leave_ranks()
