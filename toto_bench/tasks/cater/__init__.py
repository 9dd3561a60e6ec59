"""CATER snitch localization: reader, labels, metric, prediction files."""

from toto_bench.tasks.cater.metric import average_views, score_localization

__all__ = ["average_views", "score_localization"]
