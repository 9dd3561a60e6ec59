"""A stand-in for the package mujoco-menagerie: its names, cache and MENAGERIE_ROOT, and a model like its own."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import mujoco
import pytest

from toto_bench.robots.assets.panda import panda

FOLDER = "franka_emika_panda"


class MenagerieError(Exception):
    """As the package's own."""


def write_model(folder: Path) -> None:
    """A Panda with the bodies and joints of Menagerie's, and with the things that scenes do not want."""
    spec = panda().spec
    for site in list(spec.sites):
        spec.delete(site)
    for geom in spec.geoms:
        geom.contype, geom.conaffinity = 1, 1
    spec.geoms[0].contype = spec.geoms[0].conaffinity = 0
    for body in spec.bodies[1:]:
        body.gravcomp = 0
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICIT
    spec.add_actuator(name="actuator1", target="joint1", trntype=mujoco.mjtTrn.mjTRN_JOINT)
    spec.add_equality(
        name1="finger_joint1",
        name2="finger_joint2",
        type=mujoco.mjtEq.mjEQ_JOINT,
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
    )
    spec.add_key(name="home", qpos=[0.0] * 9, ctrl=[0.0])
    spec.worldbody.add_light(name="top", pos=[0, 0, 2])
    spec.joint("joint1").damping = [1.0, 0.0, 0.0]
    spec.compile()
    folder.mkdir(parents=True)
    lines = [line for line in spec.to_xml().splitlines() if "<size " not in line]  # Menagerie's has none
    (folder / "panda.xml").write_text("\n".join(lines))


class Model:
    """One model; downloading it writes it into the cache, or fails where there is no network."""

    def __init__(self, cache: Path, network: Callable[[], bool]) -> None:
        self._cache, self._network = cache, network

    def path(self, cache: None = None, progress: object = None) -> Path:
        if root := os.environ.get("MENAGERIE_ROOT"):
            if not (Path(root) / FOLDER).is_dir():
                raise MenagerieError(f"'{FOLDER}' not found under MENAGERIE_ROOT={root}")
            return Path(root) / FOLDER
        if not (self._cache / FOLDER).is_dir():
            if not self._network():
                raise MenagerieError("no network")
            write_model(self._cache / FOLDER)
        return self._cache / FOLDER

    def files(self, entry: str) -> list[Path]:
        return [self.path() / f"{entry}.xml"]

    def spec(self, entry: str) -> mujoco.MjSpec:
        return mujoco.MjSpec.from_file(str(self.path() / f"{entry}.xml"))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """The package, with a network; `fake.network = False` takes it away."""
    monkeypatch.delenv("MENAGERIE_ROOT", raising=False)
    cache = tmp_path / "cache"
    model = Model(cache, lambda: module.network)

    def get(name: str) -> Model:
        if name != FOLDER:
            raise MenagerieError(f"Unknown robot {name!r}.")
        return model

    def make_cache() -> SimpleNamespace:
        root = os.environ.get("MENAGERIE_ROOT")
        return SimpleNamespace(
            root=Path(root) if root else None,
            model_path=lambda model: cache / FOLDER,
            is_cached=lambda model: (cache / FOLDER).is_dir(),
        )

    module = SimpleNamespace(get=get, Cache=make_cache, MenagerieError=MenagerieError, network=True)
    monkeypatch.setitem(sys.modules, "mujoco_menagerie", module)
    return module
