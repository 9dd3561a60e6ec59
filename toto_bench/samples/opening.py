"""Opening a folder of samples: whether it holds what was asked for, and what of it must be made again."""

from collections.abc import Iterable
from pathlib import Path

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
from toto_bench.samples.place import Place
from toto_bench.samples.recipe import Making
from toto_bench.simulation.backends import choose_backend


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
