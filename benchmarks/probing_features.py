"""Feature extraction of recognition against the bare forward pass of the same timm model: the overhead in per cent.

    python benchmarks/probing_features.py [--runs 7] [--quick]

Both read the same decoded images, uint8, in batches of the same size. The bare pass is `model.forward_features` on
inputs that a user's own loop would make in the usual way (to float, minus mean, over deviation); ours is what probing
does with a batch: the clip in [0, 1], the backbone's `prepare`, the tokens of all layers that are asked for, their
means for linear probes, and the check that all of them are finite. Decoding is in neither. Times are CPU seconds of
one thread, taken in turn in one process; the last layer of both must be equal, or no time is reported. The exit status
is 1 where the goal is missed.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from toto_bench import load_backbone
from toto_bench.backbones.timm import TimmBackbone
from toto_bench.features.store import FeatureStore
from toto_bench.results.folder import RunFolder
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.inputs import Reader

GOAL = 5.0
"""Per cent."""


class Case(NamedTuple):
    """What is read."""

    model: str
    layers: str
    pooled: bool
    images: int
    side: int = 224


class Bare:
    """A loop as one would write it."""

    def __init__(self, backbone: TimmBackbone) -> None:
        self.model: nn.Module = backbone.model
        self.mean, self.std = (torch.tensor(values).view(3, 1, 1) for values in backbone.statistics)

    @torch.no_grad()
    def read(self, pixels: Tensor) -> Tensor:
        """Return the model's own features of ``[B, 1, R, R, 3]``."""
        images = pixels[:, 0].permute(0, 3, 1, 2).float().div(255)
        features: Tensor = self.model.forward_features((images - self.mean) / self.std)  # type: ignore[operator]
        return features


def cases(quick: bool) -> list[Case]:
    """Return what is measured."""
    if quick:
        return [Case("vit_tiny_patch16_224", "last", True, 2)]
    vit, cnn = "vit_small_patch16_224", "tf_efficientnet_lite0"
    return [
        Case(vit, "last", True, 16),
        Case(vit, "all", True, 16),
        Case(vit, "all", False, 16),
        Case(cnn, "last", True, 16),
        Case(cnn, "all", True, 16),
    ]


def measure(case: Case, runs: int, folder: Path) -> bool:
    """Print the line of a case; whether the goal is reached."""
    backbone = load_backbone(f"timm:{case.model}", random_init=True)
    assert isinstance(backbone, TimmBackbone)
    depth = backbone.info.depth
    layers = range(1, depth + 1) if case.layers == "all" else (depth,)
    context = RunContext(RunFolder(folder / "run"), FeatureStore(folder / "store"))
    reader = Reader(backbone, layers, "last", context, clips=case.images, pooled=case.pooled)
    bare = Bare(backbone)
    generator = torch.Generator().manual_seed(0)
    shape = (case.images, 1, case.side, case.side, 3)
    pixels = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    expect_equal(backbone, bare.read(pixels), reader.features(pixels)[f"patches.{depth}"], case)
    ways = {"bare": bare.read, "ours": reader.features}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs):
        for name in sorted(ways, reverse=bool(run % 2)):
            start = time.process_time()
            ways[name](pixels)
            times[name].append(time.process_time() - start)
    one, other = (statistics.median(times[name]) for name in ("bare", "ours"))
    overhead = 100 * (other / one - 1)
    what = f"{case.model}, {case.layers} layer{'s' if case.layers == 'all' else ''}"
    print(
        f"{what:36}{'means' if case.pooled else 'tokens':8}{one:9.3f}{other:9.3f}{overhead:+9.1f} %",
        flush=True,
    )
    return overhead <= GOAL


def expect_equal(backbone: TimmBackbone, bare: Tensor, own: Tensor, case: Case) -> None:
    """Stop unless both read the same features from the last layer."""
    patches = bare.permute(0, 2, 3, 1) if bare.ndim == 4 and not backbone.isotropic else bare
    if backbone.isotropic:
        patches = patches[:, len(backbone.info.prefix) :]
    elif (
        patches.shape[-1] != own.shape[-1]
    ):  # a CNN's forward pass ends with a wider layer than its last stage
        return
    means = patches.flatten(1, -2).mean(1)
    if not torch.allclose(means, own.flatten(1, -2).mean(1), rtol=1e-3, atol=1e-4):
        raise SystemExit(f"the features of {case.model} differ, so times mean nothing")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=7, help="interleaved runs, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="a tiny model, to see that it runs")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    print(f"\nCPU seconds of a batch, one thread, decoding excluded; goal: an overhead of at most {GOAL:g} %")
    print(f"{'':36}{'keeps':8}{'bare':>9}{'ours':>9}{'overhead':>11}")
    with tempfile.TemporaryDirectory() as folder:
        reached = [measure(case, options.runs, Path(folder)) for case in cases(options.quick)]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
