"""Losses of each token position and each frame: where a video is redundant, the loss is low."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import nn

from toto_bench.files import write_text, write_with
from toto_bench.pretraining.sequences import Sequences
from toto_bench.training.batches import to_device


class PositionLosses(NamedTuple):
    """Mean loss of each predicted token of a sequence: nats, or the squared error of a normalised patch."""

    sequences: int
    """Number of sequences behind the means."""
    positions: NDArray[np.float64]
    """[T * h * w] of visual tokens, in raster order, frame after frame."""
    end: float | None
    """Of the end token; None: patches are predicted, and nothing after the last."""
    grid: tuple[int, int, int]
    """T, h, w."""

    @property
    def mean(self) -> float:
        """Of all predicted tokens, the end token among them: the loss that training minimises."""
        return float(np.mean(self.positions if self.end is None else [*self.positions, self.end]))

    @property
    def frames(self) -> NDArray[np.float64]:
        """[T] mean of each frame."""
        mean: NDArray[np.float64] = self.positions.reshape(self.grid[0], -1).mean(axis=1)
        return mean


def position_losses(
    objective: nn.Module,
    sequences: Sequences,
    count: int,
    *,
    grid: tuple[int, int, int],
    device: torch.device,
    batch: int = 1,
    autocast: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> PositionLosses:
    """Mean losses over the first `count` sequences of an order.

    Args:
        objective: a `NextToken` or `NextPatch`; it is left in eval mode.
        sequences: what it is measured on.
        count: of sequences.
        grid: frames, rows and columns of a sequence.
        device: of the model.
        batch: sequences at once.
        autocast: matrix products in bfloat16.
        advance: told of each batch.
    """
    objective.eval()
    sums = []
    with torch.no_grad():
        for at in range(0, count, batch):
            part = min(batch, count - at)
            examples = to_device(sequences.read(range(at, at + part)), device)
            with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
                losses = objective(examples)["positions"]
            sums.append(part * losses.double().cpu())
            advance(part)
    means = (torch.stack(sums).sum(0) / count).numpy()
    length = grid[0] * grid[1] * grid[2]
    return PositionLosses(count, means[:length], float(means[length]) if len(means) > length else None, grid)


def write_losses(folder: Path, losses: Mapping[str, PositionLosses]) -> list[Path]:
    """`loss_positions.csv`, `loss_frames.csv` and `loss_frames.png`, a curve for each name.

    Raises:
        DiskError: the operating system refused.
    """
    positions = [
        (
            name,
            index,
            *(int(part) for part in np.unravel_index(index, found.grid)),
            repr(float(loss)),
            found.sequences,
        )
        for name, found in losses.items()
        for index, loss in enumerate(found.positions)
    ]
    frames = [
        (name, frame, repr(float(loss)), found.sequences)
        for name, found in losses.items()
        for frame, loss in enumerate(found.frames)
    ]
    paths = [folder / name for name in ("loss_positions.csv", "loss_frames.csv", "loss_frames.png")]
    write_text(paths[0], _csv(("data", "position", "frame", "row", "column", "loss", "sequences"), positions))
    write_text(paths[1], _csv(("data", "frame", "loss", "sequences"), frames))
    figure = draw_losses(losses)
    write_with(paths[2], lambda temporary: figure.savefig(temporary, dpi=150))
    return paths


def draw_losses(losses: Mapping[str, PositionLosses]) -> Figure:
    """Loss over frames, and over the rows of the first frame and of the others."""
    figure = Figure(figsize=(10.4, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, (name, found) in enumerate(losses.items()):
        colour, count = f"C{number}", range(1, found.grid[0] + 1)
        left.plot(count, found.frames, label=name, color=colour, marker="o", markersize=3)
        rows = found.positions.reshape(found.grid).mean(axis=2)
        right.plot(rows[0], color=colour, label=f"{name}: first frame")
        if found.grid[0] > 1:
            right.plot(rows[1:].mean(axis=0), color=colour, linestyle="--", label=f"{name}: later frames")
    left.set(xlabel="frame", ylabel="loss (per token)")
    right.set(xlabel="row of tokens", ylabel="loss (nats per token)", title="Within a frame")
    left.set_title("Loss of each frame")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _csv(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([headings, *rows])
    return text.getvalue()
