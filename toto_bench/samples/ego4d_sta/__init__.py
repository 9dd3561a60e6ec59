"""The sample of Ego4D's short-term anticipation: what is touched next, how, and when?"""

from toto_bench.samples.ego4d_sta.recipe import RECIPE, Ego4dStaRecipe

__all__ = ["RECIPE", "Ego4dStaRecipe"]
