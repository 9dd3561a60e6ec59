"""Records under folders of runs: which of them may enter a table, and which may not, and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from toto_bench.errors import TotoBenchError
from toto_bench.results.folder import RECORD_FILE, read_record
from toto_bench.results.record import RunRecord


@dataclass(frozen=True)
class Scan:
    """What lies under the folders."""

    records: tuple[RunRecord, ...]
    """Records that may enter a table."""
    limited: dict[str, int]
    """By task, records with `--limit`: they never enter."""
    warnings: tuple[str, ...]
    """Damaged records by name, and tasks of records that have no card, one line each."""

    def limited_in(self, task: str) -> int:
        """Records with `--limit` of one task."""
        return self.limited.get(task, 0)


def scan(runs: Sequence[Path], tasks: Collection[str], known: Collection[str]) -> Scan:
    """Read every finished run.

    Args:
        runs: folders whose sub-folders are runs; one that does not exist holds none.
        tasks: whose records are asked for.
        known: all tasks that have a card.
    """
    kept: list[RunRecord] = []
    limited: dict[str, int] = {}
    warnings: list[str] = []
    strangers: dict[str, list[Path]] = {}
    for path in record_files(runs):
        try:
            record = read_record(path)
        except TotoBenchError as error:
            warnings.append(f"{error} It is left out.")
            continue
        if record.task not in known:
            strangers.setdefault(record.task, []).append(path)
        elif record.task in tasks and record.limit is not None:
            limited[record.task] = limited.get(record.task, 0) + 1
        elif record.task in tasks:
            kept.append(record)
    warnings += [_no_card(task, paths) for task, paths in strangers.items()]
    return Scan(tuple(kept), limited, tuple(warnings))


def _no_card(task: str, paths: Sequence[Path]) -> str:
    runs = f"{paths[0].parent} is" if len(paths) == 1 else f"{len(paths)} runs ({paths[0].parent}, ...) are"
    return (
        f"{runs} left out: the task `{task}` has no card here. If it is of a plug-in, name the plug-in's folder with "
        "`--plugin-dir`."
    )


def record_files(runs: Sequence[Path]) -> list[Path]:
    """Every `record.json` one level down, each once, in a stable order."""
    found = (path for folder in runs for path in sorted(folder.glob(f"*/{RECORD_FILE}")))
    return list({path.resolve(): path for path in found}.values())
