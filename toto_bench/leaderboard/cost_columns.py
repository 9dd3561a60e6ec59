"""The columns of cost in a task's Markdown table, and the sentence under it."""

from collections.abc import Callable

from toto_bench.leaderboard.column import Column
from toto_bench.leaderboard.cost import duration, giga, gigabytes, rate
from toto_bench.leaderboard.row_cost import RowCost
from toto_bench.leaderboard.rows import Row

COST = (
    "Cost: parameters of the backbone, else of its card; MACs are the multiply-accumulates of one forward pass of the "
    "backbone to the deepest layer read (convolutions and products of matrices, not norms, activations and the like); "
    "items per second over all stages; largest memory; wall-clock time of the stage `training` and of all stages. Over "
    "seeds: means, and the largest memory. Times and memory are those of the device named, not of the backbone alone."
)


def cost_columns() -> list[Column]:
    """Of measured rows; parameters have a column of their own."""
    return [
        Column("MACs (G)", _of(lambda cost: giga(cost.macs)), numeric=True),
        Column("MACs of", _of(lambda cost: cost.macs_of)),
        Column("Items/s", _of(lambda cost: rate(cost.items_per_second)), numeric=True),
        Column("Peak memory (GB)", _of(lambda cost: gigabytes(cost.peak_memory_mb)), numeric=True),
        Column("Training", _of(lambda cost: duration(cost.training_seconds)), numeric=True),
        Column("Total time", _of(lambda cost: duration(cost.seconds)), numeric=True),
        Column("Device", _of(lambda cost: cost.device)),
    ]


def _of(describe: Callable[[RowCost], str]) -> Callable[[Row], str]:
    return lambda row: describe(row.cost) if row.cost else ""
