"""Top-5 mean average precision of short-term anticipation, exactly as the official code, on arrays.

Source: EGO4D/forecasting, commit 38d1931b, `sta_metrics.py`; fpv-iplab/stillfast, commit 199ba490, has the same.
"""

from toto_bench.tasks.ego4d_sta.metric.evaluate import Evaluation, evaluate
from toto_bench.tasks.ego4d_sta.metric.kinds import AVERAGED, KINDS, Kind
from toto_bench.tasks.ego4d_sta.metric.score import score_sta

__all__ = ["AVERAGED", "KINDS", "Evaluation", "Kind", "evaluate", "score_sta"]
