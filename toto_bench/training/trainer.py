"""The loop: micro-batches, one update, a line in the log, a saved state now and then."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from toto_bench.files import DiskError
from toto_bench.training.ahead import ahead
from toto_bench.training.batches import micro_batches, requests, to_device
from toto_bench.training.errors import diverged
from toto_bench.training.groups import Group, parameter_groups
from toto_bench.training.log import StepLog
from toto_bench.training.optimiser import adamw, clip_gradients, placed_groups
from toto_bench.training.parallel import Parallel
from toto_bench.training.ranks import Ranks
from toto_bench.training.settings import Training
from toto_bench.training.signals import Stop, stopping
from toto_bench.training.state import STATE_FILE, Trained, load_state, save_state

LOG_FILE = "log.jsonl"
LOSS = "loss"
"""Key of the loss that is differentiated; others are only logged."""


class Examples(Protocol):
    """Examples in an endless, seeded order, of which nothing is remembered."""

    def read(self, positions: range) -> Any:
        """The batch of these positions: a tensor, or a dict of tensors, on the CPU."""
        ...


@dataclass
class Trainer:
    """Trains a module, from where its folder says it was."""

    module: nn.Module
    """On its device. `module(batch)` returns scalars by name, each a mean over the batch; `loss` is differentiated."""
    examples: Examples
    """What it is trained on."""
    settings: Training
    """Numbers."""
    folder: Path
    """Holds `state.pt` and `log.jsonl`."""
    identity: str
    """Of the training: everything that decides its losses."""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    """Of this process."""
    ranks: Ranks = field(default_factory=Ranks)
    """The processes."""
    shards: tuple[nn.Module, ...] = ()
    """Blocks that are cut over the processes (FSDP2)."""
    groups: list[Group] | None = None
    """Parameters; None = all that are not frozen, decay on matrices."""
    build: Callable[[list[dict[str, Any]]], torch.optim.Optimizer] | None = None
    """Makes another optimiser of the groups, whose `lr` the loop sets at every step; None = AdamW, of the settings."""
    evaluate: Callable[[], Mapping[str, float]] | None = None
    """Called every `evaluate_every` steps and at the end; what it returns is logged."""
    watch: Callable[[int, Mapping[str, float], float], None] | None = None
    """Told after each step: number of steps done, losses, seconds of the step."""

    def run(self) -> int:
        """Train to the last step; the number of steps that were done before.

        Raises:
            DivergedError: a loss or gradient is NaN or infinite.
            OtherTrainingError: the folder holds another training.
            DamagedStateError: the saved state cannot be read.
            DiskError: a state or the log could not be written; the state before it is kept.
            KeyboardInterrupt: Ctrl-C or SIGTERM; the step was finished and its state saved.
        """
        self.log = StepLog(self.folder / LOG_FILE, writes=self.ranks.first)
        groups = self.groups  # parameters are replaced by FSDP, so that groups are found again by name
        self.parallel = Parallel(self.module, self.ranks, self.device, shards=self.shards)
        self.optimiser = self._optimiser(groups)
        self.trained = Trained(self.module, self.optimiser)
        self.saved = load_state(self.folder / STATE_FILE, self.trained, self.ranks, identity=self.identity)
        if self.saved == 0:
            torch.manual_seed(self.settings.seed + self.ranks.rank)
        self.log.resume(self.saved)
        begun = self.saved
        self.module.train()
        with stopping() as stop:
            self._steps(begun, stop)
        return begun

    def _optimiser(self, groups: list[Group] | None) -> torch.optim.Optimizer:
        numbers = self.settings.optimiser
        found = groups or parameter_groups(self.module, weight_decay=numbers.weight_decay)
        placed = placed_groups(found, self.module)
        return self.build(placed) if self.build is not None else adamw(placed, numbers, self.device)

    def _steps(self, begun: int, stop: Stop) -> None:
        settings = self.settings
        micros = micro_batches(settings, self.ranks)
        batches = ahead(self.examples.read, requests(settings, begun, micros))
        for step in range(begun, settings.steps):
            started = time.perf_counter()
            losses, asked = self._step(step, batches, micros, stop)
            done = step + 1
            self.log.add(step, **losses)
            if self.watch is not None:
                self.watch(done, losses, time.perf_counter() - started)
            last = done == settings.steps
            if self.evaluate is not None and (last or _due(done, settings.evaluate_every)):
                self.module.eval()
                self.log.add(step, kind="evaluation", **self.evaluate())
                self.module.train()
            if last or asked or _due(done, settings.save_every):
                self._save(done)
            if asked and not last:
                raise KeyboardInterrupt

    def _step(
        self, step: int, batches: Iterator[Any], micros: list[range], stop: Stop
    ) -> tuple[dict[str, float], bool]:
        """One update; its losses over all processes, and whether one of them was asked to stop."""
        optimiser, part = self.settings.optimiser, sum(len(micro) for micro in micros)
        factor = optimiser.schedule.factor(step, self.settings.steps)
        for group in self.optimiser.param_groups:
            group["lr"] = optimiser.learning_rate * factor * group["scale"]
        self.optimiser.zero_grad(set_to_none=True)
        sums: dict[str, Tensor] = {}
        for micro in micros:
            batch, share = to_device(next(batches), self.device), len(micro) / part
            with self.parallel.accumulating(last=micro is micros[-1]):
                with torch.autocast(
                    self.device.type, torch.bfloat16, enabled=self.settings.dtype == "bfloat16"
                ):
                    losses = self.parallel.call(batch)
                (losses[LOSS] * share).backward()
            for name, loss in losses.items():
                weighted = loss.detach().float() * share
                sums[name] = sums[name] + weighted if name in sums else weighted
        norm = clip_gradients(self.module, optimiser.clip)
        *values, own_norm = torch.stack([*sums.values(), norm]).tolist()
        # One exchange tells losses and whether to stop, so that all processes stop after the same step.
        *totals, asked = self.ranks.total([*values, float(stop.asked)], self.device)
        found = {name: value / self.ranks.world_size for name, value in zip(sums, totals, strict=True)}
        found["gradient_norm"] = own_norm
        self._expect_finite(step, found)
        self.optimiser.step()
        return found | {"learning_rate": optimiser.learning_rate * factor}, asked > 0

    def _expect_finite(self, step: int, found: Mapping[str, float]) -> None:
        wrong = [name for name, value in found.items() if not math.isfinite(value)]
        if not wrong:
            return
        self.log.flush()
        what = ", ".join(f"{name.replace('_', ' ')} {found[name]}" for name in wrong)
        raise diverged(step, what, self.folder / STATE_FILE, self.saved)

    def _save(self, done: int) -> None:
        self.log.flush()
        try:
            save_state(self.folder / STATE_FILE, self.trained, self.ranks, identity=self.identity, steps=done)
        except DiskError as error:
            kept = f"The state after {self.saved:,} steps is as it was." if self.saved else ""
            raise DiskError(f"{error} {kept}".rstrip()) from error
        self.saved = done


def _due(done: int, every: int | None) -> bool:
    return every is not None and done % every == 0
