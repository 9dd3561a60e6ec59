"""What a folder of samples holds and what made it: versions, seed, and the digest of every file."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict

from toto_bench._version import __version__
from toto_bench.files import digest, sha256_of, write_text
from toto_bench.samples.recipe import Making

NAME = "manifest.json"
LIBRARIES = ("mujoco", "pillow", "av")
"""What simulates, renders and encodes."""
PIXELS = frozenset({".jpg", ".jpeg", ".mp4", ".avi", ".mdb"})
"""Suffixes of files whose bytes depend on the renderer and the encoder; all others hold labels, PNG for masks."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Model):
    """One file."""

    sha256: str
    bytes: int


class TaskFiles(_Model):
    """The sample of one task."""

    labels: str
    """Digest of all labels; masks by their pixels, so that another PNG encoder changes nothing."""
    files: dict[str, File]
    """By path below the task's folder."""

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.bytes for file in self.files.values())


class Manifest(_Model):
    """A folder of samples."""

    toto_bench: str = __version__
    seed: int
    scale: int
    backend: str
    """What rendered: `egl`, `osmesa` or `ray`."""
    libraries: dict[str, str]
    """Versions of what simulates, renders and encodes."""
    tasks: dict[str, TaskFiles] = {}
    """The samples that are finished."""

    def with_task(self, name: str, files: TaskFiles) -> "Manifest":
        """The same with a finished sample."""
        return self.model_copy(update={"tasks": {**self.tasks, name: files}})

    def without_task(self, name: str) -> "Manifest":
        """The same without a sample."""
        return self.model_copy(update={"tasks": {key: v for key, v in self.tasks.items() if key != name}})


def new_manifest(making: Making) -> Manifest:
    """Of a folder in which nothing is finished yet."""
    versions = {name: version(name) for name in LIBRARIES}
    return Manifest(seed=making.seed, scale=making.scale, backend=making.backend, libraries=versions)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder.

    Raises:
        OSError: there is none.
        ValueError: it is not one.
    """
    return Manifest.model_validate_json((folder / NAME).read_text(encoding="utf-8"))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, atomically."""
    write_text(folder / NAME, manifest.model_dump_json(indent=1) + "\n")


def describe(folder: Path) -> TaskFiles:
    """Digests of every file below the folder of a task, hidden ones apart."""
    files = files_below(folder)
    labels = {name: _digest_of_labels(path) for name, path in files.items() if is_label(path)}
    return TaskFiles(
        labels=digest(labels),
        files={name: File(sha256=sha256_of(path), bytes=path.stat().st_size) for name, path in files.items()},
    )


def files_below(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its path there, in order; hidden files and folders are left out."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path
        for name, path in sorted(found.items())
        if not any(part.startswith(".") for part in name.parts)
    }


def is_label(path: Path) -> bool:
    """Whether a file holds labels: lists, annotations, masks."""
    return path.suffix.lower() not in PIXELS


def changed_files(folder: Path, files: TaskFiles) -> list[str]:
    """Files that are not in a folder, or have another size or digest there; every byte is read."""
    found = files_below(folder)
    return [name for name, file in files.files.items() if name not in found or _differs(found[name], file)]


def _differs(path: Path, file: File) -> bool:
    return path.stat().st_size != file.bytes or sha256_of(path) != file.sha256


def _digest_of_labels(path: Path) -> str:
    if path.suffix.lower() != ".png":
        return sha256_of(path)
    with Image.open(path) as mask:
        size = f"{mask.mode} {mask.width} {mask.height} ".encode()
        return hashlib.sha256(size + mask.tobytes()).hexdigest()
