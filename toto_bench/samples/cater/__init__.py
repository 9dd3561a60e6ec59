"""The sample of CATER's snitch localization: where does a covered and carried thing end?"""

from toto_bench.samples.cater.recipe import RECIPE, CaterRecipe

__all__ = ["RECIPE", "CaterRecipe"]
