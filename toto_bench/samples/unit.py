"""One unit of a sample, made in a process of its own."""

import errno
import shutil
import time
from pathlib import Path
from typing import NamedTuple

from toto_bench.errors import TotoBenchError
from toto_bench.files import not_written
from toto_bench.samples.errors import SampleError, UnitError
from toto_bench.samples.place import Place
from toto_bench.samples.recipe import Making
from toto_bench.samples.recipes import load_recipe

_REFUSED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
"""The disk is full, or may not be written."""


class Job(NamedTuple):
    """A unit to make."""

    task: str
    entry: str
    """`module:object` of the recipe."""
    unit: str
    making: Making
    out: Path


def make_unit(job: Job) -> None:
    """Make a unit aside, put its files in place, and mark it as done.

    Raises:
        UnitError: the recipe failed.
        SampleError: something is wrong that concerns every unit.
        DiskError: the disk is full, or cannot be written.
    """
    what = f"The unit `{job.unit}` of the sample `{job.task}`"
    staging = Place(job.out).staging(job.task, job.unit)
    try:
        _make(job)
    except TotoBenchError as error:
        raise SampleError(f"{what} could not be made: {error}") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _REFUSED:
            raise not_written(Path(error.filename) if error.filename else staging, error) from error
        raise UnitError(f"{what} could not be made ({type(error).__name__}: {error}).") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _make(job: Job) -> None:
    place, before = Place(job.out), time.process_time()
    staging = place.staging(job.task, job.unit)
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    load_recipe(job.entry, job.task).make(job.unit, staging, job.making)
    place.put(job.task, job.unit, round(time.process_time() - before, 3))
