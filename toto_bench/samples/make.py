"""Making samples: units in parallel processes, then the lists, then the manifest. Stopped at any moment, it goes on."""

from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from toto_bench.progress import Progress
from toto_bench.samples.alone import alone
from toto_bench.samples.errors import SampleError, UnitError
from toto_bench.samples.manifest import Manifest
from toto_bench.samples.opening import open_place
from toto_bench.samples.place import Place
from toto_bench.samples.recipe import Making
from toto_bench.samples.recipes import choose_recipes
from toto_bench.samples.session import GO_ON, Made, Session
from toto_bench.samples.unit import Job, make_unit
from toto_bench.workers import Workers, count_processors


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
    session = Session(place, making._replace(backend=manifest.backend), manifest)
    jobs = [job for name in names for job in session.begin(name)]
    progress.start("Samples", len(jobs))
    try:
        _run(jobs, session, workers, progress)
    finally:
        progress.stop()
    return Outcome(session.manifest, session.made)


def _run(jobs: list[Job], session: Session, count: int, progress: Progress) -> None:
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
