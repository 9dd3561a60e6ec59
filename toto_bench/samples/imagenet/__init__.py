"""Pictures of ten kinds of things in class folders.

- `{train,val}/CLASS/CLASS_<number:05d>.JPEG`; the class index is the rank of the folder.
  Folders have the names of things, not WordNet ids: readers of class folders take either, and order them alike.

Only the shape tells the class: looks, places, rooms, lights and views are drawn in the same way for all.
"""

from toto_bench.samples.imagenet.recipe import RECIPE

__all__ = ["RECIPE"]
