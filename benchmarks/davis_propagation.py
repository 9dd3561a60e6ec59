"""Speed and memory of DAVIS label propagation, one step with 8 contexts at 480p (D = 384).

Ours against (a) the published steps of DINO, one by one, and (b) a dense version written with care. All three
get the same frames; times are taken in turn, in one process; memory is taken in a process per version.

    python benchmarks/davis_propagation.py [--patch 16 8] [--runs 5] [--quick]
"""

import argparse
import statistics
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from toto_bench.tasks.davis.propagation import PropagationSettings, Propagator

DIM, LABELS, CONTEXTS = 384, 4, 8
SETTINGS = PropagationSettings()


class Version(ABC):
    """One way to propagate, in its steady state of 8 contexts."""

    @abstractmethod
    def __init__(self, frames: list[Tensor], labels: Tensor) -> None:
        """Prepare 8 contexts from frames ``[h, w, D]`` and labels ``[C, h, w]``, outside the timing."""

    @abstractmethod
    def step(self, frame: Tensor) -> Tensor:
        """Label the next frame ``[h, w, D]``: ``[C, h, w]``."""


class Ours(Version):
    """The Propagator."""

    def __init__(self, frames: list[Tensor], labels: Tensor) -> None:
        self.propagator = Propagator(frames[0], labels, SETTINGS)
        for step in range(CONTEXTS - 1):
            self.propagator.step(frames[(step + 1) % len(frames)])

    def step(self, frame: Tensor) -> Tensor:
        """Label the next frame."""
        return self.propagator.step(frame)


class DinoSteps(Version):
    """The algorithm of DINO's eval_video_segmentation.py, operation by operation."""

    def __init__(self, frames: list[Tensor], labels: Tensor) -> None:
        self.contexts = [frames[i % len(frames)].flatten(0, 1).T.contiguous() for i in range(CONTEXTS)]
        self.labels = [labels[None].clone() for _ in range(CONTEXTS)]
        self.window = window(*labels.shape[1:])[None].float()

    def step(self, frame: Tensor) -> Tensor:
        """Label the next frame."""
        cells = frame.shape[0] * frame.shape[1]
        target = F.normalize(frame.flatten(0, 1), dim=1)[None].repeat(CONTEXTS, 1, 1)
        sources = F.normalize(torch.stack(self.contexts), dim=1)
        affinity = torch.exp(torch.bmm(target, sources) / SETTINGS.temperature)
        affinity *= self.window
        affinity = affinity.transpose(2, 1).reshape(-1, cells)
        best = torch.topk(affinity, SETTINGS.top_k, dim=0).values
        affinity[affinity < best.min(dim=0).values] = 0
        affinity = affinity / affinity.sum(dim=0, keepdim=True)
        votes = torch.cat(self.labels).flatten(2).transpose(2, 1).reshape(-1, LABELS).T
        return torch.mm(votes, affinity).view(LABELS, *frame.shape[:2])


class Dense(Version):
    """All cosines at once; but keys stay normalised, top-k runs along rows, only k are exponentiated."""

    def __init__(self, frames: list[Tensor], labels: Tensor) -> None:
        flat = torch.stack([frames[i % len(frames)].flatten(0, 1) for i in range(CONTEXTS)])
        self.keys = F.normalize(flat, dim=2)
        self.labels = labels.flatten(1).T.repeat(CONTEXTS, 1)
        self.outside = ~window(*labels.shape[1:])[:, None]

    def step(self, frame: Tensor) -> Tensor:
        """Label the next frame."""
        target = F.normalize(frame.flatten(0, 1), dim=1)
        scores = target @ self.keys.flatten(0, 1).T
        scores.view(len(target), CONTEXTS, -1).masked_fill_(self.outside, -torch.inf)
        best, place = scores.topk(SETTINGS.top_k, dim=1)
        weights = (best / SETTINGS.temperature).softmax(dim=1)
        return (weights[:, :, None] * self.labels[place]).sum(1).T.reshape(LABELS, *frame.shape[:2])


