"""Contact sheets: a data set at a glance, with what its files say of it."""

from toto_bench.samples.show.write import show_data

__all__ = ["show_data"]
