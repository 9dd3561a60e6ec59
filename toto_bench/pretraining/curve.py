"""The loss over training, as CSV and PNG."""

from pathlib import Path

from matplotlib.figure import Figure

from toto_bench.files import write_text, write_with
from toto_bench.training.log import read_log
from toto_bench.training.trainer import LOG_FILE

_HORIZONS = 50
"""The curve is a running mean over one part in so many."""


def write_curve(folder: Path, length: int) -> None:
    """`loss.csv` and `loss.png` of a training's log.

    Raises:
        DiskError: the operating system refused.
    """
    rows = read_log(folder / LOG_FILE)
    steps = [row for row in rows if "loss" in row]
    validations = [row for row in rows if row.get("kind") == "evaluation"]
    names = sorted({name for row in validations for name in row if name.startswith("validation_")})
    found = {row["step"]: row for row in validations}
    lines = [",".join(["step", "loss", "gradient_norm", "learning_rate", *names])]
    for row in steps:
        checked = found.get(row["step"], {})
        values = [row["step"] + 1, *(repr(row[key]) for key in ("loss", "gradient_norm", "learning_rate"))]
        lines.append(
            ",".join(map(str, [*values, *(repr(checked[name]) if name in checked else "" for name in names)]))
        )
    write_text(folder / "loss.csv", "\n".join(lines) + "\n")
    figure = Figure(figsize=(5.6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(
        [row["step"] + 1 for row in steps], [row["loss"] for row in steps], color="#bbbbbb", linewidth=0.6
    )
    axes.plot(
        [row["step"] + 1 for row in steps],
        _smoothed([row["loss"] for row in steps]),
        color="#1f3b73",
        label="training",
    )
    for number, name in enumerate(names):
        points = [(row["step"] + 1, row[name]) for row in validations if name in row]
        axes.plot(
            *zip(*points, strict=True),
            color=f"C{number + 1}",
            marker="o",
            markersize=3,
            label=name.replace("_", " "),
        )
    axes.set(xlabel="step", ylabel="loss (nats per token)", title=f"Next token, sequences of {length:,}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    write_with(folder / "loss.png", lambda temporary: figure.savefig(temporary, dpi=150))


def _smoothed(values: list[float]) -> list[float]:
    """Running mean that forgets, without a bias at the start."""
    found, mean, weight = [], 0.0, 0.0
    keep = 1 - 1 / max(len(values) / _HORIZONS, 1)
    for value in values:
        mean = keep * mean + (1 - keep) * value
        weight = keep * weight + (1 - keep)
        found.append(mean / weight)
    return found
