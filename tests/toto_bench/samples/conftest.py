"""A recipe without a renderer, whose units can be held, made to fail, and counted."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from toto_bench.progress import Silent
from toto_bench.samples.make import Outcome, make_sample
from toto_bench.samples.recipe import Making
from toto_bench.samples.recipes import RECIPES

MODULE = '''
    """Recipes `still` and `moving`: units of two pictures, a mask and a number."""

    import errno
    import json
    import os
    import time
    from pathlib import Path

    import numpy as np
    from PIL import Image

    HERE = Path(__file__).parent


    class Fake:
        def __init__(self, name):
            self.name = name

        def units(self, making):
            return [f"{self.name}-{i}" for i in range(3 * making.scale)]

        def make(self, unit, folder, making):
            with (HERE / "begun.txt").open("a") as stream:
                stream.write(f"{unit} {os.getpid()}\\n")
            number = making.seed + int(unit.rsplit("-", 1)[1])
            pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), np.uint8)
            (folder / "pictures").mkdir()
            Image.fromarray(pixels).save(folder / "pictures" / f"{unit}.jpg")
            while (HERE / f"hold-{unit}").exists():
                time.sleep(0.01)
            if (HERE / f"fail-{unit}").exists():
                raise ValueError("a sphere has no corners")
            if (HERE / f"full-{unit}").exists():
                raise OSError(errno.ENOSPC, "No space left on device", str(folder / "pictures"))
            if (HERE / f"die-{unit}").exists():
                os._exit(9)
            (folder / "masks").mkdir()
            Image.fromarray(pixels[..., 0] // 128).save(folder / "masks" / f"{unit}.png")
            (folder / ".parts").mkdir()
            (folder / ".parts" / f"{unit}.json").write_text(json.dumps(number))

        def finish(self, folder, making):
            if (HERE / f"fail-lists-{self.name}").exists():
                raise KeyError("lost")
            units = self.units(making)
            numbers = [json.loads((folder / ".parts" / f"{unit}.json").read_text()) for unit in units]
            (folder / "list.json").write_text(json.dumps(numbers))


    STILL, MOVING = Fake("still"), Fake("moving")
'''
ENTRIES = {"still": "fake_recipes:STILL", "moving": "fake_recipes:MOVING"}


class Fakes:
    """The recipes from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def let(self, what: str, unit: str) -> Path:
        """Make a unit `hold`, `fail`, run into a `full` disk, or `die`, until the file is removed."""
        path = self.folder / f"{what}-{unit}"
        path.touch()
        return path

    def begun(self) -> list[str]:
        """Units in the order in which they were begun, with repetitions."""
        return [line.split()[0] for line in self._lines()]

    def processes(self) -> set[int]:
        """Ids of the processes that made them."""
        return {int(line.split()[1]) for line in self._lines()}

    def _lines(self) -> list[str]:
        log = self.folder / "begun.txt"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """The only recipes there are; worker processes find them too."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "fake_recipes.py").write_text(dedent(MODULE))
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    for name in reversed(list(RECIPES)):  # they come back from the last to the first: in their order
        monkeypatch.delitem(RECIPES, name)
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(RECIPES, name, entry)
    return Fakes(folder)


@pytest.fixture
def make(fakes: Fakes, tmp_path: Path) -> Callable[..., Outcome]:
    """Makes samples in `out` with the ray caster, which needs no library."""

    def call(out: str = "out", names=(), seed=0, scale=1, backend="ray", workers=2) -> Outcome:
        making = Making(seed, scale, backend)
        return make_sample(tmp_path / out, names, making, workers=workers, progress=Silent())

    return call
