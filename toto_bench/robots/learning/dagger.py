"""Learning from an expert in rounds: visit states, ask the expert, train on everything so far, evaluate."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toto_bench.backbones.base import Backbone
from toto_bench.files import digest, write_json
from toto_bench.progress import Progress, Silent
from toto_bench.robots.episodes import Episode
from toto_bench.robots.experts import Expert
from toto_bench.robots.learning.collect import Act, collect
from toto_bench.robots.learning.demonstrations import Aggregated, Demonstrations
from toto_bench.robots.learning.evaluate import SensingActor, evaluate
from toto_bench.robots.learning.fit import error_of, fit
from toto_bench.robots.learning.rounds import Round, read_round
from toto_bench.robots.learning.senses import Sensed, Senses
from toto_bench.robots.learning.settings import Learning
from toto_bench.robots.learning.spec import spec_of
from toto_bench.robots.policy import Policy, Readout, make_policy
from toto_bench.robots.tasks import ManipulationTask


@dataclass
class Dagger:
    """DAgger (arXiv 1011.0686), or behaviour cloning where the expert acts in every round.

    What is done lies in the folder, so that a killed process goes on where it was and ends with the same policy.
    """

    task: ManipulationTask
    """The environments."""
    expert: Expert
    """Asked in every state that is visited."""
    senses: Senses
    """What the policy reads."""
    settings: Learning
    """Numbers."""
    folder: Path
    """Of frames, trainings and rounds."""
    readout: Readout | None = None
    """Of the frozen features; None: the policy looks at no picture."""
    backbone: Backbone | None = None
    """That gives the features."""
    device: str = "cpu"
    """Where the backbone is."""
    embedding: int = 128
    """Width of the learned linear layers."""
    hidden: tuple[int, ...] = (256, 128, 64)
    """Widths of the MLP."""
    progress: Progress = field(default_factory=Silent)
    """Is told of steps."""

    def run(self) -> list[Round]:
        """Learn, up to the last round; `policy` is then that of the last round.

        Raises:
            TotoBenchError: rendering, features, the training or the disk failed; what is done stays.
        """
        parts: list[Demonstrations] = []
        done: list[Round] = []
        for number in range(self.settings.rounds):
            parts.append(self._frames(number, first=parts[0] if parts else None))
            if number == 0:
                self.policy = self._new_policy(parts[0])
            error = error_of(self.policy, parts[-1])
            fit(
                self.policy,
                Aggregated(parts, self.settings.seed * 1_000 + number),
                self.settings.training(number),
                self.folder / f"fit-{number:03d}",
                self._identity(number, parts),
            )
            done.append(self._round(number, sum(map(len, parts)), error))
        return done

    def act(self, sensed: Sensed) -> NDArray[np.float32]:
        """The present policy's actions [n, A]."""
        seen = sensed.seen if self.policy.spec.features else None
        return self.policy.act_features(seen, sensed.proprio)[:, 0]

    def _frames(self, number: int, first: Demonstrations | None) -> Demonstrations:
        """The frames of a round, visited once."""
        path = self.frames_file(number)
        if (found := Demonstrations.load(path)) is not None:
            return found
        made = self.visit(number, None if first is None else self.act)
        made.save(path)
        return made

    def frames_file(self, number: int) -> Path:
        """Where the frames of a round lie."""
        return self.folder / f"frames-{number:03d}.safetensors"

    def visit(self, number: int, act: Act | None) -> Demonstrations:
        """The frames of a round, not saved.

        Args:
            number: of the round.
            act: the policy; None, and only the expert acts.
        """
        settings = self.settings
        steps = -(-settings.steps // settings.rounds)
        self.progress.start(f"Round {number + 1} of {settings.rounds}: steps", steps)
        made = collect(
            self.task,
            self.expert,
            self.senses,
            act,
            steps=steps,
            share=settings.share_of(number) if act is not None else 1.0,
            seed=(settings.seed, number),
            watch=self.progress.advance,
        )
        self.progress.stop()
        return made

    def _new_policy(self, first: Demonstrations) -> Policy:
        spec = spec_of(
            self.task, self.senses.names, first, self.readout, embedding=self.embedding, hidden=self.hidden
        )
        policy = make_policy(spec, self.backbone, seed=self.settings.seed, device=self.device)
        if spec.features:
            policy.head.standardise(first.seen.float(), smallest=1e-3)
        return policy

    def _round(self, number: int, steps: int, error: float) -> Round:
        """The evaluation of a round, made once."""
        path = self.folder / f"round-{number:03d}.json"
        if (found := read_round(path)) is not None:
            return found
        episodes: tuple[Episode, ...] = ()
        if self.settings.evaluates(number):
            self.progress.start(f"Round {number + 1}: evaluation episodes", self.settings.episodes)
            episodes = evaluate(
                self.task,
                SensingActor(self.senses, self.act),
                self.settings.episodes,
                finished=lambda _: self.progress.advance(),
            )
            self.progress.stop()
        found = Round(number, steps, error, episodes)
        write_json(path, asdict(found))
        return found

    def _identity(self, number: int, parts: list[Demonstrations]) -> str:
        lengths = [len(part) for part in parts]
        return digest({"settings": self.settings.model_dump(mode="json"), "round": number, "frames": lengths})
