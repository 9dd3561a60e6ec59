"""Learning curves over seeds on disk: a CSV of each task, and a picture of each of its protocols."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from toto_bench.cards import TaskCard
from toto_bench.files import write_text
from toto_bench.leaderboard.csv_format import cell
from toto_bench.leaderboard.curves import LearningCurve
from toto_bench.leaderboard.metrics import scale_of
from toto_bench.leaderboard.rows import short

COLUMNS = (
    *(
        "task",
        "method",
        "curve",
        "protocol",
        "protocol_hash",
        "weights",
        "data",
        "fingerprint",
        "dtype",
        "floor",
    ),
    *("steps", "metric", "value", "low", "high", "interval", "seeds", "runs"),
)
"""Of the CSV: a line for each curve and step; fractions in points, as in all tables."""


def write_curves(curves: Sequence[LearningCurve], cards: Mapping[str, TaskCard], out: Path) -> list[Path]:
    """Write `<out>/curves/<task>.csv`, and a picture `<task>-<hash>.png` of each protocol, data and number type.

    Curves of different protocols never share a picture.

    Args:
        curves: of any tasks.
        cards: of these tasks.
        out: folder of the measured tables.

    Raises:
        DiskError: the operating system refused.
    """
    from toto_bench.leaderboard.curve_plot import plot_curves  # noqa: PLC0415  matplotlib is heavy

    written = []
    for task in dict.fromkeys(curve.key.task for curve in curves):
        own = [curve for curve in curves if curve.key.task == task]
        written.append(out / "curves" / f"{task}.csv")
        write_text(written[-1], curves_csv(own, cards[task]))
        pictures: dict[tuple[str, ...], list[LearningCurve]] = {}
        for curve in own:
            key = curve.key
            pictures.setdefault((key.protocol_hash, key.fingerprint, key.dtype), []).append(curve)
        for (protocol, data, dtype), some in pictures.items():
            name = "-".join([task, short(protocol), short(data), dtype])
            written.append(out / "curves" / f"{name}.png")
            plot_curves(written[-1], some, cards[task])
    return written


def curves_csv(curves: Sequence[LearningCurve], card: TaskCard) -> str:
    """A line for each curve and step."""
    stream, scale = io.StringIO(), scale_of(card, card.primary)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for curve in curves:
        key = curve.key
        seeds, runs = (" ".join(map(str, values)) for values in (curve.seeds, curve.runs))
        made_of = [key.protocol_hash, key.weights, key.data, key.fingerprint, key.dtype]
        for steps, number in curve.points:
            values = [cell(value, scale) for value in (number.value, number.low, number.high)]
            who = [key.task, key.backbone, curve.name, curve.protocol, *made_of, str(curve.floor).lower()]
            writer.writerow([*who, steps, card.primary, *values, number.interval, seeds, runs])
    return stream.getvalue()
