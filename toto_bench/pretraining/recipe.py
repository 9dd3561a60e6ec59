"""A recipe: what is pre-trained on what, and how; a TOML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from toto_bench.cards.base import Strict, parse, read_toml
from toto_bench.cards.suggest import did_you_mean
from toto_bench.pretraining.errors import RecipeError
from toto_bench.pretraining.tokenizer.recipe import tokenizer_recipe_names
from toto_bench.training.settings import Optimiser

Kind = Literal["images", "videos", "frames"]
"""Image files; video files, of which clips are cut; video files, of which single frames are taken as images."""
RECIPES = Path(__file__).parent / "recipes"
_WORDS = ("name", "summary", "sources")
_NO_NUMBERS = ("kind", "families", "path", "folder_of", "how_to_get")


class Source(Strict):
    """A data set of the mixture."""

    kind: Kind
    """Sequences of random images, of clips, or of random single frames of videos."""
    ratio: float = Field(gt=0)
    """Its share of the sequences, relative to the other ratios."""
    families: tuple[str, ...] = Field(min_length=1)
    """Names of the data, as backbone cards name pre-training data, so that overlaps with evaluations are seen."""
    path: str | None = None
    """Its folder; `--data NAME=PATH` says another."""
    folder_of: str | None = None
    """Another source whose folder this one reads too: nothing is passed for it."""
    how_to_get: str = "Pass its folder."
    """What to do without it."""


class Sequences(Strict):
    """What one training sequence is made of."""

    frames: int = Field(default=16, ge=1)
    """Frames of a clip, or images of an image sequence."""
    stride: int = Field(default=4, ge=1)
    """Frames of the video from one frame of a clip to the next."""
    views: int = Field(default=1, ge=1)
    """Random crops (and starts) of each file that are turned into tokens, once for all epochs."""
    zoom: float = Field(default=1.0, ge=1)
    """Views are cut at R to `zoom` times R pixels of the shortest side; 1 = always at R."""


class Recipe(Strict):
    """A pre-training, with the source of every number."""

    name: str
    """Name on the command line; the file's name."""
    summary: str
    """What it makes, in a sentence."""
    backbone: str
    """Card whose architecture and tokenizer are taken."""
    data: dict[str, Source] = Field(min_length=1)
    """The mixture."""
    sequences: Sequences = Sequences()
    """Frames, stride, views."""
    steps: int = Field(ge=1)
    """Updates of the weights."""
    batch_tokens: int = Field(ge=1)
    """Visual tokens of an update; a whole number of sequences is taken that comes nearest."""
    micro_batch: int = Field(default=1, ge=1)
    """Sequences that go through the model at once; does not change the result."""
    optimiser: Optimiser
    """AdamW and its schedule."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of matrix products; `auto` = bfloat16 on CUDA, float32 elsewhere."""
    validation: float = Field(default=0.01, ge=0, lt=1)
    """Share of the files of each source that is kept for the validation loss."""
    validation_sequences: int = Field(default=64, ge=1)
    """Sequences at most that a validation reads."""
    saved: Literal["float32", "float16", "bfloat16"] = "float32"
    """Number type of the finished backbone's files; training itself keeps float32."""
    save_every: int = Field(default=500, ge=1)
    """Steps between saved states."""
    validate_every: int | None = Field(default=None, ge=1)
    """Steps between validations; None = only at the end."""
    sources: dict[str, str]
    """Where each number comes from; texts that begin with `inferred` are no statement of the paper."""

    @property
    def folders(self) -> list[str]:
        """The sources that have a folder of their own."""
        return [name for name, source in self.data.items() if source.folder_of is None]

    @model_validator(mode="after")
    def _knows_folders(self) -> "Recipe":
        for name, source in self.data.items():
            if source.folder_of is not None and source.folder_of not in self.folders:
                raise ValueError(f"`data.{name}.folder_of`: `{source.folder_of}` has no folder of its own")
        return self

    @model_validator(mode="after")
    def _says_where_from(self) -> "Recipe":
        """Every number that the recipe sets has a source, by its dotted name or that of its table."""
        if left := without_source(self.model_dump(exclude_unset=True), self.sources):
            raise ValueError(f"`sources` says nothing of {', '.join(f'`{key}`' for key in left)}: add it")
        return self


def without_source(content: Mapping[str, object], sources: Mapping[str, str]) -> list[str]:
    """Dotted names of the numbers in the tables of a recipe that no source speaks of, alone or with their table."""
    return [
        key
        for key in _leaves({key: value for key, value in content.items() if key not in _WORDS})
        if not any(key == known or key.startswith(f"{known}.") for known in sources)
        and key.rsplit(".", 1)[-1] not in _NO_NUMBERS
    ]


def _leaves(content: dict[str, object], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in content.items():
        names += _leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
    return names


def recipe_names() -> list[str]:
    """The shipped recipes."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def load_recipe(name: str) -> Recipe:
    """A shipped recipe by name, or the recipe of a TOML file.

    Raises:
        RecipeError: there is none.
        CardError: the file is wrong; names the key.
    """
    known = [*recipe_names(), *tokenizer_recipe_names()]
    if name.endswith(".toml"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise RecipeError(f"There is no recipe file `{name}`. Shipped: {', '.join(known)}.")
    elif name in recipe_names():
        path = RECIPES / f"{name}.toml"
    else:
        raise RecipeError(
            f"There is no recipe `{name}`{did_you_mean(name, known)} A file of your own ends in `.toml`."
        )
    return parse(Recipe, read_toml(path), path)
