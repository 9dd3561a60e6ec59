"""The real arm's task: this part clones a policy from demonstrations; `toto-bench robot` lets it act and counts."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from toto_bench.backbones.base import Backbone
from toto_bench.errors import RequestError
from toto_bench.results.record import Coverage
from toto_bench.robots.demonstrations import DemonstrationSet, Prepared, open_demonstrations, prepare
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.cube_pick.cloning import Cloner
from toto_bench.tasks.cube_pick.errors import (
    error_metric,
    error_rows,
    item_rows,
    relative_errors,
    untried,
)
from toto_bench.tasks.cube_pick.protocol import CubePickProtocol
from toto_bench.tasks.readouts import expect_token, read_layers, read_side

POLICY = "policy"
"""Folder of the policy among a run's artifacts."""


class CubePick(Task[CubePickProtocol]):
    """Behaviour cloning on frozen features. Success is not known before trials: the record says so."""

    protocol: ClassVar[type[CubePickProtocol]] = CubePickProtocol
    reads_files: ClassVar[bool] = True

    def check(self, data: Path, protocol: CubePickProtocol, *, thorough: bool = False) -> DataReport:
        """The demonstrations, in any format that is known.

        Raises:
            WrongDemonstrationsError: there are none that can be used.
        """
        found = open_demonstrations(data, fps=protocol.control_hz)
        problems = dict(found.problems)
        if thorough:
            problems |= _undecodable(found)
        listed = (*(episode.name for episode in found), *found.problems)[: protocol.demonstrations]
        few = len(listed) < protocol.demonstrations
        warning = f"{len(listed)} demonstrations, where the protocol has {protocol.demonstrations}"
        return DataReport(
            path=data,
            name=self.card.data.name,
            layout=found.source,
            counts={"demonstrations": len(found), "steps": found.steps, "cameras": len(found.cameras)},
            listed=listed,
            problems={name: why for name, why in problems.items() if name in listed},
            warnings=(warning,) if few else (),
            fingerprint=found.fingerprint,
            comparable=False,
        )

    def resolve(self, protocol: CubePickProtocol, backbone: Backbone) -> CubePickProtocol:
        """The protocol with layer and side of the backbone.

        Raises:
            UnsupportedInputError: it has no such layer or class token, or reads another size.
        """
        expect_token(protocol.pooling, backbone.info)
        [layer] = read_layers(protocol.layer, backbone.info)
        side = read_side(protocol.resolution, backbone.info)
        return protocol.model_copy(update={"layer": layer, "resolution": side})

    def evaluate(
        self, backbone: Backbone, data: DataReport, protocol: CubePickProtocol, context: RunContext
    ) -> Outcome:
        """Clone, and measure the error of actions on demonstrations that were held out.

        Raises:
            RequestError: several processes, or demonstrations of another rate.
            DemonstrationError: a picture cannot be decoded.
        """
        if context.world_size > 1:
            raise RequestError(f"`{self.card.name}` runs in one process: start it without torchrun.")
        prepared = self._prepared(data, protocol, context)
        cloner = Cloner(protocol, prepared, backbone.eval(), context)
        with context.stage("features"):
            train, held_out = cloner.frames(prepared.train), cloner.frames(prepared.held_out)
        with context.stage("training"):
            policy = cloner.learn(train)
        errors, frames = relative_errors(policy, train, held_out), [len(part) for part in held_out]
        rows = item_rows([episode.name for episode in prepared.held_out], errors, frames)
        committed = context.committed()
        for row in rows:
            if row["demonstration"] not in committed:
                context.commit(row["demonstration"], row)
        folder = context.out / "artifacts" / POLICY
        policy.save(folder)
        used = {episode.name for episode in (*prepared.train, *prepared.held_out)}
        reasons = {
            name: prepared.left_out.get(name, "beyond --limit") for name in data.listed if name not in used
        }
        return Outcome(
            metrics={
                "success": untried(),
                "aborted": untried(),
                "action_error": error_metric(errors, frames, context.seed),
            },
            items=rows,
            coverage=Coverage(scored=len(used), listed=len(data.listed), missing=reasons),
            curves={"errors": error_rows(prepared.action.names, errors, frames)},
            artifacts={f"policy: {file.name}": file for file in sorted(folder.iterdir())},
            frames=sum(map(len, (*train, *held_out))),
            warnings=(
                "Success is unknown until the policy has been tried: `toto-bench robot run --policy RUN`.",
            ),
        )

    def _prepared(self, data: DataReport, protocol: CubePickProtocol, context: RunContext) -> Prepared:
        found = open_demonstrations(data.path, fps=protocol.control_hz)
        if found.fps != protocol.control_hz:
            raise RequestError(
                f"{data.path} was recorded with {found.fps:g} steps per second, and the policy is to give "
                f"{protocol.control_hz:g}: a way of one step would be another's. Take `--set "
                f"control_hz={found.fps:g}`, or record at the rate of the protocol."
            )
        count = min(protocol.demonstrations, context.limit or protocol.demonstrations)
        if context.limit == 1:
            raise RequestError(
                "One demonstration is held out and at least one learnt from: take `--limit 2`."
            )
        wanted = set(data.listed[:count])
        few = replace(found, episodes=tuple(each for each in found if each.name in wanted))
        return prepare(few, protocol.preparation(context.seed))


def _undecodable(found: DemonstrationSet) -> dict[str, str]:
    """Every picture decoded once: what is wrong with them, by episode."""
    problems: dict[str, str] = {}
    for episode in found:
        try:
            for frames in episode.cameras.values():
                for _ in frames.chunks():
                    pass
        except Exception as error:  # noqa: BLE001 - whatever a damaged file does to a decoder is its problem
            problems[episode.name] = str(error)
    return problems
