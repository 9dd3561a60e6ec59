"""The measured tables on disk: `<out>/<task>.csv`, `<out>/sample/<task>.csv`, `<out>/unified.csv`."""

from pathlib import Path

from toto_bench.files import write_text
from toto_bench.leaderboard.build import Leaderboard
from toto_bench.leaderboard.csv_format import measured_csv, unified_csv


def write_measured(board: Leaderboard, out: Path) -> list[Path]:
    """Write a file for each task that has measured rows; each is a view of the records, written whole.

    Files of tasks without measured rows, and anything else in the folder, are left alone; so is a file whose
    content is the same already. Without any measured row nothing is written.

    Returns:
        The files that hold the tables now, changed or not.
    """
    contents = {
        out / f"{table.card.name}.csv": measured_csv(table) for table in board.tables if table.measured
    }
    contents |= {out / "sample" / f"{table.card.name}.csv": measured_csv(table) for table in board.samples}
    if contents and board.unified is not None:
        contents[out / "unified.csv"] = unified_csv(board.unified)
    for path, content in contents.items():
        if not path.is_file() or path.read_bytes() != content.encode():
            write_text(path, content)
    return list(contents)
