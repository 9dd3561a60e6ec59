"""What a training leaves to look at: the loss, and originals over their reconstructions."""

from pathlib import Path

import torch
from matplotlib.figure import Figure
from PIL import Image

from toto_bench.backbones.toto.tokenizers.nano import STRIDE, NanoTokenizer
from toto_bench.files import write_text, write_with
from toto_bench.pretraining.tokenizer.quality import evenly, to_images
from toto_bench.pretraining.views import Pixels
from toto_bench.training.log import read_log
from toto_bench.training.trainer import LOG_FILE

COLUMNS = 6
LOSSES = ("loss", "reconstruction", "shift", "spread")


def write_loss(folder: Path) -> None:
    """`loss.csv` and `loss.png` of a training's log.

    Raises:
        DiskError: the operating system refused.
    """
    rows = [row for row in read_log(folder / LOG_FILE) if "loss" in row]
    columns = (*LOSSES, "gradient_norm", "learning_rate")
    lines = [",".join(["step", *columns])]
    lines += [",".join([str(row["step"] + 1), *(repr(row[name]) for name in columns)]) for row in rows]
    write_text(folder / "loss.csv", "\n".join(lines) + "\n")
    figure = Figure(figsize=(5.6, 3.6), layout="constrained")
    axes = figure.subplots()
    for name in LOSSES:
        axes.plot([row["step"] + 1 for row in rows], [row[name] for row in rows], label=name, linewidth=0.7)
    axes.set(xlabel="step", ylabel="loss", yscale="log", title="Tokenizer")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    write_with(folder / "loss.png", lambda temporary: figure.savefig(temporary, dpi=150))


def write_reconstructions(folder: Path, tokenizer: NanoTokenizer, frames: Pixels) -> None:
    """`reconstructions.png`: frames, below each what its codes say, twice as large.

    Args:
        folder: takes the file.
        tokenizer: trained.
        frames: uint8 [N, R, R, 3].

    Raises:
        DiskError: the operating system refused.
    """
    images = to_images(frames[evenly(len(frames), 2 * COLUMNS)]).to(next(tokenizer.parameters()).device)
    height, width = (side // STRIDE * STRIDE for side in images.shape[-2:])
    images = images[..., :height, :width]
    pairs = torch.stack([images, tokenizer.decode(tokenizer.encode(images))])
    missing = -len(images) % COLUMNS
    pairs = torch.cat([pairs, pairs.new_ones(2, missing, *pairs.shape[2:])], dim=1)
    # Bands of columns, in each the originals over their reconstructions: [band, 2, COLUMNS, 3, H, W] to [y, x, 3].
    bands = torch.stack(torch.split(pairs, COLUMNS, dim=1))
    sheet = bands.permute(0, 1, 4, 2, 5, 3).reshape(2 * len(bands) * height, COLUMNS * width, 3)
    large = (sheet * 255).round().byte().cpu().numpy().repeat(2, axis=0).repeat(2, axis=1)
    write_with(folder / "reconstructions.png", lambda temporary: Image.fromarray(large).save(temporary))
