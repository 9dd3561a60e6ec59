"""Making samples: units in parallel processes, then the lists, then the manifest. Stopped at any moment, it goes on."""

from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from toto_bench.errors import TotoBenchError
from toto_bench.progress import Progress
from toto_bench.samples.alone import alone
from toto_bench.samples.errors import SampleError, UnitError
from toto_bench.samples.manifest import Manifest, describe, write_manifest
from toto_bench.samples.place import PARTS, Place, open_place
from toto_bench.samples.recipe import Making, Recipe
from toto_bench.samples.recipes import RECIPES, choose_recipes, load_recipe
from toto_bench.samples.unit import Job, make_unit
from toto_bench.samples.workers import Workers, count_processors

GO_ON = "What was finished is kept: the same command goes on with the rest."


class Made(NamedTuple):
    """What a call did for one task."""

    units: int
    """Made now."""
    kept: int
    """Units found done."""
    cpu_seconds: float | None
    """Of the processes that made its units, over all calls; None where it was finished before."""


class Outcome(NamedTuple):
    """What lies in the folder, and what was done."""

    manifest: Manifest
    made: dict[str, Made]


def make_sample(
    out: Path, names: Sequence[str], making: Making, *, workers: int | None, progress: Progress
) -> Outcome:
    """Make the samples of some tasks below a folder, each in the official layout of its task.

    Args:
        out: `out/TASK` becomes the root of a task's data set.
        names: of the samples; none means all.
        making: seed, scale and backend.
        workers: processes; None means one for each processor.
        progress: is told.

    Raises:
        UnknownSampleError: there is no sample of a name.
        OtherSampleError: the folder holds something else.
        BusyFolderError: another process makes samples there.
        SampleError: a unit, or the lists of a task, could not be made.
        DiskError: the disk is full, or cannot be written.
        RenderingError: nothing renders here, or not the backend asked for.
    """
    names = choose_recipes(names)
    with alone(out):
        return _make(Place(out), names, making, workers or count_processors(), progress)


def _make(place: Place, names: Sequence[str], making: Making, workers: int, progress: Progress) -> Outcome:
    manifest = open_place(place, names, making, progress)
    session = _Session(place, making._replace(backend=manifest.backend), manifest)
    jobs = [job for name in names for job in session.begin(name)]
    progress.start("Samples", len(jobs))
    try:
        _run(jobs, session, workers, progress)
    finally:
        progress.stop()
    return Outcome(session.manifest, session.made)


def _run(jobs: list[Job], session: "_Session", count: int, progress: Progress) -> None:
    """Make the units, and close each task with its last one."""
    if not jobs:
        return
    failed: list[UnitError] = []
    try:
        with Workers[Job, None](min(count, len(jobs))) as workers:
            for job, future in workers.run(make_unit, jobs):
                try:
                    future.result()
                except UnitError as error:
                    failed.append(error)
                else:
                    session.count(job)
                progress.advance()
    except BrokenProcessPool as error:
        raise _ended(session.place) from error
    if failed:
        more = f" {len(failed) - 1} more failed." if len(failed) > 1 else ""
        raise SampleError(
            f"{failed[0]}{more} {GO_ON} `toto-bench --debug data make-sample ...` shows the traceback."
        ) from failed[0]


def _ended(place: Place) -> SampleError:
    units = ", ".join(f"`{unit}`" for unit in place.in_work())
    return SampleError(
        f"A process that makes samples was ended from outside, perhaps for lack of memory, while at work on {units}. "
        f"{GO_ON} Fewer `--workers` need less memory."
    )


class _Session:
    """The tasks that one call makes."""

    def __init__(self, place: Place, making: Making, manifest: Manifest) -> None:
        self.place, self.making, self.manifest = place, making, manifest
        self.made: dict[str, Made] = {}
        self._open: dict[str, set[str]] = {}
        self._recipes: dict[str, Recipe] = {}

    def begin(self, name: str) -> list[Job]:
        """Begin a task, or go on with it: the units that are still to be made."""
        if name in self.manifest.tasks:
            self.place.clear(name)
            self.made[name] = Made(0, 0, None)
            return []
        self.place.begin(name)
        recipe = self._recipes[name] = load_recipe(RECIPES[name], name)
        units, done = recipe.units(self.making), self.place.done(name)
        todo = [unit for unit in units if unit not in done]
        self.made[name] = Made(len(todo), len(units) - len(todo), None)
        self._open[name] = set(todo)
        if not todo:
            self._finish(name)
        return [Job(name, RECIPES[name], unit, self.making, self.place.out) for unit in todo]

    def count(self, job: Job) -> None:
        """A unit is done."""
        self._open[job.task].discard(job.unit)
        if not self._open[job.task]:
            self._finish(job.task)

    def _finish(self, name: str) -> None:
        """Lists, then the manifest: a task that stands there is complete."""
        folder = self.place.folder(name)
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        try:
            self._recipes[name].finish(folder, self.making)
        except (TotoBenchError, OSError):
            raise
        except Exception as error:
            raise SampleError(
                f"The lists of the sample `{name}` could not be made ({type(error).__name__}: {error}). {GO_ON}"
            ) from error
        self.manifest = self.manifest.with_task(name, describe(folder))
        write_manifest(self.place.out, self.manifest)
        seconds = sum(self.place.done(name).values())
        self.made[name] = self.made[name]._replace(cpu_seconds=seconds)
        self.place.clear(name)
