"""The simulated tasks: a policy learns from an expert through a frozen backbone, and is counted over episodes."""

from pathlib import Path
from typing import ClassVar, TypeVar

from toto_bench.backbones.base import Backbone
from toto_bench.errors import RequestError
from toto_bench.results.record import Coverage
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.manipulation.check import report_of
from toto_bench.tasks.manipulation.curves import curve_of, layer_curve, reference_rows
from toto_bench.tasks.manipulation.finish import keep_items, save_policies
from toto_bench.tasks.manipulation.layers import best_layer
from toto_bench.tasks.manipulation.learn import learn
from toto_bench.tasks.manipulation.outcome import metrics_of
from toto_bench.tasks.manipulation.plots import plot_curves
from toto_bench.tasks.manipulation.protocol import (
    CabinetProtocol,
    FrankaCabinetProtocol,
    ManipulationProtocol,
    PickProtocol,
)
from toto_bench.tasks.manipulation.references import references
from toto_bench.tasks.manipulation.resolve import resolve
from toto_bench.tasks.manipulation.seconds import counted
from toto_bench.tasks.manipulation.shared import frames_seen, share_frames
from toto_bench.tasks.manipulation.videos import film
from toto_bench.tasks.manipulation.work import STATE, Work

P = TypeVar("P", bound=ManipulationProtocol)
ROLLOUTS, CURVE = "rollouts", "success.png"
"""What a run leaves in its folder of artifacts."""


class Manipulation(Task[P]):
    """A task of the simulated robots; nothing has to be downloaded."""

    def check(self, data: Path, protocol: P, *, thorough: bool = False) -> DataReport:
        """The evaluation episodes, of a scene that compiles, and whether this machine draws it as others do.

        Raises:
            AssetsError: the robot's models are not there.
        """
        del thorough
        return report_of(self.card, protocol, data)

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
        with counted(context, "references"):
            apart = references(work)
        cameras, state = work.cameras(), work.state()
        with counted(context, "training"):
            share_frames(work, cameras)
        by_layer = {layer: learn(work, learner) for layer, learner in cameras.items()}
        states = learn(work, state)
        best = best_layer(by_layer)
        names = {layer: work.camera_name(layer) for layer in cameras}
        curves = {names[layer]: curve_of(rounds) for layer, rounds in by_layer.items()}
        curves[STATE] = curve_of(states)
        rest = reference_rows(apart)
        folder = context.out / "artifacts"
        artifacts = save_policies(
            {names[layer]: each for layer, each in cameras.items()} | {STATE: state}, folder
        )
        with counted(context, "film"):
            artifacts |= film(work, cameras[best], folder / ROLLOUTS)
        artifacts["success over steps"] = folder / CURVE
        plot_curves(folder / CURVE, curves, rest, self.card.title)
        last = states[-1].episodes
        items = keep_items({layer: rounds[-1].episodes for layer, rounds in by_layer.items()}, context)
        evaluated = sum(e.steps for rounds in by_layer.values() for each in rounds for e in each.episodes)
        seen = frames_seen([[each.steps for each in rounds] for rounds in by_layer.values()], work.settings())
        return Outcome(
            metrics=metrics_of(by_layer, {STATE: last} | apart, seed=context.seed),
            items=items,
            coverage=Coverage(
                scored=len(last),
                listed=len(data.listed),
                missing=dict.fromkeys(data.listed[len(last) :], "beyond --limit"),
            ),
            curves=curves
            | ({"layers": layer_curve(by_layer)} if len(by_layer) > 1 else {})
            | {"references": rest},
            artifacts=artifacts,
            frames=seen + evaluated,
        )


class Pick(Manipulation[PickProtocol]):
    """Lift a cube."""

    protocol: ClassVar[type[ManipulationProtocol]] = PickProtocol


class Cabinet(Manipulation[CabinetProtocol]):
    """Pull a drawer open."""

    protocol: ClassVar[type[ManipulationProtocol]] = CabinetProtocol


class FrankaCabinet(Manipulation[FrankaCabinetProtocol]):
    """Pull a drawer open and hold its bar."""

    protocol: ClassVar[type[ManipulationProtocol]] = FrankaCabinetProtocol
