"""What there is before a run: evaluation episodes, of a scene that compiles, and something that draws it."""

from pathlib import Path
from typing import Any

import mujoco

from toto_bench.cards import TaskCard
from toto_bench.files import digest
from toto_bench.progress import Silent
from toto_bench.robots.assets import assets_version
from toto_bench.simulation.backends import RAY, choose_backend
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.manipulation.outcome import episode_id
from toto_bench.tasks.manipulation.protocol import ManipulationProtocol
from toto_bench.tasks.manipulation.work import simulation_of

OTHER_PICTURES = (
    "Neither EGL nor OSMesa works here: MuJoCo's ray caster draws, many times slower, with plain colours. Its numbers "
    "are not comparable with those of pictures drawn by OpenGL, and never share a row of a table with them."
)
"""What a reader of the numbers should know where no graphics library works."""


def report_of(card: TaskCard, protocol: ManipulationProtocol, data: Path) -> DataReport:
    """The episodes; what the ray caster draws has another fingerprint.

    Args:
        card: of the task.
        protocol: resolved or not.
        data: where others have files.

    Raises:
        AssetsError: the robot's models are not there.
    """
    simulation = simulation_of(card.name, protocol, envs=1)
    listed = tuple(episode_id(number) for number in range(protocol.eval_episodes))
    scene: dict[str, Any] = {
        "scene": simulation.spec.model_dump(mode="json"),
        "assets": assets_version(simulation.spec.assets, simulation.spec.robot),
        "mujoco": mujoco.__version__,
        "episodes": len(listed),
    }
    ray = choose_backend("auto", Silent()) == RAY
    return DataReport(
        path=data,
        name=card.data.name,
        layout=f"simulated with MuJoCo {mujoco.__version__}",
        counts={"episodes": len(listed)},
        listed=listed,
        problems={},
        warnings=(OTHER_PICTURES,) if ray else (),
        fingerprint=digest(scene | ({"renderer": RAY} if ray else {})),
        comparable=False,
    )
