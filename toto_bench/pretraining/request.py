"""What a user asks of `pretrain`, and the recipe with it applied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toto_bench.cards.suggest import did_you_mean
from toto_bench.errors import RequestError
from toto_bench.pretraining.errors import RecipeError, SourceError
from toto_bench.pretraining.recipe import Recipe, load_recipe, without_source


@dataclass(frozen=True)
class PretrainRequest:
    """A recipe, its data, and what differs from it. None = as the recipe says."""

    recipe: str
    """Name of a shipped recipe, or a TOML file."""
    data: Mapping[str, Path] = field(default_factory=dict)
    """Folders of the recipe's sources by name."""
    backbone: str | None = None
    """Card of another architecture."""
    tokenizer: Path | None = None
    """Weights of the input tokenizer; None = where they are looked for."""
    init: str | None = None
    """Weights to begin with: a card's name, `run:...`, or a path. None = random."""
    grid: int | None = None
    """Tokens on a side of a frame."""
    rope_base: float | None = None
    """Base of the rotary embedding."""
    out: Path | None = None
    """Folder; None = `runs/` and a name that follows from the rest."""
    steps: int | None = None
    seed: int = 0
    batch_tokens: int | None = None
    micro_batch: int | None = None
    learning_rate: float | None = None
    warmup_steps: int | None = None
    frames: int | None = None
    dtype: str | None = None
    device: str = "cpu"
    workers: int = 2
    """Threads that decode."""
    shard: bool = False
    """Cut weights and optimiser over the processes (FSDP2)."""
    command: str = ""
    """The command line, for the lineage."""


def resolve(request: PretrainRequest) -> Recipe:
    """The recipe with the request's numbers in the place of its own.

    Raises:
        RecipeError: there is no such recipe, or a number does not fit.
    """
    recipe = load_recipe(request.recipe)
    content = recipe.model_dump(mode="json")
    names = ("backbone", "steps", "batch_tokens", "micro_batch", "dtype")
    given = {name: value for name in names if (value := getattr(request, name)) is not None}
    content |= given
    if request.learning_rate is not None:
        content["optimiser"]["learning_rate"] = given["optimiser.learning_rate"] = request.learning_rate
    if request.warmup_steps is not None:
        content["optimiser"]["schedule"]["warmup_steps"] = request.warmup_steps
        given["optimiser.schedule.warmup_steps"] = request.warmup_steps
    if request.frames is not None:
        content["sequences"]["frames"] = given["sequences.frames"] = request.frames
    defaults = dict.fromkeys(without_source(content, recipe.sources), "the default")
    content["sources"] = defaults | recipe.sources | dict.fromkeys(given, "the command line")
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise RecipeError(f"`{key}` = {problem['input']!r}: {problem['msg']}.") from error


def parse_data(given: tuple[str, ...], recipe: Recipe) -> dict[str, Path]:
    """`NAME=PATH` for each source; `PATH` alone for the only one.

    Raises:
        SourceError: there is no source of that name.
    """
    found: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals:
            if len(recipe.folders) > 1:
                raise SourceError(
                    f"`--data {text}`: the recipe `{recipe.name}` has several sources; say which one: "
                    + ", ".join(f"`--data {source}=PATH`" for source in recipe.folders)
                    + "."
                )
            name, path = recipe.folders[0], text
        if name not in recipe.folders:
            raise SourceError(
                f"The recipe `{recipe.name}` has no data `{name}`{did_you_mean(name, recipe.folders)}"
            )
        found[name] = Path(path).expanduser()
    return found


def parse_grid(text: str) -> int:
    """`32x32` (or `32`) tokens of a frame.

    Raises:
        RequestError: it is not a square.
    """
    match = re.fullmatch(r"(\d+)(?:x(\d+))?", text.strip())
    if match is None or int(match[1]) < 1 or match[2] not in (None, match[1]):
        raise RequestError(f"`--tokens {text}`: give the tokens of a square frame, for example `32x32`.")
    return int(match[1])


def expect_data(recipe: Recipe, data: Mapping[str, Path]) -> dict[str, Path]:
    """A folder for every source.

    Raises:
        SourceError: one error names all that are missing.
    """
    own = {name: data.get(name) or _own(recipe.data[name].path) for name in recipe.folders}
    found = {name: own[source.folder_of or name] for name, source in recipe.data.items()}
    missing = [name for name, path in own.items() if path is None]
    if missing:
        ways = " ".join(f"`--data {name}=PATH`: {recipe.data[name].how_to_get}" for name in missing)
        raise SourceError(f"The recipe `{recipe.name}` needs data that was not given. {ways}")
    return {name: path for name, path in found.items() if path is not None}


def _own(path: str | None) -> Path | None:
    return None if path is None else Path(path).expanduser()


def plain(recipe: Recipe) -> dict[str, Any]:
    """What of a recipe decides the losses."""
    content = recipe.model_dump(
        mode="json", exclude={"name", "summary", "backbone", "sources", "micro_batch", "saved", "save_every"}
    )
    for source in content["data"].values():
        for name in ("path", "folder_of", "how_to_get", "families"):
            source.pop(name)
    return content
