"""Several seeds in one command, and the one row that they become."""

from pathlib import Path

import pytest

from toto_bench.cli import invoke
from toto_bench.leaderboard.student import t_quantile
from toto_bench.results.folder import find_records

FAST = ["--set", "resolution=64", "--set", "resize=square", "--layer", "last", "--set", "radius=4"]
SEEDS = ["--seed", "0", "--seed", "1", "--seed", "2"]
RUN = ["run", "--task", "davis", "--backbone", "timm:test_vit", "--random-init", "--data", "sample"]


def test_untrained_seeds_are_one_floor_row_with_an_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each seed is a run with weights of its own; the row has their mean, Student's interval and their cost."""
    monkeypatch.chdir(tmp_path)
    assert invoke([*RUN, *FAST, *SEEDS]) == 0
    records = [record for _, record in find_records(Path("runs"))]
    assert len({record.backbone.weights for record in records}) == 3
    capsys.readouterr()

    assert invoke(["leaderboard", "--task", "davis", "--cost"]) == 0
    text = capsys.readouterr().out
    sample = text[text.index("on the bundled sample") :]
    heading, row = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in sample.splitlines()
        if line.startswith("| ") and "---" not in line
    )
    cells = dict(zip(heading, row, strict=True))
    assert "### Floors" in sample
    assert (cells["Method"], cells["Seeds"]) == ("timm:test_vit", "3")
    assert cells["J&F"] == mean_and_interval([record.metrics["j_and_f"].value for record in records])
    assert cells["MACs of"] == "one frame of 64x64"
    assert float(cells["MACs (G)"]) == pytest.approx(records[0].cost.macs / 1e9, rel=0.01)
    assert "Student's 95 % interval over seeds" in sample


def mean_and_interval(values: list[float | None]) -> str:
    """As the table should show it, in points."""
    known = [100 * value for value in values if value is not None]
    assert len(known) == 3 and len(set(known)) == 3
    mean = sum(known) / 3
    spread = (sum((value - mean) ** 2 for value in known) / 2) ** 0.5
    half = t_quantile(0.95, 2) * spread / 3**0.5
    return f"{mean:.1f} ({mean - half:.1f} to {mean + half:.1f})"
