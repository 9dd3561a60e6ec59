"""Clips of eight motions in the layout of Kinetics-400 as CVDF hosts it.

- `annotations/{train,val}.csv`: `label,youtube_id,time_start,time_end,split`.
- `{train,val}/<id>_<start:06d>_<end:06d>.mp4`: identifiers of our own with 11 characters, some of which begin with `-`
  or contain `_`, as those of Kinetics do. A clip is its video from `time_start` on, 2.5 seconds; `time_end` is rounded.
- `annotations/classes.txt`: the class list, a label in each line, in alphabetical order, which is that of class ids.
  The 400 labels of Kinetics are the same for everybody; those of other data have to come with it, beside the lists.

The motions look alike in single frames: the same cast is in all clips, each thing in the same range of places, several
classes are others played backwards, and what stays still hangs in the air, lies in line, or is covered as often as what
moves in other classes does. No class is the mirror image of another, because clips are
flipped at random when probes are trained for Kinetics: away and nearer, not left and right.
"""

from toto_bench.samples.kinetics400.recipe import RECIPE

__all__ = ["RECIPE"]
