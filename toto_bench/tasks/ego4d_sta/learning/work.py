"""What a run works with: examples of both splits, where their frames are, the backbone, the surroundings."""

from dataclasses import dataclass, field

from toto_bench.backbones.base import Backbone
from toto_bench.features.libraries import libraries
from toto_bench.files import digest
from toto_bench.paths import cache_folder
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile
from toto_bench.tasks.ego4d_sta.data import StaData
from toto_bench.tasks.ego4d_sta.learning.examples import Example
from toto_bench.tasks.ego4d_sta.learning.kept import Kept
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol

_OF_CLIPS = ("frames", "stride", "resolution", "resize")
_OF_MAPS = ("pyramid_layers", "temporal_pooling")
_FEW = 4
"""Clips of a pass through a backbone that is trained, where `--batch-size` was left at 1."""
_LEFT_OUT = "left-out"
"""Name under which a process keeps what it left out, so that a run that goes on knows it."""


@dataclass
class Work:
    """One run."""

    protocol: EgoStaProtocol
    """Resolved."""
    backbone: Backbone
    """On the run's device."""
    report: DataReport
    """What `check` found."""
    context: RunContext
    """Of the run."""
    trained: StaData
    """The split that is trained on."""
    scored: StaData
    """The split that is predicted."""
    train: tuple[Example, ...]
    """What is trained on."""
    val: tuple[Example, ...]
    """What is predicted."""
    absent: dict[str, str]
    """Training annotations whose frames are missing, with the reason."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Images of both splits whose frames turned out not to decode, with the reason."""

    def __post_init__(self) -> None:
        self.recall_left_out()

    @property
    def file(self) -> AnnotationFile:
        """The annotations that are scored."""
        return self.scored.file

    @property
    def share(self) -> int:
        """Annotations of a training step that this process has."""
        return self.protocol.batch // self.context.world_size

    @property
    def clips(self) -> int:
        """Clips that go through the backbone at once: `--batch-size` counts frames."""
        return max(1, self.context.batch_size // self.protocol.frames)

    @property
    def micro_batch(self) -> int:
        """Annotations whose gradients are computed at once; a detector on kept maps takes a whole share."""
        if self.protocol.adaptation == "frozen":
            return max(self.share, 1)
        return max(1, min(self.share, self.clips if self.context.batch_size > 1 else _FEW))

    @property
    def epoch(self) -> int:
        """Steps of an epoch."""
        return max(1, round(len(self.train) / self.protocol.batch))

    @property
    def steps(self) -> int:
        """Of the training."""
        return self.epoch * self.protocol.epochs

    def leave_out(self, example: Example, reason: Exception) -> None:
        """Note an image that cannot be read: it is in no batch, and not predicted."""
        if example.uid not in self.left_out:
            self.left_out[example.uid] = str(reason)
            self.context.progress.say(f"Left out: {reason}")
            self.context.save_state(f"{_LEFT_OUT}-{self.context.rank}", dict(self.left_out))

    def recall_left_out(self) -> None:
        """Take in what every process has noted, before the run was interrupted too."""
        for rank in range(self.context.world_size):
            self.left_out |= self.context.load_state(f"{_LEFT_OUT}-{rank}") or {}

    def kept(self, kind: str, *, training: bool) -> Kept:
        """Where what is kept of a split lies: only the same backbone, reading and data give it."""
        info, protocol = self.backbone.info, self.protocol
        examples = self.train if training else self.val
        names = (*_OF_CLIPS, *_OF_MAPS) if kind == "maps" else _OF_CLIPS
        split = self.trained if training else self.scored
        key = {
            "kind": kind,
            "architecture": info.architecture,
            "weights": [info.weights, info.state],
            "preprocessing": info.preprocessing,
            "dtype": self.context.dtype if kind == "maps" else "float32",
            "device": self.context.device.partition(":")[0],
            "libraries": libraries(),
            "reading": {name: getattr(protocol, name) for name in names},
            "source": split.clip.name if split.clip else "",
            "fingerprint": self.report.fingerprint,
            "uids": digest([example.uid for example in examples]),
            "mirrored": training and protocol.flip > 0,
            "allow_missing": self.context.allow_missing,
            "format": 1,
        }
        return Kept(
            cache_folder() / "ego4d_sta" / digest(key)[:40], examples, mirrored=training and protocol.flip > 0
        )

    def identity(self) -> str:
        """Of everything that decides what is trained."""
        info, context = self.backbone.info, self.context
        return digest(
            {
                "protocol": self.protocol.model_dump(mode="json"),
                "backbone": [info.name, info.architecture, info.weights, info.preprocessing],
                "data": [self.report.fingerprint, digest([example.uid for example in self.train])],
                "seed": context.seed,
                "dtype": context.dtype,
                "micro_batch": self.micro_batch,
                "world_size": context.world_size,
            }
        )
