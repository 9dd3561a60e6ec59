"""The task card: what a benchmark measures, every protocol value and where it comes from."""

from typing import Any, Literal

from pydantic import Field, model_validator

from toto_bench.cards.base import Strict
from toto_bench.cards.errors import UnknownNameError
from toto_bench.cards.suggest import did_you_mean


class MetricInfo(Strict):
    """One number a task reports."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    """Key in records and CSV files."""
    title: str
    """Heading in tables."""
    description: str
    """What it is, in one sentence."""
    unit: Literal["%", "mAP", "steps", "px", ""] = "%"
    """`%` and `mAP` are fractions in records and points (x 100) in tables."""
    higher_is_better: bool = True
    """Whether a larger value is a better one."""


class ProtocolValue(Strict):
    """One number (or choice) that can change a result, and where it comes from."""

    value: Any
    """The value, of the type that the task's protocol model gives."""
    source: str
    """Paper, official file and commit, or the reason of our choice."""
    inferred: bool = False
    """True where the paper is silent and the value is our reading of its references."""


class Preset(Strict):
    """Protocol values changed together."""

    description: str
    """What the preset reproduces."""
    source: str
    """Where its values come from."""
    values: dict[str, Any] = Field(default_factory=dict)
    """The values that differ from `[protocol]`."""


class Overlap(Strict):
    """How pre-training data and the data of a task overlap."""

    split: Literal["training", "evaluation", "unknown"]
    """What of the task's data it holds: its training split and not what is scored, what is scored, or not known."""
    how: str
    """How they overlap, in one clause."""


class DataInfo(Strict):
    """The data set: what it is, how it lies on disk, how to get it, what one may do with it."""

    name: str
    """Name of the data set."""
    url: str
    """Its home page."""
    licence: str
    """Under which terms it may be used."""
    size: str
    """Size on disk, in words."""
    layout: str
    """The official layout on disk, as a tree."""
    how_to_get: str
    """What a person has to do to have it."""
    needed: bool = True
    """Whether files have to be there; a simulation makes what it needs."""
    overlaps: dict[str, Overlap] = Field(default_factory=dict)
    """Pre-training data that shares items with it, by the names that backbone cards use."""


class TaskCard(Strict):
    """One benchmark, as `tasks/NAME.toml` holds it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    """Name on the command line; the file's name."""
    title: str
    """Heading in tables."""
    version: int = Field(ge=1)
    """Raised when results of the card stop being comparable with earlier ones."""
    entry: str | None = Field(default=None, pattern=r"^[\w.]+:\w+$")
    """`module:class` of the code; without it the task is announced, not runnable."""
    summary: str
    """What is measured, in a sentence or two."""
    paper: str
    """The table of the paper that the task belongs to."""
    references: tuple[str, ...] = ()
    """Papers and official code that define the protocol."""
    primary: str
    """The metric that stands for the task in the unified table."""
    metrics: tuple[MetricInfo, ...] = Field(min_length=1)
    """All metrics, in the order of columns."""
    unit: str
    """The natural unit of the bootstrap: what is drawn with replacement."""
    data: DataInfo
    """The data set."""
    protocol: dict[str, ProtocolValue]
    """Every protocol value, as the preset `paper` has it."""
    presets: dict[str, Preset]
    """Values changed together; `paper` is the default."""
    conflicts: tuple[str, ...] = ()
    """Contradictions inside the paper, and known differences to the official code."""

    @model_validator(mode="after")
    def _names_agree(self) -> "TaskCard":
        if self.primary not in (names := [metric.name for metric in self.metrics]):
            raise ValueError(f"`primary` is `{self.primary}`, but `metrics` has only {', '.join(names)}")
        if "paper" not in self.presets:
            raise ValueError("the preset `paper` is missing: add `[presets.paper]`")
        for name, preset in self.presets.items():
            if unknown := set(preset.values) - set(self.protocol):
                wrong = min(unknown)
                raise ValueError(
                    f"preset `{name}` changes `{wrong}`, which `[protocol]` does not have"
                    + did_you_mean(wrong, self.protocol).removesuffix(".")
                )
        return self

    @property
    def runnable(self) -> bool:
        """Whether a backbone can be run on it."""
        return self.entry is not None

    def metric(self, name: str) -> MetricInfo:
        """The metric of that name; `j_and_f@held-out` and the like are read as `j_and_f`."""
        for metric in self.metrics:
            if metric.name == name.partition("@")[0]:
                return metric
        known = [metric.name for metric in self.metrics]
        raise UnknownNameError(f"`{self.name}` has no metric `{name}`{did_you_mean(name, known)}")

    def values(self, preset: str = "paper") -> dict[str, Any]:
        """Protocol values of a preset.

        Raises:
            UnknownNameError: the card has no such preset.
        """
        if preset not in self.presets:
            raise UnknownNameError(
                f"`{self.name}` has no preset `{preset}`{did_you_mean(preset, self.presets)}"
            )
        base = {name: entry.value for name, entry in self.protocol.items()}
        return base | self.presets[preset].values
