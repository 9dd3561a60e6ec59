"""toto-bench: the evaluation suite of the Toto paper for any visual backbone."""

from toto_bench._version import __version__

__all__ = ["__version__"]
