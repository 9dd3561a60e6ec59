"""What an archive of runs holds: `manifest.json`, its first file."""

import re
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

MANIFEST_FILE = "manifest.json"
LARGEST_MANIFEST = 20_000_000
"""Bytes, of more than 100 000 files; read, it takes up to 30 times as much memory."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FileEntry(_Part):
    """One file."""

    sha256: str
    """Hex digest."""
    bytes: int = Field(ge=0)
    """Size."""


class RunEntry(_Part):
    """One run."""

    files: dict[str, FileEntry]
    """Path inside the run's folder to what lies there."""
    left_out: tuple[str, ...] = ()
    """Files that the run has and the archive has not."""

    @field_validator("files")
    @classmethod
    def _stay_inside(cls, files: dict[str, FileEntry]) -> dict[str, FileEntry]:
        for name in files:
            parents = [str(parent) for parent in PurePosixPath(name).parents]
            if not is_safe(name) or any(parent in files for parent in parents):
                raise ValueError(f"`{name}` is not the path of a file inside a run's folder")
        return files


class Manifest(_Part):
    """Everything."""

    format: Literal[1] = 1
    """Of this model."""
    toto_bench: str
    """Version that wrote it."""
    runs: dict[str, RunEntry] = Field(min_length=1)
    """By id."""

    @field_validator("runs")
    @classmethod
    def _are_folders(cls, runs: dict[str, RunEntry]) -> dict[str, RunEntry]:
        for name in runs:
            if not re.fullmatch(r"[\w-][\w.-]*", name):
                raise ValueError(f"`{name}` is not the name of a run")
        return runs

    def members(self) -> dict[str, FileEntry]:
        """Every file by its name in the archive."""
        return {
            f"{run}/{name}": file for run, entry in self.runs.items() for name, file in entry.files.items()
        }


def is_safe(name: str) -> bool:
    """Whether a name stays below the folder that it is put into."""
    return "\0" not in name and not any(part in ("", ".", "..") for part in name.split("/"))
