"""From clips to a tokenizer. Stopped at any moment, the same call goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.toto.tokenizers.nano import NanoTokenizer
from toto_bench.files import digest
from toto_bench.pretraining.errors import SourceError
from toto_bench.pretraining.listing import Listing, kind_of, list_files, split
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.tokenizer.crops import Crops, read_frames
from toto_bench.pretraining.tokenizer.objective import Reconstruction
from toto_bench.pretraining.tokenizer.pictures import write_loss, write_reconstructions
from toto_bench.pretraining.tokenizer.quality import measure
from toto_bench.pretraining.tokenizer.recipe import TokenizerRecipe
from toto_bench.pretraining.tokenizer.result import halve, read_facts, write_tokenizer
from toto_bench.results.folder import RunFolder
from toto_bench.training.errors import GroupingError, OtherTrainingError
from toto_bench.training.settings import Training
from toto_bench.training.state import STATE_FILE
from toto_bench.training.trainer import Trainer


class TrainedTokenizer(NamedTuple):
    """What a training made."""

    folder: Path
    """`tokenizer.safetensors`, `tokenizer.json`, the loss, a picture."""
    facts: Mapping[str, Any]
    """Its lineage and quality."""
    reused: bool
    """Whether it was finished before."""


def train_tokenizer(
    recipe: TokenizerRecipe, data: Path, session: Session, *, out: Path | None = None, command: str = ""
) -> TrainedTokenizer:
    """Train the tokenizer; a finished one is returned, an unfinished one is finished.

    Args:
        recipe: the numbers.
        data: folder of videos, or of images.
        session: device, seed, progress; one process.
        out: folder; None = `runs/` and a name that follows from the rest.
        command: the command line, for the lineage.

    Raises:
        RequestError: the request is wrong; nothing was done.
        DataError: a file cannot be decoded.
        TotoBenchError: it failed; what the last saved state holds is kept.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the state is saved.
    """
    if session.ranks.world_size > 1:
        raise GroupingError("The tokenizer is trained by one process: start the command without torchrun.")
    listing = list_files(data, kind_of(data))
    if len(listing.files) < 2:
        raise SourceError(
            f"{data} holds one file: some have to be kept to measure the quality. Add files, or cut it into parts."
        )
    identity = digest(
        {
            "recipe": recipe.model_dump(mode="json", exclude={"name", "summary", "families", "save_every"}),
            "seed": session.seed,
            "data": listing.digest,
        }
    )
    folder = RunFolder(out or Path("runs") / f"pretrain-{recipe.name}-{identity[:8]}")
    if (known := read_facts(folder.path)) is not None:
        if known.get("training") != identity:
            raise OtherTrainingError(
                f"{folder.path} holds the finished result of another training. Choose another folder with `--out`."
            )
        return TrainedTokenizer(folder.path, known, reused=True)
    facts = {
        "training": identity,
        "seed": session.seed,
        "data": listing.digest,
        "recipe": recipe.model_dump(mode="json"),
        "command": command,
    }
    with folder.locked():
        _train(recipe, listing, session, folder.path, facts)
    return TrainedTokenizer(folder.path, read_facts(folder.path) or facts, reused=False)


def _train(
    recipe: TokenizerRecipe, listing: Listing, session: Session, out: Path, facts: dict[str, Any]
) -> None:
    own, kept = (read_frames(part, recipe, session.reporter) for part in split(listing, recipe.validation))
    with seeded(session.seed):
        tokenizer = NanoTokenizer()
    tokenizer.to(session.device)
    shown = 0

    def watch(done: int, losses: Mapping[str, float], seconds: float) -> None:
        nonlocal shown
        session.reporter.note(f"loss {losses['loss']:.4f}, {recipe.batch / seconds:.0f} crops/s")
        session.reporter.advance(done - shown)
        shown = done

    trainer = Trainer(
        Reconstruction(tokenizer, recipe),
        Crops(own, recipe, session.seed),
        _settings(recipe, session),
        out,
        facts["training"],
        device=session.device,
        evaluate=lambda: measure(tokenizer, kept),
        watch=watch,
    )
    session.reporter.start("Training", recipe.steps)
    try:
        trainer.run()
    finally:
        session.reporter.stop()
    tokenizer.eval()
    halve(tokenizer)
    write_loss(out)
    write_reconstructions(out, tokenizer, kept)
    write_tokenizer(out, tokenizer, facts | {"quality": measure(tokenizer, kept)})
    (out / STATE_FILE).unlink(missing_ok=True)


def _settings(recipe: TokenizerRecipe, session: Session) -> Training:
    """Crops of a batch go together: how evenly levels are used is seen over all of them."""
    return Training(
        steps=recipe.steps,
        batch=recipe.batch,
        micro_batch=recipe.batch,
        optimiser=recipe.optimiser,
        seed=session.seed,
        save_every=recipe.save_every,
        evaluate_every=recipe.validate_every,
    )