VERSIONS: dict[str, type[Version]] = {"ours": Ours, "a": DinoSteps, "b": Dense}
GOALS = {(16, "a"): "8x, memory 10x", (16, "b"): "2.5x", (8, "a"): "20x, memory 10x", (8, "b"): "5x"}
"""Ratios to reach at 480p."""
REST = 0.3
"""Seconds between two timings: threads of the one before spin for a while, and would slow the next."""
NAMES = {"ours": "toto-bench", "a": "(a) DINO's steps", "b": "(b) good dense version"}


def window(h: int, w: int) -> Tensor:
    """Return DINO's square window of 12 cells, bool ``[h * w, h * w]``."""
    y, x = torch.arange(h).repeat_interleave(w), torch.arange(w).repeat(h)
    near = (y[:, None] - y).abs() <= SETTINGS.radius
    return near & ((x[:, None] - x).abs() <= SETTINGS.radius)


def make_video(patch: int, quick: bool) -> tuple[list[Tensor], Tensor]:
    """Return three frames of slowly changing features ``[h, w, D]`` and a mask ``[C, h, w]``."""
    h, w = (240 // patch, 416 // patch) if quick else (480 // patch, 832 // patch)
    generator = torch.Generator().manual_seed(0)
    base = torch.randn(h, w, DIM, generator=generator)
    frames = [base + 0.7 * torch.randn(h, w, DIM, generator=generator) for _ in range(3)]
    mask = F.one_hot(torch.randint(LABELS, (h, w), generator=generator), LABELS)
    return frames, mask.permute(2, 0, 1).float()


def seconds(patch: int, runs: int, quick: bool) -> dict[str, float]:
    """Return the median seconds of a step of each version, timed in turn."""
    frames, labels = make_video(patch, quick)
    versions = {name: version(frames, labels) for name, version in VERSIONS.items()}
    times: dict[str, list[float]] = {name: [] for name in versions}
    for _ in range(runs):
        for name, version in versions.items():
            time.sleep(REST)
            start = time.perf_counter()
            version.step(frames[-1])
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def peak_kib() -> int:
    """Return this process's highest resident memory so far, in KiB (Linux counts it per program: VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def measure_memory(name: str, patch: int, quick: bool) -> None:
    """Print the MiB that a version adds to the memory in use after the imports, its frames included."""
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    before = peak_kib()
    frames, labels = make_video(patch, quick)
    version = VERSIONS[name](frames, labels)
    for _ in range(2):
        version.step(frames[-1])
    print((peak_kib() - before) / 1024)


def mebibytes(name: str, patch: int, quick: bool) -> float:
    """Measure the memory of a version in a process of its own."""
    command = [sys.executable, __file__, "--memory-of", name, "--patch", str(patch)]
    done = subprocess.run(command + ["--quick"] * quick, check=True, capture_output=True, text=True)
    return float(done.stdout)


def report(patch: int, runs: int, quick: bool) -> None:
    """Print the table of one patch size."""
    memory = {name: mebibytes(name, patch, quick) for name in VERSIONS}
    wall = seconds(patch, runs, quick)
    size = "240p (quick)" if quick else "480p"
    print(f"\npatch {patch}, {size}, {CONTEXTS} contexts, D = {DIM}, {torch.get_num_threads()} threads")
    print(f"{'':24}{'s / step':>10}{'ratio':>8}{'peak MiB':>10}{'ratio':>8}  goal")
    for name, title in NAMES.items():
        faster, smaller = wall[name] / wall["ours"], memory[name] / memory["ours"]
        goal = GOALS.get((patch, name), "")
        cells = f"{wall[name]:10.4f}{faster:7.1f}x{memory[name]:10.0f}{smaller:7.1f}x"
        print(f"{title:24}{cells}  {goal}")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--patch", type=int, nargs="+", default=[16, 8], help="patch sizes")
    parser.add_argument("--runs", type=int, default=5, help="timings per version, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="a quarter of the frame, to see that it runs")
    parser.add_argument("--memory-of", choices=list(VERSIONS), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    for patch in options.patch:
        if options.memory_of:
            measure_memory(options.memory_of, patch, options.quick)
        else:
            report(patch, options.runs, options.quick)


if __name__ == "__main__":
    main()
