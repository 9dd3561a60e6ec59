"""Puts a record of trials, with all that belongs to it, into a folder of runs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.report.rows import Rows
from toto_bench.deploy.report.write import videos_of
from toto_bench.files import replacing, sha256_of
from toto_bench.results.folder import RunFolder
from toto_bench.results.items import ITEMS_FILE, write_items
from toto_bench.results.record import RunRecord

ARTIFACTS = "artifacts"


def keep(report: TrialsReport, record: RunRecord, rows: Rows, out: Path) -> tuple[Path, bool]:
    """Write the record, unless it is there; labels that were changed since make another one beside it.

    Returns:
        The run's folder, and whether it was there.

    Raises:
        RunBusyError: another process writes it.
        DiskError: the operating system refused.
    """
    number = 1
    while True:
        name = record.id if number == 1 else f"{record.id}-{number}"
        folder = RunFolder(out / name)
        with folder.locked():
            if not folder.finished:
                _fill(report, record.model_copy(update={"id": name}), rows, folder)
                return folder.path, False
        if _same(folder.record(), record):
            return folder.path, True
        number += 1


def _same(there: RunRecord, record: RunRecord) -> bool:
    own = ("id", "artifacts", "items_sha256")
    return there.model_dump(mode="json", exclude=set(own)) == record.model_dump(mode="json", exclude=set(own))


def _fill(report: TrialsReport, record: RunRecord, rows: Rows, folder: RunFolder) -> None:
    write_items(folder.path, rows)
    artifacts = {}
    for title, source in _sources(report, rows):
        place = (
            f"{ARTIFACTS}/{source.name}" if source.parent == report.folder.path else _below(report, source)
        )
        with replacing(folder.path / place) as temporary:
            shutil.copyfile(source, temporary)
        artifacts[title] = place
    folder.finish(
        record.model_copy(
            update={"artifacts": artifacts, "items_sha256": sha256_of(folder.path / ITEMS_FILE)}
        )
    )


def _below(report: TrialsReport, source: Path) -> str:
    try:
        return f"{ARTIFACTS}/{source.relative_to(report.folder.path).as_posix()}"
    except ValueError:
        return f"{ARTIFACTS}/{source.name}"


def _sources(report: TrialsReport, rows: Rows) -> Iterator[tuple[str, Path]]:
    folder = report.folder
    yield "plan of the trials", folder.plan
    yield "journal of the trials", folder.journal
    for path in sorted(folder.sessions.glob("[0-9]*.json")):
        yield f"session {path.stem}", path
    videos = videos_of(report)
    for row in rows:
        if row["trial"] in videos:
            yield f"video of trial {row['trial']}", videos[row["trial"]]
