"""The folder of a run: its lock, its finished items, its record."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toto_bench.errors import TotoBenchError
from toto_bench.files import write_json, write_text
from toto_bench.results.record import RunRecord

RECORD_FILE = "record.json"


class RunBusyError(TotoBenchError):
    """Another process is working on the same run."""


class RunFolder:
    """One run on disk: `record.json` when finished, `state/` while not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / "state"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run; the lock goes with the process, also after `kill -9`.

        Raises:
            RunBusyError: another process holds it.
            DiskError: the folder cannot be written.
        """
        if not (lock := self.path / "lock").exists():
            write_text(lock, "")
        with lock.open("r+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunBusyError(
                    f"Another process is working on this run ({self.path}). Wait for it, or stop it: the same "
                    "command then goes on where it was."
                ) from error
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Remove what a killed process had half written."""
        for leftover in list(self.path.rglob(".writing-*")):
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)

    def committed(self) -> dict[str, Any]:
        """Finished items: id to what was committed."""
        return {
            content["id"]: content["row"]
            for path in sorted((self.state / "items").glob("[!.]*.json"))
            if (content := json.loads(path.read_text()))
        }

    def commit(self, identifier: str, row: Any) -> None:
        """Keep a finished item; it is never computed again."""
        name = "".join(c if c.isalnum() or c in "._-" else "-" for c in identifier)
        write_json(self.state / "items" / f"{name}.json", {"id": identifier, "row": row})

    def remember(self, name: str, content: Any) -> None:
        """Keep something small about the unfinished run."""
        write_json(self.state / f"{name}.json", content)

    def recall(self, name: str) -> Any:
        """What was kept under that name, or None."""
        path = self.state / f"{name}.json"
        return json.loads(path.read_text()) if path.is_file() else None

    def finish(self, record: RunRecord) -> None:
        """Write the record: from now on the run is finished and immutable."""
        write_text(self.path / RECORD_FILE, record.model_dump_json(indent=1) + "\n")

    def clear_state(self) -> None:
        """Remove what only an unfinished run needs."""
        shutil.rmtree(self.state, ignore_errors=True)

    @property
    def finished(self) -> bool:
        """Whether the record is there."""
        return (self.path / RECORD_FILE).is_file()

    def record(self) -> RunRecord:
        """The record.

        Raises:
            TotoBenchError: it is damaged.
        """
        return read_record(self.path / RECORD_FILE)


def read_record(path: Path) -> RunRecord:
    """A record from its file.

    Raises:
        TotoBenchError: the file is not a record that this version understands.
    """
    try:
        return RunRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise TotoBenchError(
            f"{path} is not a readable run record ({first}). Move the folder away, or repeat the run with "
            "`--again`."
        ) from error


def find_records(out: Path) -> list[tuple[Path, RunRecord]]:
    """All finished runs under a folder, by id.

    Raises:
        TotoBenchError: a record is damaged.
    """
    return [(path.parent, read_record(path)) for path in sorted(out.glob(f"*/{RECORD_FILE}"))]
