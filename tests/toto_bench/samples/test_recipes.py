"""The recipes that there are keep what the maker of samples relies on."""

import pytest

from toto_bench.cards import task_cards
from toto_bench.samples.recipe import Making
from toto_bench.samples.recipes import RECIPES, UnknownSampleError, choose_recipes, load_recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_keeps_its_contract(name: str) -> None:
    """Its name; units that are plain file names, each once, always the same, and more of them at a larger scale."""
    recipe = load_recipe(RECIPES[name], name)
    assert recipe.name == name
    units = recipe.units(Making())
    assert units == recipe.units(Making())
    assert len(set(units)) == len(units) > 0
    assert all("/" not in unit and not unit.startswith(".") for unit in units)
    assert len(recipe.units(Making(scale=3))) > len(units)


def test_they_are_tasks_and_video() -> None:
    """Every name but one is that of a card."""
    assert set(RECIPES) - set(task_cards()) == {"video"}


def test_choosing() -> None:
    """Each once, in a fixed order; none named means all."""
    assert choose_recipes(["video", "davis", "video"]) == ("davis", "video")
    assert choose_recipes() == tuple(RECIPES)
    with pytest.raises(UnknownSampleError, match="Did you mean `davis`"):
        choose_recipes(["davs"])
