"""The interface of every task, and what it hands back."""

import abc
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict

from toto_bench.backbones.base import Backbone
from toto_bench.cards import TaskCard
from toto_bench.results.record import Coverage, Metric
from toto_bench.tasks.context import RunContext


class ProtocolModel(BaseModel):
    """Every number that can change a result; its hash is part of a result's identity.

    The values stand in the task's card, with their sources; a field here gives type, bounds and meaning.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)


P = TypeVar("P", bound=ProtocolModel)


@dataclass(frozen=True)
class DataReport:
    """What `check` found."""

    path: Path
    """Where the data lies."""
    name: str
    """Name of the data set; `sample` for the bundled one."""
    layout: str
    """Which of the accepted layouts it is."""
    counts: dict[str, int]
    """What there is, by kind: sequences, frames, objects."""
    listed: tuple[str, ...]
    """Ids of all items, in the order of the list."""
    problems: dict[str, str]
    """Item to what keeps it from being scored."""
    warnings: tuple[str, ...]
    """What is odd but does no harm."""
    fingerprint: str
    """Hash of the sorted (id, byte size) list and of the annotation files."""
    comparable: bool = True
    """Whether it is the whole official split, so that published numbers speak of the same."""


@dataclass(frozen=True)
class Outcome:
    """What an evaluation yields."""

    metrics: dict[str, Metric]
    """Numbers by metric name, fractions in [0, 1]."""
    items: list[dict[str, Any]]
    """One row per scored item."""
    coverage: Coverage
    """Scored and listed."""
    curves: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Tables by name: per layer, per step."""
    artifacts: dict[str, Path] = field(default_factory=dict)
    """Title to file, inside the run's folder."""
    frames: int = 0
    """Frames (or images, clips, episodes) that were processed, for the rate."""
    warnings: tuple[str, ...] = ()
    """What a reader of the numbers should know."""


class Task(abc.ABC, Generic[P]):
    """A benchmark: reader, protocol and metric. P is its protocol model."""

    protocol: ClassVar[type[ProtocolModel]]
    reads_files: ClassVar[bool] = False
    """Whether `--data` may name a file: annotations alone, enough to score predictions, or all data in one."""

    def __init__(self, card: TaskCard) -> None:
        self.card = card

    @abc.abstractmethod
    def check(self, data: Path, protocol: P, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: layout, counts, problems, fingerprint.

        Args:
            data: root of the data set.
            protocol: which split and which size.
            thorough: also decode every file.

        Raises:
            DataError: there is nothing to evaluate.
        """

    @abc.abstractmethod
    def evaluate(self, backbone: Backbone, data: DataReport, protocol: P, context: RunContext) -> Outcome:
        """Run the protocol on what `check` found. Finished items are committed and never repeated."""

    def resolve(self, protocol: P, backbone: Backbone) -> P:
        """The protocol with every value that depends on the backbone filled in; it is this that is hashed.

        Raises:
            RequestError: the protocol asks for something the backbone cannot do.
        """
        del backbone
        return protocol

    def image_size(self, protocol: P) -> tuple[int, int] | None:
        """Height and width of every frame, where the protocol alone says it: some models are built for it."""
        del protocol
        return None

    def write_sample(self, folder: Path) -> None:
        """Write a small sample in this task's official layout; tasks of toto-bench have theirs in `samples/`.

        Raises:
            RequestError: the task has none yet.
        """
        del folder
        from toto_bench.errors import RequestError  # noqa: PLC0415  only needed to refuse

        raise RequestError(f"`{self.card.name}` has no bundled sample yet: give `--data PATH`.")


@runtime_checkable
class Scorable(Protocol):
    """A task whose predictions are files: `evaluate` writes them and scores those files."""

    def score(
        self, predictions: Path, data: DataReport, protocol: Any, *, allow_missing: bool = False
    ) -> Outcome:
        """Score anyone's predictions in the official format."""
        ...


@runtime_checkable
class Rescorable(Protocol):
    """A task that can score the predictions of one of its finished runs again."""

    def rescore(
        self,
        run: Path,
        data: DataReport,
        protocol: Any,
        *,
        seed: int,
        limit: int | None,
        allow_missing: bool,
    ) -> Outcome:
        """Metrics, items and coverage, as `evaluate` had them, from the files in the run's folder."""
        ...
