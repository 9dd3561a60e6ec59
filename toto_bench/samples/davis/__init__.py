"""The sample of DAVIS: short sequences with masks, in the layout of DAVIS-2017."""

from toto_bench.samples.davis.recipe import RECIPE, DavisRecipe

__all__ = ["RECIPE", "DavisRecipe"]
