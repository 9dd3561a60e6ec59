"""The data of a training: listed before any work, turned into shards (or opened as clips) when it begins."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from toto_bench.backbones.toto.backbone import Toto
from toto_bench.paths import cache_folder
from toto_bench.pretraining.clips import Clips
from toto_bench.pretraining.errors import SourceError
from toto_bench.pretraining.listing import Listing, list_files, split
from toto_bench.pretraining.objective import discrete
from toto_bench.pretraining.recipe import Kind, Recipe
from toto_bench.pretraining.sequences import Part, Rows, Sequences, rows_of_sequence
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.shard_folder import ShardFolder
from toto_bench.pretraining.shards import SHARDS
from toto_bench.pretraining.tokenise import tokenise
from toto_bench.pretraining.views import Viewing

VALIDATION_SEED = 1
"""Of views and order of what is kept for validation: the same for every training."""


class Ready(NamedTuple):
    """Data that can be read."""

    training: Sequences
    validation: dict[str, Sequences]
    """Each source alone, where files were kept for validation."""
    grid: tuple[int, int, int]
    """Frames, rows and columns of tokens of a sequence."""
    batch: int
    """Sequences of an update."""

    @property
    def length(self) -> int:
        """Visual tokens of a sequence."""
        return self.grid[0] * self.grid[1] * self.grid[2]


class Data(NamedTuple):
    """Data that was found."""

    recipe: Recipe
    listings: dict[str, Listing]
    viewing: Viewing
    discrete: bool
    """Whether frames become shards: input and target are the same ids."""
    grid: int
    """Tokens on a side of a frame."""

    @property
    def batch(self) -> int:
        """Sequences of an update: the whole number that comes nearest to the tokens of the recipe."""
        return max(1, round(self.recipe.batch_tokens / (self.viewing.frames * self.grid**2)))

    def open(self, backbone: Toto, session: Session) -> Ready:
        """Make shards where they are needed, and open everything.

        Raises:
            DataError: nothing of a source can be read.
            DiskError: the disk is full.
        """
        if not self.discrete and session.ranks.first:
            session.reporter.say(
                "No shards: these tokens are not one set of ids, so that every frame is decoded and tokenised anew in "
                "each step. Shards are made where input and target are the same ids."
            )
        frames, config = self.viewing.frames, backbone.config if self.discrete else None
        training, validation = {}, {}
        for name, source in self.recipe.data.items():
            own, kept = split(self.listings[name], self.recipe.validation)
            rows = open_rows(own, source.kind, self.viewing, backbone, session)
            rows.expect_some()
            training[name] = Part(source.kind, source.ratio, rows)
            if kept.files:
                viewing = self.viewing._replace(views=1, seed=VALIDATION_SEED)
                count = self.recipe.validation_sequences * rows_of_sequence(source.kind, frames)
                kept = kept.some(count, VALIDATION_SEED)
                rows = open_rows(kept, source.kind, viewing, backbone, session)
                if len(rows) == 0:
                    session.reporter.say(
                        f"Note: no validation on `{name}`: nothing that was kept for it can be read."
                    )
                    continue
                part = Part(source.kind, 1.0, rows)
                validation[name] = Sequences({name: part}, frames=frames, seed=VALIDATION_SEED, config=config)
        order = Sequences(training, frames=frames, seed=session.seed, config=config)
        return Ready(order, validation, (frames, self.grid, self.grid), self.batch)


def open_rows(listing: Listing, kind: Kind, viewing: Viewing, backbone: Toto, session: Session) -> Rows:
    """The rows of some files: shards of ids, made where they are not there, or clips that are decoded when read.

    Raises:
        DiskError: the disk is full.
    """
    if not discrete(backbone):
        return Clips(listing, kind, viewing, workers=session.workers)
    folder = ShardFolder(cache_folder() / SHARDS, listing, kind, backbone.tokenizer.identity, viewing)
    return tokenise(folder, backbone.tokenizer, viewing, session)


def make_data(recipe: Recipe, folders: Mapping[str, Path], backbone: Toto) -> Data:
    """Find the files.

    Raises:
        SourceError: a folder is missing, or holds nothing of its kind; one error names all.
    """
    listings: dict[str, Listing] = {}
    problems: list[str] = []
    for name, source in recipe.data.items():
        try:
            listings[name] = list_files(folders[name], source.kind, f"--data {source.folder_of or name}=PATH")
        except SourceError as error:
            problems.append(str(error))
    if problems:
        raise SourceError(" ".join(dict.fromkeys(problems)))
    config, shape = backbone.config, recipe.sequences
    size = config.grid * config.patch
    viewing = Viewing(size, shape.frames, shape.stride, shape.views, seed=0, zoom=shape.zoom)
    return Data(recipe, listings, viewing, discrete(backbone), config.grid)
