"""Speed of probes: all of a run at once against the same probes one after another, and their largest difference.

    python benchmarks/probing_heads.py [--runs 5] [--quick]

Linear probes, 12 layers x 13 learning rates, 256 images x 768 channels to 1,000 classes, SGD with momentum: once from
pooled vectors in memory, where both versions do nothing but the same matrix products and the rest has to be saved;
once from tokens, as a backbone gives them, which one after another have to be gone through for each probe (the forward
pass of the backbone, which they would repeat as well, is left out of both). Attention probes: against a module with a
key and a value for each token. All versions begin with the same weights and see the same batch; times are CPU
seconds of one thread, taken in turn, in one process. The exit status is 1 where the goal is missed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from toto_bench.backbones.base import Tokens
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.memory import reuse_freed_memory
from toto_bench.probing.optimisers import optimiser_of, probe_groups
from toto_bench.probing.settings import Head, grid

RATES = [1e-5 * 10 ** (power / 3) for power in range(13)]
STEPS = 3
"""In one timing: a probe alone keeps its weights in the processor's cache between them."""


class Case(NamedTuple):
    """What is trained."""

    title: str
    head: Head
    layers: int
    rates: list[float]
    images: int
    side: int
    width: int
    classes: int
    goal: float | None


class Alone(nn.Module):
    """A probe as one would write it."""

    def __init__(self, head: Head, width: int, classes: int) -> None:
        super().__init__()
        self.heads = head.heads
        self.norm = nn.BatchNorm1d(width, affine=False, eps=1e-6)
        self.attends = head.kind == "attention"
        self.linear = nn.Linear(width, classes, bias=head.bias)
        if self.attends:
            self.query = nn.Parameter(torch.zeros(head.queries, width))
            self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(2))

    def forward(self, patches: Tensor) -> Tensor:
        """Return logits ``[B, C]`` of patches ``[B, N, D]``."""
        logits: Tensor
        if not self.attends:
            logits = self.linear(self.norm(patches.mean(1)))
            return logits
        normed = self.norm(patches.transpose(1, 2)).transpose(1, 2)
        parts = (self.query.expand(len(normed), -1, -1), self.key(normed), self.value(normed))
        q, k, v = (torch.unflatten(part, 2, (self.heads, -1)).transpose(1, 2) for part in parts)
        pooled = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        logits = self.linear(pooled.mean(1))
        return logits


class Data(NamedTuple):
    """A batch."""

    tokens: list[Tokens]
    labels: Tensor


class Together:
    """The bank."""

    def __init__(self, case: Case) -> None:
        self.bank = ProbeBank(
            dict.fromkeys(range(1, case.layers + 1), case.width), [case.head], grid(case.rates), case.classes
        )
        self.optimiser = optimiser_of("sgd")(probe_groups(self.bank))
        for group in self.optimiser.param_groups:
            group["lr"] = max(case.rates) * group["scale"]

    def train(self, data: Data) -> None:
        """Take some steps."""
        for _ in range(STEPS):
            self.optimiser.zero_grad()
            self.bank(data.tokens, data.labels)["loss"].backward()
            self.optimiser.step()


class OneByOne:
    """A module and an optimiser for each probe, in the order of the bank."""

    def __init__(self, case: Case, bank: ProbeBank) -> None:
        self.probes = [Alone(case.head, case.width, case.classes) for _ in bank.probes]
        self.layers = [probe.layer for probe in bank.probes]
        with torch.no_grad():
            for probe, value in zip(self.probes, weights(bank), strict=True):
                for name, parameter in probe.named_parameters():
                    parameter.copy_(value[name.replace("linear.", "").replace(".weight", "")])
        self.optimisers = [
            torch.optim.SGD(module.parameters(), lr=probe.setting.learning_rate, momentum=0.9, fused=True)
            for module, probe in zip(self.probes, bank.probes, strict=True)
        ]

    def train(self, data: Data) -> None:
        """Take some steps with the first, then with the second, and so on."""
        for probe, optimiser, layer in zip(self.probes, self.optimisers, self.layers, strict=True):
            for _ in range(STEPS):
                optimiser.zero_grad()
                patches = data.tokens[layer - 1].patches.flatten(1, 3)
                F.cross_entropy(probe(patches), data.labels).backward()  # type: ignore[no-untyped-call]
                optimiser.step()

    def farthest(self, bank: ProbeBank) -> float:
        """Return the largest difference of a weight."""
        return max(
            float(
                (parameter.detach() - value[name.replace("linear.", "").replace(".weight", "")]).abs().max()
            )
            for probe, value in zip(self.probes, weights(bank), strict=True)
            for name, parameter in probe.named_parameters()
        )


def weights(bank: ProbeBank) -> list[dict[str, Tensor]]:
    """Return the parameters of each probe, in the order of the bank."""
    return [
        {name: value[place].detach() for name, value in probe.items()}
        for stack in bank.all_stacks()
        for probe in stack.parts()
        for place in range(len(stack.layers))
    ]


def make_data(case: Case) -> Data:
    """Draw a batch."""
    generator = torch.Generator().manual_seed(0)
    shape = (case.images, 1, case.side, case.side, case.width)
    tokens = [Tokens(torch.randn(shape, generator=generator)) for _ in range(case.layers)]
    return Data(tokens, torch.randint(case.classes, (case.images,), generator=generator))


def measure(case: Case, runs: int) -> bool:
    """Print the line of a case; whether its goal is reached."""
    data = make_data(case)
    together = Together(case)
    alone = OneByOne(case, together.bank)
    times: dict[str, list[float]] = {"together": [], "alone": []}
    for run in range(runs + 1):
        for name, version in (("alone", alone), ("together", together)):
            start = time.process_time()
            version.train(data)
            if run:  # the first one makes gradients and momenta
                times[name].append((time.process_time() - start) / STEPS)
    one, all_ = (statistics.median(times[name]) for name in ("alone", "together"))
    far = alone.farthest(together.bank)
    goal = f"{case.goal:g}x" if case.goal else ""
    print(f"{case.title:44}{one:9.3f}{all_:10.3f}{one / all_:7.2f}x{far:12.1e}  {goal}", flush=True)
    return case.goal is None or one / all_ >= case.goal


def cases(quick: bool) -> list[Case]:
    """Return what is measured."""
    layers, images, classes = (2, 32, 100) if quick else (12, 256, 1000)
    linear, attention = Head(kind="linear"), Head(kind="attention", heads=12, bias=False)
    few = RATES[::6]
    return [
        Case("linear, pooled vectors in memory", linear, layers, RATES, images, 1, 768, classes, None),
        Case("linear, 16x16 tokens", linear, layers, RATES, images, 16, 768, classes, None if quick else 2.5),
        Case(
            "attention, 16x16 tokens, 16 images, 3 rates", attention, layers, few, 16, 16, 768, classes, None
        ),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=5, help="timings per version, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="small probes, to see that it runs")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    reuse_freed_memory()
    print("CPU seconds of a step of all probes, one thread")
    print(f"{'':44}{'one by one':>10}{'together':>9}{'ratio':>8}{'max |dW|':>12}  goal")
    reached = [measure(case, options.runs) for case in cases(options.quick)]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
