"""Frames that annotations need: from pictures, LMDB, clips or full videos, each decoded once."""

from toto_bench.tasks.ego4d_sta.frames.gather import Sample, gather
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource, Pixels
from toto_bench.tasks.ego4d_sta.frames.sources import choose_sources
from toto_bench.tasks.ego4d_sta.frames.window import Wanted, clip_numbers

__all__ = ["FrameSource", "Pixels", "Sample", "Wanted", "choose_sources", "clip_numbers", "gather"]
