"""A folder in which samples are made: what is finished, what is begun, and whose it is."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from toto_bench.files import move_into, not_written, write_json
from toto_bench.progress import Progress
from toto_bench.samples.errors import OtherSampleError
from toto_bench.samples.manifest import (
    NAME,
    Manifest,
    changed_files,
    new_manifest,
    read_manifest,
    write_manifest,
)
from toto_bench.samples.recipe import Making
from toto_bench.simulation.backends import choose_backend

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
        except OSError as error:
            raise not_written(state, error) from error
        for unfinished in state.glob("*.part"):
            shutil.rmtree(unfinished, ignore_errors=True)
        for unfinished in state.glob(".*"):
            unfinished.unlink()

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


def open_place(place: Place, names: Iterable[str], making: Making, progress: Progress) -> Manifest:
    """The manifest of the folder, begun where there is none; its backend is one that `making` allows.

    Raises:
        OtherSampleError: the folder holds samples of another seed, scale, backend or version, or something else.
        RenderingError: the backend asked for does not work here.
        DiskError: the folder cannot be written.
    """
    there = (place.out / NAME).is_file()
    manifest = _read(place.out) if there else new_manifest(making)
    if there:
        _expect_same(place.out, manifest, making)
    before = manifest
    for name in names:
        manifest = _look_at(place, name, manifest)
    if not there:
        manifest = manifest.model_copy(update={"backend": choose_backend(making.backend, progress)})
    if not there or manifest != before:
        write_manifest(place.out, manifest)
    return manifest


def _read(out: Path) -> Manifest:
    try:
        return read_manifest(out)
    except (OSError, ValueError) as error:
        raise OtherSampleError(
            f"{out / NAME} is not a manifest that `toto-bench data make-sample` wrote. Choose another folder with "
            "`--out`."
        ) from error


def _expect_same(out: Path, manifest: Manifest, making: Making) -> None:
    asked = making._replace(backend=manifest.backend) if making.backend == "auto" else making
    now, then = (model.model_dump(exclude={"tasks"}) for model in (new_manifest(asked), manifest))
    if now != then:
        raise OtherSampleError(
            f"{out} holds samples made with {_differences(then, now)}; asked for is {_differences(now, then)}. One "
            "folder holds one set: choose another with `--out`, or remove this one first."
        )


def _differences(these: dict[str, object], others: dict[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in these.items() if others[key] != value)


def _look_at(place: Place, name: str, manifest: Manifest) -> Manifest:
    """The manifest, without a task whose folder was removed: it is made again."""
    folder, files = place.folder(name), manifest.tasks.get(name)
    if not folder.exists():
        place.clear(name)
        return manifest.without_task(name)
    if files is None and not place.begun(name):
        raise OtherSampleError(
            f"{folder} is there already, and was not made by `toto-bench data make-sample`: it was not touched. Choose "
            "another folder with `--out`."
        )
    if files is not None and (changed := changed_files(folder, files)):
        raise OtherSampleError(
            f"{len(changed)} of the {len(files.files)} files of {folder} are missing or have changed since they were "
            f"made, first {changed[0]}. Remove {folder}, then the same command makes it again."
        )
    return manifest
