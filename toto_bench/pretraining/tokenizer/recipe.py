"""The numbers of a tokenizer's training; a TOML file."""

from pathlib import Path

from pydantic import Field

from toto_bench.cards.base import Strict, parse, read_toml
from toto_bench.cards.suggest import did_you_mean
from toto_bench.pretraining.errors import RecipeError
from toto_bench.training.settings import Optimiser

RECIPES = Path(__file__).parent / "recipes"


class TokenizerRecipe(Strict):
    """What a tokenizer learns from, and how. All numbers are ours."""

    name: str
    """Name on the command line; the file's name."""
    summary: str
    """What it makes, in a sentence."""
    families: tuple[str, ...] = Field(min_length=1)
    """Names of the data, as backbone cards name pre-training data."""
    frame_size: int = Field(ge=8)
    """The shortest side of a frame is resized to it, then a random square is cut."""
    views: int = Field(ge=1)
    """Random frames of each file, all kept in memory (3 bytes a pixel)."""
    crop: int = Field(ge=16, multiple_of=8)
    """Side in pixels of what the network sees in training."""
    zoom: float = Field(ge=1)
    """A crop shows things up to so many times larger or smaller than its frame does."""
    gain: float = Field(ge=0, lt=1)
    """Each colour channel is made brighter or darker by up to this share; channels also change places."""
    noise: float = Field(ge=0)
    """Largest deviation of the noise that the encoder sees and must not reconstruct; pixels are in [0, 1]."""
    edges: float = Field(ge=0)
    """Weight of differences of neighbouring pixels beside that of pixels."""
    shift: float = Field(ge=0)
    """Weight of what changes in the latents, in levels, when an image is moved by a pixel."""
    spread: float = Field(ge=0)
    """Weight of the distance of each latent channel from an even use of its levels."""
    steps: int = Field(ge=1)
    """Updates of the weights."""
    batch: int = Field(ge=2)
    """Crops in an update."""
    optimiser: Optimiser
    """AdamW and its schedule."""
    validation: float = Field(gt=0, lt=1)
    """Share of the files that is kept to measure the quality."""
    save_every: int = Field(ge=1)
    """Steps between saved states."""
    validate_every: int | None = Field(default=None, ge=1)
    """Steps between measurements; None = only at the end."""


def tokenizer_recipe_names() -> list[str]:
    """The shipped recipes."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def makes_tokenizer(name: str) -> bool:
    """Whether a recipe, by name or as a file, is one of a tokenizer and not of a Toto."""
    path = Path(name).expanduser()
    if not (name.endswith(".toml") and path.is_file()):
        return name in tokenizer_recipe_names()
    return "crop" in read_toml(path)


def load_tokenizer_recipe(name: str) -> TokenizerRecipe:
    """A shipped recipe by name, or the recipe of a TOML file.

    Raises:
        RecipeError: there is none.
        CardError: the file is wrong; names the key.
    """
    known = tokenizer_recipe_names()
    path = Path(name).expanduser() if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        raise RecipeError(
            f"There is no tokenizer recipe `{name}`{did_you_mean(name, known)} A file of your own ends in `.toml`."
        )
    return parse(TokenizerRecipe, read_toml(path), path)
