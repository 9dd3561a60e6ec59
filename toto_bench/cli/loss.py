"""`toto-bench loss`."""

from pathlib import Path
from typing import Any

import click

from toto_bench.cli.options import json_option


@click.command("loss")
@click.argument("backbone", metavar="BACKBONE")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    multiple=True,
    required=True,
    help="Folder of videos or images; may be repeated, a curve each.",
)
@click.option("--checkpoint", type=click.Path(path_type=Path), help="File or folder of weights.")
@click.option("--random-init", is_flag=True, help="Untrained weights.")
@click.option(
    "--kind", type=click.Choice(["videos", "images", "frames"]), help="Default: what the folder holds."
)
@click.option(
    "--frames", type=click.IntRange(min=1), help="Frames (or images) of a sequence; default the model's."
)
@click.option(
    "--stride", type=click.IntRange(min=1), default=4, show_default=True, help="Frames of the video."
)
@click.option("--limit", type=click.IntRange(min=1), default=64, show_default=True, help="Sequences at most.")
@click.option("--batch-size", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:N or mps.")
@click.option(
    "--dtype",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    default="auto",
    show_default=True,
    help="Of matrix products; auto = bfloat16 on CUDA.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, help="Of untrained weights.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("loss"), show_default=True
)
@json_option
def command(
    backbone: str,
    data: tuple[Path, ...],
    device: str,
    dtype: str,
    batch_size: int,
    out: Path,
    as_json: bool,
    checkpoint: Path | None,
    random_init: bool,
    seed: int,
    **options: Any,
) -> None:
    """Loss of the next token at each position and frame, of any Toto on any folder: CSV and PNG.

    \b
    toto-bench loss toto-nano --data world/video
    """
    import torch

    from toto_bench.backbones.load import load_backbone
    from toto_bench.cli.output import echo_json
    from toto_bench.cli.training_progress import TrainingProgress
    from toto_bench.pretraining.measure import LossRequest, measure
    from toto_bench.pretraining.positions import write_losses
    from toto_bench.pretraining.session import Session, number_type
    from toto_bench.runner.device import choose_device

    chosen, progress = torch.device(choose_device(device)), TrainingProgress()
    model = load_backbone(
        backbone, checkpoint=checkpoint, random_init=random_init, seed=seed, progress=progress
    )
    request = LossRequest(data=data, batch=batch_size, **options)
    losses = measure(model, request, Session(chosen, progress, dtype=number_type(dtype, chosen)))
    paths = write_losses(out, losses)
    if as_json:
        found = {
            name: {"loss": part.mean, "frames": part.frames.tolist(), "sequences": part.sequences}
            for name, part in losses.items()
        }
        echo_json([{"losses": found, "files": [str(path) for path in paths]}], single=True)
        return
    for name, part in losses.items():
        first, *later = part.frames
        rest = f", first frame {first:.4f}, later ones {sum(later) / len(later):.4f}" if later else ""
        click.echo(f"{name}: {part.mean:.4f} nats per token over {part.sequences} sequences{rest}")
    click.echo("Wrote " + ", ".join(str(path) for path in paths))
