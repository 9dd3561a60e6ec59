"""The folder of a run: its lock, its finished items, its record."""

import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from toto_bench.errors import TotoBenchError
from toto_bench.files import DiskError, digest, write_json, write_text
from toto_bench.results.record import RunRecord

RECORD_FILE = "record.json"
_LONGEST_NAME = 100


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
            DiskError: the folder cannot be written, or its disk has no locks.
        """
        with self._open_lock() as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunBusyError(
                    f"Another process is working on this run ({self.path}). Wait for it, or stop it: the same "
                    "command then goes on where it was."
                ) from error
            except OSError as error:
                raise self._unwritable(error) from error
            self._sweep()
            yield

    def _open_lock(self) -> TextIO:
        """The lock's file, never replaced: two processes that create it at once must open the same one."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            return (self.path / "lock").open("a")
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> DiskError:
        return DiskError(
            f"{self.path} cannot be written: {error.strerror or error}. Choose another folder with `--out`."
        )

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
            if (content := _read_json(path))
        }

    def commit(self, identifier: str, row: Any) -> None:
        """Keep a finished item; it is never computed again."""
        write_json(self.state / "items" / f"{_file_name(identifier)}.json", {"id": identifier, "row": row})

    def remember(self, name: str, content: Any) -> None:
        """Keep something small about the unfinished run."""
        write_json(self.state / f"{name}.json", content)

    def recall(self, name: str) -> Any:
        """What was kept under that name, or None."""
        path = self.state / f"{name}.json"
        return _read_json(path) if path.is_file() else None

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


def _file_name(identifier: str) -> str:
    """A name that every disk takes; a digest keeps apart what would otherwise be one name."""
    safe = re.sub(r"[^a-z0-9._-]", "-", identifier.lower())[:_LONGEST_NAME].lstrip(".") or "item"
    return safe if safe == identifier else f"{safe}-{digest(identifier)[:10]}"


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TotoBenchError(
            f"{path} is damaged: {error}. Remove the file, then repeat the same command: only what it held is "
            "done again."
        ) from error


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
