"""The report on disk: a page, its tables, its pictures."""

import csv
import io
import os
from pathlib import Path

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.report.markdown import to_markdown
from toto_bench.deploy.report.plots import plot_latency, plot_success, plot_trials
from toto_bench.deploy.report.rows import Rows, comparison_rows, success_rows, timing_rows, trial_rows
from toto_bench.files import write_text

PAGE = "report.md"


def write_report(report: TrialsReport, out: Path | None = None) -> Path:
    """Write everything anew.

    Args:
        report: what is known.
        out: folder; None: `report` in the folder of the trials.

    Returns:
        The page.

    Raises:
        DiskError: the operating system refused.
    """
    folder = out or report.folder.report
    tables = {
        "success": success_rows(report),
        "comparisons": comparison_rows(report),
        "trials": trial_rows(report),
        "timing": timing_rows(report),
    }
    for name, rows in tables.items():
        write_text(folder / f"{name}.csv", to_csv(rows))
    plot_success(report, folder / "success.png")
    plot_trials(report, folder / "trials.png")
    pictures = {"success": "success.png", "trials": "trials.png"}
    if plot_latency(report, folder / "latency.png"):
        pictures["latency"] = "latency.png"
    page = folder / PAGE
    write_text(page, to_markdown(report, pictures, _links(report, folder)))
    return page


def videos_of(report: TrialsReport) -> dict[int, Path]:
    """The videos that are there, by trial."""
    named = {
        number: report.folder.path / standing.ended.video
        for number, standing in report.standings.items()
        if standing.ended is not None and standing.ended.video is not None
    }
    return {number: path for number, path in named.items() if path.is_file()}


def to_csv(rows: Rows) -> str:
    """Rows of equal columns; a line of headings even where there is no row is left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _links(report: TrialsReport, folder: Path) -> dict[int, str]:
    return {
        number: Path(os.path.relpath(path, folder)).as_posix() for number, path in videos_of(report).items()
    }
