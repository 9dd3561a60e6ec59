"""Ego4D short-term object interaction anticipation: annotations, frames, metric, submission files."""

from toto_bench.tasks.ego4d_sta.metric import score_sta

__all__ = ["score_sta"]
