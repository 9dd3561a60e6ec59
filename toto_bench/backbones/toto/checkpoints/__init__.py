"""Checkpoints of Toto transformers: read from any known dialect, written in our own."""

from toto_bench.backbones.toto.checkpoints.facts import infer_config
from toto_bench.backbones.toto.checkpoints.reading import read_checkpoint
from toto_bench.backbones.toto.checkpoints.writing import write_checkpoint

__all__ = ["infer_config", "read_checkpoint", "write_checkpoint"]
