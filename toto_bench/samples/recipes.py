"""Which data sets the sample world can write, and what writes each."""

from collections.abc import Iterable
from typing import cast

from toto_bench.cards.entries import import_entry
from toto_bench.cards.suggest import did_you_mean
from toto_bench.errors import RequestError
from toto_bench.samples.recipe import Recipe

RECIPES = {
    name: f"toto_bench.samples.{name}:RECIPE"
    for name in ("davis", "imagenet", "kinetics400", "ego4d_sta", "cater", "video")
}
"""Task card (or `video`) to `module:object`, imported when it is needed."""


class UnknownSampleError(RequestError):
    """There is no sample of this name."""


def choose_recipes(names: Iterable[str] = ()) -> tuple[str, ...]:
    """The samples to make, each once and in the order of `RECIPES`; without names all of them.

    Raises:
        UnknownSampleError: there is none of this name.
    """
    wanted = set(names)
    for name in sorted(wanted - RECIPES.keys()):
        raise UnknownSampleError(f"There is no sample `{name}`{did_you_mean(name, RECIPES)}")
    return tuple(name for name in RECIPES if not wanted or name in wanted)


def load_recipe(entry: str, name: str) -> Recipe:
    """What an entry of `RECIPES` means.

    Raises:
        CardError: it cannot be imported.
    """
    return cast("Recipe", import_entry(entry, f"the sample `{name}`"))
