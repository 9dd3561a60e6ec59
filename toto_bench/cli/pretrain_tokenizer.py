"""`toto-bench pretrain nano-tokenizer`: the recipes of `pretrain` that make a tokenizer."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toto_bench.errors import RequestError

if TYPE_CHECKING:
    from toto_bench.pretraining.tokenizer.train import TrainedTokenizer

OPTIONS = ("out", "seed", "steps")
"""Options of `pretrain` that a tokenizer's training has as well, besides device, threads and `--json`."""
_OF_THE_MACHINE = ("workers",)
"""That it does without silently: they decide how fast others are, not what comes out."""


def train(
    recipe: str, data: tuple[str, ...], options: Mapping[str, Any], *, device: str, as_json: bool
) -> None:
    """Train a tokenizer and say what came out.

    Args:
        recipe: name of a tokenizer's recipe.
        data: what `--data` gave: one folder.
        options: the other options of `pretrain` by name; None or False where not given.
        device: as PyTorch names it.
        as_json: one object on stdout.

    Raises:
        RequestError: an option that only a Toto's training has, or not one folder.
        TotoBenchError: as `train_tokenizer`.
    """
    from toto_bench.cli.output import echo_json
    from toto_bench.cli.training_progress import TrainingProgress
    from toto_bench.pretraining.session import Session
    from toto_bench.pretraining.tokenizer.recipe import load_tokenizer_recipe
    from toto_bench.pretraining.tokenizer.train import train_tokenizer
    from toto_bench.training.ranks import join_ranks, leave_ranks

    folder, numbers = _folder(recipe, data), load_tokenizer_recipe(recipe)
    others = [name for name, value in options.items() if value and name not in (*OPTIONS, *_OF_THE_MACHINE)]
    if others:
        names = ", ".join(f"`--{name.replace('_', '-')}`" for name in others)
        raise RequestError(f"`pretrain {recipe}` makes a tokenizer, which has no {names}: leave it out.")
    if options.get("steps"):
        numbers = numbers.model_copy(update={"steps": options["steps"]})
    import torch

    ranks, reporter = join_ranks(device), TrainingProgress()
    session = Session(torch.device(device), reporter, ranks, seed=options.get("seed") or 0)
    command = shlex.join(["toto-bench", *sys.argv[1:]])
    try:
        result = train_tokenizer(numbers, folder, session, out=options.get("out"), command=command)
    finally:
        reporter.stop()
        leave_ranks()
    if as_json:
        known = ("identity", "quality", "parameters", "bytes")
        document = {"folder": str(result.folder), **{name: result.facts[name] for name in known}}
        echo_json([document], single=True)
    else:
        _echo(result)


def _folder(recipe: str, data: tuple[str, ...]) -> Path:
    if len(data) != 1:
        raise RequestError(
            f"`pretrain {recipe}` reads one folder of videos: `--data PATH`. `toto-bench data make-sample --out world "
            "--tasks video --scale 2` makes one: `world/video`."
        )
    [given] = data
    name, equals, path = given.partition("=")
    named = equals and name == "video" and not Path(given).exists()
    return Path(path if named else given).expanduser()


def _echo(result: "TrainedTokenizer") -> None:
    if result.reused:
        click.echo("This training was finished before; another `--out` or `--seed` makes another.", err=True)
    quality = result.facts["quality"]
    click.echo(f"Fidelity        {quality['psnr']:.2f} dB (PSNR on clips kept from training)")
    click.echo(f"Codes           {quality['codes_used']:.0%} used, perplexity {quality['perplexity']:.0f}")
    steady = f"{quality['kept_noise']:.0%} stay under faint noise, {quality['kept_shift']:.0%} when moved by a pixel"
    click.echo(f"Steady          {steady}")
    click.echo(f"Picture         {result.folder / 'reconstructions.png'}")
    click.echo(f"Tokenizer       --tokenizer {result.folder / 'tokenizer.safetensors'}")
