"""The log of a training: a line of JSON for each step, cut back to the saved step when it is resumed."""

import json
from pathlib import Path
from typing import Any

from toto_bench.files import not_written, write_text


class StepLog:
    """`log.jsonl`: one object a line, each with its `step`; lines of one step have different `kind`s."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self.path, self.writes = path, writes
        self._waiting: list[str] = []

    def resume(self, steps: int) -> None:
        """Drop what was logged after so many steps: those steps come again. Also half a line of a killed process.

        Raises:
            DiskError: it cannot be written.
        """
        if not self.writes:
            return
        kept = [row for row in read_log(self.path) if row["step"] < steps] if steps else []
        write_text(self.path, "".join(json.dumps(row) + "\n" for row in kept))

    def add(self, step: int, **values: Any) -> None:
        """Remember a line; it is on disk after `flush`."""
        if self.writes:
            self._waiting.append(json.dumps({"step": step, **values}) + "\n")

    def flush(self) -> None:
        """Write what waits.

        Raises:
            DiskError: the operating system refused.
        """
        if not self._waiting:
            return
        try:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.writelines(self._waiting)
        except OSError as error:
            raise not_written(self.path, error) from error
        self._waiting.clear()


def read_log(path: Path) -> list[dict[str, Any]]:
    """All whole lines."""
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:  # half a line: its writer was killed
            break
    return rows
