"""Which format demonstrations are in, and reading them."""

from collections.abc import Callable
from pathlib import Path

from toto_bench.robots.demonstrations.errors import WrongDemonstrationsError
from toto_bench.robots.demonstrations.lerobot import read_lerobot
from toto_bench.robots.demonstrations.lerobot.layout import INFO
from toto_bench.robots.demonstrations.model import DemonstrationSet
from toto_bench.robots.demonstrations.mvp import PICKLES, read_mvp
from toto_bench.robots.demonstrations.rlds import read_rlds
from toto_bench.robots.demonstrations.rlds.reader import NAME
from toto_bench.robots.demonstrations.robomimic import read_robomimic
from toto_bench.robots.demonstrations.state import StateLayout

FPS = 10.0
"""Steps per second of files that do not say it: that of the paper's real robot (arXiv 2306.10007)."""
_HDF5 = (".hdf5", ".h5")
LEROBOT, ROBOMIMIC, MVP, RLDS = "LeRobot", "robomimic", "MVP", "RLDS"


def open_demonstrations(
    path: Path | str, *, fps: float = FPS, state: StateLayout | None = None
) -> DemonstrationSet:
    """Demonstrations in any format that is known; pictures are decoded when they are looked at.

    Args:
        path: a folder of LeRobot, of MVP's pickles or of RLDS, a robomimic file, or a folder with one.
        fps: steps per second, for files that do not say it.
        state: which number of a state is the gripper, for files that do not name it (LeRobot, RLDS).

    Raises:
        WrongDemonstrationsError: nothing is there, none that can be used, or several formats at once.
        ForbiddenPickleError: a pickle names code; nothing of it was run.
        RequestError: a package is missing.
    """
    path = Path(path)
    kinds = formats_of(path)
    if len(kinds) != 1:
        raise WrongDemonstrationsError(_neither(path) if not kinds else _several(path, list(kinds)))
    [(kind, place)] = kinds.items()
    if kind == ROBOMIMIC and place.is_dir():
        raise WrongDemonstrationsError(f"{place} holds several files of HDF5: name the one to read.")
    read: dict[str, Callable[[], DemonstrationSet]] = {
        LEROBOT: lambda: read_lerobot(place, state=state),
        ROBOMIMIC: lambda: read_robomimic(place, fps=fps),
        MVP: lambda: read_mvp(place, fps=fps),
        RLDS: lambda: read_rlds(place, fps=fps, state=state),
    }
    found = read[kind]()
    if not found.episodes:
        first = next(iter(found.problems.items()), None)
        why = (
            f"the first of {len(found.problems)} that are damaged is {first[0]}: {first[1]}"
            if first
            else "it is empty"
        )
        raise WrongDemonstrationsError(f"{place} holds no demonstration that can be used: {why}")
    return found


def formats_of(path: Path) -> dict[str, Path]:
    """The formats that are found, and the file or folder to read of each."""
    if path.is_file():
        if path.suffix in _HDF5:
            return {ROBOMIMIC: path}
        return {RLDS: path} if ".tfrecord" in path.name else {}
    if not path.is_dir():
        return {}
    found = {LEROBOT: path} if (path / INFO).is_file() else {}
    if files := [file for suffix in _HDF5 for file in path.glob(f"*{suffix}")]:
        found[ROBOMIMIC] = files[0] if len(files) == 1 else path
    if next(path.glob(NAME), None):
        found[RLDS] = path
    if any(next(path.glob(prefix + pattern), None) for pattern in PICKLES for prefix in ("", "*/")):
        found[MVP] = path
    return found


def _neither(path: Path) -> str:
    if not path.exists():
        return f"There are no demonstrations at {path}: nothing is there. Name the folder or the file that holds them."
    inside = [each for each in sorted(path.iterdir()) if formats_of(each)] if path.is_dir() else []
    hint = f" {inside[0]} holds some: name it instead." if inside else ""
    return (
        f"{path} holds no demonstrations: looked for {INFO} (LeRobot), a file *.hdf5 with `data/demo_0` (robomimic), "
        f"folders of *.pkl (MVP) and files {NAME} (RLDS).{hint}"
    )


def _several(path: Path, kinds: list[str]) -> str:
    return (
        f"{path} holds demonstrations of several formats, {' and '.join(kinds)}: put each into a folder of its "
        "own, and name that one."
    )
