"""Models of the transformers library as backbones: `hf:REPOSITORY`, `hf:CLASS`, and cards that name a class.

Importing this does not import transformers, which comes with the extra `hf`.
"""

from toto_bench.backbones.hf.adapter import HfBackbone
from toto_bench.backbones.hf.build import build
from toto_bench.backbones.hf.colours import ColourBackbone

__all__ = ["ColourBackbone", "HfBackbone", "build"]
