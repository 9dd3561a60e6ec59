"""What a run works with: data cut into what is trained on and what is scored, backbone, views, surroundings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from toto_bench.backbones.base import Backbone
from toto_bench.files import digest
from toto_bench.probing.selection import held_out_items
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.bank import is_pooled
from toto_bench.tasks.recognition.examples import Example, Examples
from toto_bench.tasks.recognition.inputs import Reader
from toto_bench.tasks.recognition.problems import Unit, training_examples
from toto_bench.tasks.recognition.protocol import RecognitionProtocol
from toto_bench.tasks.recognition.views import Views

_LEFT_OUT = "left-out"
_FEW = 16
"""Items of a pass through a backbone that is trained, where `--batch-size` was left at 1."""


@dataclass
class Work:
    """One run of recognition."""

    unit: Unit
    """What items are."""
    data: Examples
    """As its reader found it."""
    report: DataReport
    """What `check` found."""
    protocol: RecognitionProtocol
    """Resolved."""
    backbone: Backbone
    """On the run's device."""
    views: Views
    """Reads examples."""
    context: RunContext
    """Of the run."""
    leaves_out: bool = False
    """Whether training items that cannot be read are left out without `--allow-missing` too."""
    frames_again: bool = False
    """Whether training views show the same frames again: then ids that a tokenizer made of them are kept."""
    train: tuple[Example, ...] = ()
    """What probes are trained on."""
    held_out: tuple[Example, ...] = ()
    """What layer and rate are chosen on."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Training items that could not be read, with the reason."""

    def __post_init__(self) -> None:
        """Cut the training items.

        Raises:
            DataError: there is nothing to train on.
        """
        kept, missing = training_examples(self.data, self.unit)
        labels = np.array([example.label for example in kept])
        held = held_out_items(labels, self.protocol.held_out, self.context.seed)
        self.train = tuple(example for example, is_held in zip(kept, held, strict=True) if not is_held)
        self.held_out = tuple(example for example, is_held in zip(kept, held, strict=True) if is_held)
        self.left_out = missing | (self.context.load_state(f"{_LEFT_OUT}-{self.context.rank}") or {})

    @property
    def positions(self) -> bool:
        """Whether probes read where tokens lie."""
        return getattr(self.protocol, "positions", "none") != "none"

    @property
    def tolerant(self) -> bool:
        """Whether training items that cannot be read are left out, instead of ending the run."""
        return self.leaves_out or self.context.allow_missing

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.data.classes)

    @property
    def layers(self) -> tuple[int, ...]:
        """That are read, as `resolve` filled them in."""
        assert isinstance(self.protocol.layers, tuple)
        return self.protocol.layers

    @property
    def share(self) -> int:
        """Items of a training step that this process has."""
        return self.protocol.batch // self.context.world_size

    @property
    def clips(self) -> int:
        """Clips that go through the backbone at once, where it is only read: `--batch-size` counts frames."""
        return max(1, self.context.batch_size // self.views.frames)

    @property
    def micro_batch(self) -> int:
        """Items whose gradients are computed at once, and whose statistics batch norms take.

        Vectors are small: all of a process together. Tokens, and what a backbone keeps for its gradients, are not:
        as many as `--batch-size` says.
        """
        if is_pooled(self.protocol) and self.protocol.adaptation == "frozen":
            return self.share
        return min(self.share, self.clips if self.context.batch_size > 1 else _FEW)

    @property
    def steps(self) -> int:
        """Of the training; a rest that fills no batch is dropped."""
        return max(1, self.protocol.epochs * len(self.train) // self.protocol.batch)

    def reader(self, *, pooled: bool | None = None, again: bool = True) -> Reader:
        """What reads tokens, or pooled vectors; `again` as in `Reader`."""
        small = is_pooled(self.protocol) if pooled is None else pooled
        return Reader(
            self.backbone,
            self.layers,
            self.protocol.final_norm,
            self.context,
            clips=self.clips,
            pooled=small,
            again=again,
            positions=self.positions,
        )

    def leave_out(self, example: Example, reason: str) -> None:
        """Note a training item that cannot be read; it is in no batch."""
        if example.name not in self.left_out:
            self.left_out[example.name] = reason
            self.context.progress.say(f"Left out of the training: {reason}")
            self.context.save_state(f"{_LEFT_OUT}-{self.context.rank}", self.left_out)

    def all_left_out(self) -> dict[str, str]:
        """Training items that could not be read, by this process and by the others."""
        found = dict(self.left_out)
        for rank in range(self.context.world_size):
            found |= self.context.load_state(f"{_LEFT_OUT}-{rank}") or {}
        return found

    def identity(self, names: Sequence[Example]) -> str:
        """Of everything that decides what is trained: another run in the same folder is another one."""
        info, context = self.backbone.info, self.context
        return digest(
            {
                "protocol": self.protocol.model_dump(mode="json"),
                "backbone": [info.name, info.architecture, info.weights, info.preprocessing],
                "data": [self.report.fingerprint, digest([example.name for example in names])],
                "seed": context.seed,
                "dtype": context.dtype,
                "micro_batch": self.micro_batch,
                "world_size": context.world_size,
            }
        )
