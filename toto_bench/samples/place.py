"""A folder in which samples are made: where what is begun lies, and what of it is finished."""

import json
import shutil
from pathlib import Path

from toto_bench.files import move_into, not_written, write_json

PARTS = ".parts"
"""Where the units of a task leave what its lists are made of."""
_STATE = ".making"


class Place:
    """Where the files of a folder of samples lie while it is made."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def folder(self, task: str) -> Path:
        """The root of a task's data set."""
        return self.out / task

    def staging(self, task: str, unit: str) -> Path:
        """Where a unit is written until it is whole."""
        return self.out / _STATE / task / f"{unit}.part"

    def begin(self, task: str) -> None:
        """Make room for the units of a task; what was half done is forgotten.

        Raises:
            DiskError: the folder cannot be written.
        """
        state = self.out / _STATE / task
        try:
            state.mkdir(parents=True, exist_ok=True)
            for temporary in state.glob(".writing-*"):
                temporary.unlink()
        except OSError as error:
            raise not_written(state, error) from error
        for unfinished in state.glob("*.part"):
            shutil.rmtree(unfinished, ignore_errors=True)

    def begun(self, task: str) -> bool:
        """Whether a task is being made here."""
        return (self.out / _STATE / task).is_dir()

    def done(self, task: str) -> dict[str, float]:
        """Finished units of a task that is being made, with the CPU seconds that each took."""
        markers = (self.out / _STATE / task).glob("[!.]*.json")
        return {marker.stem: json.loads(marker.read_text())["cpu_seconds"] for marker in markers}

    def in_work(self) -> list[str]:
        """Units that were begun and not finished: `task/unit`."""
        return sorted(f"{path.parent.name}/{path.stem}" for path in (self.out / _STATE).glob("*/*.part"))

    def put(self, task: str, unit: str, cpu_seconds: float) -> None:
        """Put a unit that is whole where it belongs, then say so.

        Raises:
            DiskError: the folder cannot be written.
        """
        move_into(self.staging(task, unit), self.folder(task))
        shutil.rmtree(self.staging(task, unit))
        write_json(self.out / _STATE / task / f"{unit}.json", {"cpu_seconds": cpu_seconds})

    def clear(self, task: str) -> None:
        """Forget how a finished task was made."""
        shutil.rmtree(self.folder(task) / PARTS, ignore_errors=True)
        shutil.rmtree(self.out / _STATE / task, ignore_errors=True)
        state = self.out / _STATE
        if state.is_dir() and not any(state.iterdir()):
            state.rmdir()
