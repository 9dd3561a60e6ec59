"""Tables made from run records and published rows.

A published row is a row of a table in a paper; a measured row is made from the records of one or more seeds. Both
are `Row`s, told apart by `Row.provenance`. Numbers are fractions here, points (x 100) in Markdown and CSV.

Nothing heavy is imported: no torch, numpy, pandas or pyarrow.
"""

from toto_bench.leaderboard.build import Leaderboard, build
from toto_bench.leaderboard.csv_format import to_csv, unified_csv
from toto_bench.leaderboard.markdown import to_markdown
from toto_bench.leaderboard.published import published_rows
from toto_bench.leaderboard.rows import Number, Provenance, Row
from toto_bench.leaderboard.table import Block, TaskTable
from toto_bench.leaderboard.unified import Unified, UnifiedCell, UnifiedRow
from toto_bench.leaderboard.write import write_measured

__all__ = [
    "Block",
    "Leaderboard",
    "Number",
    "Provenance",
    "Row",
    "TaskTable",
    "Unified",
    "UnifiedCell",
    "UnifiedRow",
    "build",
    "published_rows",
    "to_csv",
    "to_markdown",
    "unified_csv",
    "write_measured",
]
