"""Tables of a run: success over steps, of layers, of ceiling and floors."""

from collections.abc import Mapping, Sequence

from toto_bench.results.intervals import wilson
from toto_bench.robots.episodes import Episode
from toto_bench.robots.learning import Round, mean_success, steps_to
from toto_bench.tasks.manipulation.layers import ByLayer
from toto_bench.tasks.manipulation.outcome import SHARES, Rows, success_metric


def curve_of(rounds: Sequence[Round]) -> Rows:
    """Success over environment steps, and the error of each policy on frames that it had not seen."""
    rows = []
    for each in rounds:
        count = len(each.episodes)
        low, high = wilson(each.successes, count) if count else (None, None)
        rows.append(
            {
                "iteration": each.number + 1,
                "steps": each.steps,
                "success": each.success if count else None,
                "low": low,
                "high": high,
                "episodes": count,
                "error_on_new_frames": each.error,
            }
        )
    return rows


def layer_curve(by_layer: ByLayer) -> Rows:
    """What each layer's policy reached, and how soon."""
    rows: Rows = []
    for layer, rounds in by_layer.items():
        last = success_metric(rounds[-1].episodes)
        rows.append(
            {
                "layer": layer,
                "success": last.value,
                "low": last.low,
                "high": last.high,
                "success_mean": mean_success(rounds),
                **{name: steps_to(rounds, share) for name, share in SHARES.items()},
            }
        )
    return rows


def reference_rows(references: Mapping[str, Sequence[Episode]]) -> Rows:
    """Success of ceiling and floors."""
    rows = []
    for name, episodes in references.items():
        metric = success_metric(episodes)
        rows.append(
            {
                "actor": name,
                "success": metric.value,
                "low": metric.low,
                "high": metric.high,
                "episodes": metric.n,
            }
        )
    return rows
