"""What one call makes of each task: its units to do, then its lists, then its entry in the manifest."""

from typing import NamedTuple

from toto_bench.errors import TotoBenchError
from toto_bench.samples.errors import SampleError
from toto_bench.samples.manifest import Manifest, describe, write_manifest
from toto_bench.samples.place import PARTS, Place
from toto_bench.samples.recipe import Making, Recipe
from toto_bench.samples.recipes import RECIPES, load_recipe
from toto_bench.samples.unit import Job

GO_ON = "What was finished is kept: the same command goes on with the rest."
"""The way out of what ends a call early."""


class Made(NamedTuple):
    """What a call did for one task."""

    units: int
    """Made now."""
    kept: int
    """Units found done."""
    cpu_seconds: float | None
    """Of the processes that made its units, over all calls; None where it was finished before."""


class Session:
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
