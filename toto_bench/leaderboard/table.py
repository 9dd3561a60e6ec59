"""The table of one task: blocks of rows that may be ranked against each other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from toto_bench.cards import TaskCard
from toto_bench.leaderboard.metrics import ranking
from toto_bench.leaderboard.protocols import compare
from toto_bench.leaderboard.rows import Row, short

PAPER = "paper"
"""The preset that stands beside the paper's main table."""
FLOORS = "Floors (references without learning, not ranked)"
OTHER_DATA = "Other data than the official split"
_TABLE = re.compile(r"Table \d+")


@dataclass(frozen=True)
class Block:
    """Rows of one protocol, best first."""

    title: str
    """Which protocol."""
    rows: tuple[Row, ...]
    """Sorted by the primary metric; ties by name, published first."""
    main: bool = False
    """The paper's main table, with the measured rows of the unchanged preset `paper`."""
    ranked: bool = True
    """False for floors."""


@dataclass(frozen=True)
class TaskTable:
    """All rows of one task, on its data or on the bundled sample."""

    card: TaskCard
    """The task."""
    blocks: tuple[Block, ...]
    """The paper's first, then other tables of the paper, other protocols, and floors."""
    limited: int = 0
    """Records with `--limit` that were left out."""
    sample: bool = False
    """Whether this is the bundled sample: no rows of papers, and nothing to compare with."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, block by block."""
        return tuple(row for block in self.blocks for row in block.rows)

    @property
    def measured(self) -> tuple[Row, ...]:
        """Rows from records."""
        return tuple(row for row in self.rows if row.provenance is not None)


def task_table(
    card: TaskCard,
    published: Sequence[Row],
    measured: Sequence[Row],
    *,
    limited: int = 0,
    sample: bool = False,
) -> TaskTable:
    """Sort rows into blocks.

    Rows of another preset, of changed values, of another version of the card or of part of the data never share a
    block with the rows of the paper: a block is one protocol, up to what the protocol itself leaves to the backbone.
    """
    blocks: dict[tuple[int, str], list[Row]] = {}
    for row in (*published, *(_compared(row, published, card) for row in measured)):
        blocks.setdefault(_block_of(row, card, sample=sample), []).append(row)
    return TaskTable(
        card,
        tuple(
            Block(
                title,
                tuple(sorted(rows, key=lambda row: ranking(row, card))),
                order == 0,
                not title.startswith(FLOORS),
            )
            for (order, title), rows in sorted(blocks.items())
        ),
        limited,
        sample,
    )


def _compared(row: Row, published: Sequence[Row], card: TaskCard) -> Row:
    found = compare(row, published, card)
    return replace(row, comparison=found) if found else row


def _block_of(row: Row, card: TaskCard, *, sample: bool) -> tuple[int, str]:
    """Order and title of the block that a row belongs to."""
    main = _TABLE.search(card.paper)
    if row.provenance is None:
        table = _TABLE.search(row.source)
        if main is None or table is None or table[0] == main[0]:
            return 0, _main_title(card)
        return 1, f"{table[0]} of the paper"
    other = (
        "" if row.provenance.comparable or sample else f"{OTHER_DATA} ({short(row.provenance.fingerprint)})"
    )
    if row.floor:
        return (5, f"{FLOORS}. {other}") if other else (4, FLOORS)
    if other:
        return 3, f"{other}, preset {row.protocol}"
    if row.protocol == PAPER:
        return 0, _main_title(card)
    return 2, f"Preset {row.protocol}"


def _main_title(card: TaskCard) -> str:
    table = _TABLE.search(card.paper)
    return f"{table[0]} of the paper, and preset {PAPER}" if table else f"Preset {PAPER}"
