"""The simulated tasks: a policy learns from an expert through a frozen backbone, and is counted over episodes."""

from pathlib import Path
from typing import ClassVar, TypeVar

import mujoco

from toto_bench.backbones.base import Backbone
from toto_bench.errors import RequestError
from toto_bench.files import digest
from toto_bench.results.record import Coverage
from toto_bench.robots.learning import Dagger, Round
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.manipulation.outcome import curve_of, episode_id, items_of, metrics_of, reference_rows
from toto_bench.tasks.manipulation.plots import plot_curves
from toto_bench.tasks.manipulation.protocol import (
    CabinetProtocol,
    FrankaCabinetProtocol,
    ManipulationProtocol,
    PickProtocol,
)
from toto_bench.tasks.manipulation.references import references
from toto_bench.tasks.manipulation.resolve import resolve
from toto_bench.tasks.manipulation.videos import film
from toto_bench.tasks.manipulation.work import CAMERA, STATE, Work, simulation_of

P = TypeVar("P", bound=ManipulationProtocol)
POLICY, ROLLOUTS, CURVE = "policy", "rollouts", "success.png"
"""What a run leaves in its folder of artifacts."""


class Manipulation(Task[P]):
    """A task of the simulated robots; nothing has to be downloaded."""

    def check(self, data: Path, protocol: P, *, thorough: bool = False) -> DataReport:
        """The evaluation episodes, of a scene that compiles.

        Raises:
            AssetsError: the robot's models are not there.
        """
        del thorough
        simulation = simulation_of(self.card.name, protocol, envs=1)
        listed = tuple(episode_id(number) for number in range(protocol.eval_episodes))
        scene = simulation.spec.model_dump(mode="json")
        return DataReport(
            path=data,
            name=self.card.data.name,
            layout=f"simulated with MuJoCo {mujoco.__version__}",
            counts={"episodes": len(listed)},
            listed=listed,
            problems={},
            warnings=(),
            fingerprint=digest({"scene": scene, "mujoco": mujoco.__version__, "episodes": len(listed)}),
            comparable=False,
        )

    def resolve(self, protocol: P, backbone: Backbone) -> P:
        """The protocol with layer and resolution of the backbone."""
        return resolve(protocol, backbone)

    def image_size(self, protocol: P) -> tuple[int, int] | None:
        """The square that the protocol gives; None where the backbone decides."""
        side = protocol.resolution
        return None if side == "backbone" else (side, side)

    def evaluate(self, backbone: Backbone, data: DataReport, protocol: P, context: RunContext) -> Outcome:
        """Learn with the camera and, as an anchor, with the state; count both, the ceiling and the floors.

        Raises:
            RequestError: several processes.
        """
        if context.world_size > 1:
            raise RequestError(f"`{self.card.name}` runs in one process: start it without torchrun.")
        work = Work(self.card.name, protocol, backbone.eval(), context)
        with context.stage("references"):
            apart = references(work)
        learners = {CAMERA: work.learner(CAMERA), STATE: work.learner(STATE)}
        rounds = {name: _learn(work, learner, name) for name, learner in learners.items()}
        last = rounds[CAMERA][-1].episodes
        items = items_of(last)
        committed = context.committed()
        for row in items:
            if row["episode"] not in committed:
                context.commit(row["episode"], row)
        artifacts = self._artifacts(work, learners)
        curves = {name: curve_of(each) for name, each in rounds.items()}
        rest = reference_rows(apart)
        artifacts["success over steps"] = context.out / "artifacts" / CURVE
        plot_curves(artifacts["success over steps"], curves, rest, self.card.title)
        beyond = dict.fromkeys(data.listed[len(last) :], "beyond --limit")
        return Outcome(
            metrics=metrics_of(rounds, apart, main=CAMERA, seed=context.seed),
            items=items,
            coverage=Coverage(scored=len(last), listed=len(data.listed), missing=beyond),
            curves={**curves, "references": rest},
            artifacts=artifacts,
            frames=rounds[CAMERA][-1].steps + sum(e.steps for each in rounds[CAMERA] for e in each.episodes),
        )

    def _artifacts(self, work: Work, learners: dict[str, Dagger]) -> dict[str, Path]:
        """The policies, and videos of what the one that looks does."""
        folder = work.context.out / "artifacts"
        found = {}
        for name, learner in learners.items():
            learner.policy.save(folder / POLICY / name)
            for file in sorted((folder / POLICY / name).iterdir()):
                found[f"policy ({name}): {file.name}"] = file
        with work.context.stage("film"):
            return found | film(work, learners[CAMERA], folder / ROLLOUTS)


def _learn(work: Work, learner: Dagger, name: str) -> list[Round]:
    with work.context.stage("training"):
        rounds = learner.run()
    work.context.save_state(f"seconds-{work.context.rank}", work.context.all_seconds())
    shown = ", ".join(f"{100 * each.success:.0f}" for each in rounds if each.episodes)
    work.context.progress.say(f"Success of the policy that reads the {name}, by iteration: {shown} %")
    return rounds


class Pick(Manipulation[PickProtocol]):
    """Lift a cube."""

    protocol: ClassVar[type[ManipulationProtocol]] = PickProtocol


class Cabinet(Manipulation[CabinetProtocol]):
    """Pull a drawer open."""

    protocol: ClassVar[type[ManipulationProtocol]] = CabinetProtocol


class FrankaCabinet(Manipulation[FrankaCabinetProtocol]):
    """Pull a drawer open and hold its bar."""

    protocol: ClassVar[type[ManipulationProtocol]] = FrankaCabinetProtocol
