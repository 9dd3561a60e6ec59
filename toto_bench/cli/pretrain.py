"""`toto-bench pretrain`."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toto_bench.cli.options import json_option

if TYPE_CHECKING:
    from toto_bench.pretraining.pretrain import Pretrained


@click.command("pretrain")
@click.argument("recipe", metavar="RECIPE")
@click.option(
    "--data",
    multiple=True,
    metavar="NAME=PATH",
    help="Folder of a source of the recipe; may be repeated. PATH alone where there is one source.",
)
@click.option(
    "--init",
    metavar="NAME|PATH",
    help="Weights to begin with (adaptation): a card, run:..., a file or folder.",
)
@click.option("--backbone", metavar="CARD", help="Another architecture than the recipe's.")
@click.option("--tokenizer", type=click.Path(path_type=Path, exists=True), help="Weights of the tokenizer.")
@click.option("--tokens", metavar="HxW", help="Tokens of a frame, as 32x32; default the architecture's.")
@click.option(
    "--rope-base", type=click.FloatRange(min=1), help="Base of the rotary embedding; 50000 for 32x32."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder; default runs/pretrain-RECIPE-ID.",
)
@click.option("--steps", type=click.IntRange(min=1), help="Updates of the weights.")
@click.option("--batch-tokens", type=click.IntRange(min=1), help="Visual tokens of an update.")
@click.option(
    "--micro-batch", type=click.IntRange(min=1), help="Sequences at once; does not change the result."
)
@click.option("--frames", type=click.IntRange(min=1), help="Frames (or images) of a sequence.")
@click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True), help="Peak.")
@click.option("--warmup-steps", type=click.IntRange(min=0), help="Steps until the peak.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:N or mps.")
@click.option(
    "--dtype",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    help="Of matrix products; auto = bfloat16 on CUDA.",
)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of the CPU.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Threads that decode."
)
@click.option("--shard", is_flag=True, help="Cut weights and optimiser over the processes (FSDP2).")
@json_option
def command(
    recipe: str,
    data: tuple[str, ...],
    tokens: str | None,
    device: str,
    threads: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Pre-train a Toto on the next token, or adapt one (`--init`); the result is a backbone, `run:FOLDER`.

    RECIPE is `toto-paper`, `toto-nano` or a TOML file; `nano-tokenizer` makes the tokenizer of toto-nano. Frames are
    turned into token ids once. Stopped or killed, the same command goes on where it was. `torchrun --nproc-per-node N
    -m toto_bench pretrain ...` takes several GPUs.

    \b
    toto-bench pretrain toto-nano --data world/video
    toto-bench pretrain toto-nano --data world/video --init toto-nano --tokens 32x32 --rope-base 50000
    """
    import torch

    from toto_bench.cli.output import echo_json
    from toto_bench.cli.training_progress import SilentTraining, TrainingProgress
    from toto_bench.pretraining.pretrain import pretrain
    from toto_bench.pretraining.recipe import load_recipe
    from toto_bench.pretraining.request import PretrainRequest, parse_data, parse_grid
    from toto_bench.pretraining.tokenizer.recipe import makes_tokenizer
    from toto_bench.runner.device import choose_device
    from toto_bench.training.ranks import join_ranks, leave_ranks

    if threads is not None:
        torch.set_num_threads(threads)
    chosen = choose_device(device)
    if makes_tokenizer(recipe):
        from toto_bench.cli.pretrain_tokenizer import train

        train(recipe, data, options | {"tokens": tokens}, device=chosen, as_json=as_json)
        return
    request = PretrainRequest(
        recipe=recipe,
        data=parse_data(data, load_recipe(recipe)),
        grid=None if tokens is None else parse_grid(tokens),
        device=chosen,
        command=shlex.join(["toto-bench", *sys.argv[1:]]),
        **options,
    )
    ranks = join_ranks(request.device)
    reporter = TrainingProgress() if ranks.first else SilentTraining()
    try:
        result = pretrain(request, ranks, reporter)
    finally:
        reporter.stop()
        leave_ranks()
    if ranks.first and as_json:
        echo_json([_document(result)], single=True)
    elif ranks.first:
        _echo(result)


def _document(result: "Pretrained") -> dict[str, Any]:
    names = (
        "identity",
        "training_loss",
        "validation_loss",
        "tokens",
        "tokens_per_second",
        "macs",
        "families",
    )
    known = {name: result.facts.get(name) for name in names}
    return {"folder": str(result.folder), "backbone": f"run:{result.backbone}", **known}


def _echo(result: "Pretrained") -> None:
    if result.reused:
        click.echo("This training was finished before; another `--out` or `--seed` makes another.", err=True)
    facts = result.facts
    click.echo(
        f"Training loss   {facts['training_loss']:.4f} nats per token after {facts['tokens']:,} tokens"
    )
    for name, loss in facts["validation_loss"].items():
        click.echo(f"Validation loss {loss:.4f} ({name})")
    if "tokens_per_second" in facts:
        click.echo(f"Speed           {facts['tokens_per_second']:,.0f} tokens/s")
    click.echo(f"Curves          {result.folder / 'loss.png'}")
    click.echo(f"Backbone        --backbone run:{result.backbone}")
