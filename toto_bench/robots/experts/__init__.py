"""Experts that can be asked in any state, and how often they succeed."""

from toto_bench.robots.experts.base import Expert
from toto_bench.robots.experts.report import ExpertReport, run_expert
from toto_bench.robots.experts.scripted import scripted_expert

__all__ = ["Expert", "ExpertReport", "run_expert", "scripted_expert"]
