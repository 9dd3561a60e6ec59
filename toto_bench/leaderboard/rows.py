"""The rows of every table: numbers, where they come from, and what they were measured with."""

from dataclasses import dataclass
from typing import Any

from toto_bench.leaderboard.row_cost import RowCost
from toto_bench.results.record import BEST_ON_VAL

HEX_SHOWN = 8
"""Characters of a hash that tables show."""


@dataclass(frozen=True)
class Number:
    """One number of a row, a fraction where the metric's unit is `%` or `mAP`."""

    value: float | None
    """None where it is not defined."""
    low: float | None = None
    """Lower end of the 95 % interval."""
    high: float | None = None
    """Upper end of the 95 % interval."""
    interval: str = ""
    """How the interval was made, and over what."""
    n: int | None = None
    """Items behind it; None for published numbers."""
    selection: str = ""
    """How the layer was chosen, when there was a choice."""
    note: str = ""
    """Doubts about a published number."""

    @property
    def best_on_val(self) -> bool:
        """Whether a choice was made on the evaluation data."""
        return self.selection.startswith(BEST_ON_VAL)


@dataclass(frozen=True)
class Provenance:
    """What stands behind a measured row."""

    runs: tuple[str, ...]
    """Ids, in the order of seeds."""
    seeds: tuple[int, ...]
    """One per run."""
    preset: str
    """Preset that the protocol started from."""
    changed: tuple[str, ...]
    """`name=value` of the values that differ from the preset's."""
    protocol: dict[str, Any]
    """Every value, resolved."""
    protocol_hash: str
    """Hash of the values."""
    task_version: int
    """Version of the task card."""
    data: str
    """Name of the data set, or `sample`."""
    fingerprint: str
    """Hash of the data."""
    dtype: str
    """Number type of the backbone."""
    weights: str
    """`sha256:...`, `random` (untrained, any seed) or `none`."""
    checkpoint: str
    """`card`, `file:NAME`, `random` or `none`."""
    comparable: bool
    """Whether it is the whole official split."""
    scored: int
    """Items scored, in the run that scored the smallest share."""
    listed: int
    """Items that the data set lists."""
    version: str
    """toto-bench version."""
    revision: str
    """Git commit, where there was one."""
    floor: bool
    """A reference without learning: never ranked."""
    pretraining: tuple[str, ...] = ()
    """Data the weights have seen."""

    @property
    def complete(self) -> bool:
        """Whether every listed item was scored."""
        return self.scored >= self.listed


@dataclass(frozen=True)
class Comparison:
    """A measured row beside the published row of the same backbone that is nearest to it."""

    published: "Row"
    """The row of the paper."""
    differing: tuple[str, ...]
    """`name 224, paper 256` for each stated value that is another one; empty: the protocols match."""
    difference: float | None
    """Measured minus published primary metric, where the protocols match."""

    @property
    def matches(self) -> bool:
        """Whether every protocol value that the published row states is the measured row's."""
        return not self.differing


@dataclass(frozen=True)
class Row:
    """One row of a task's table."""

    task: str
    """Task card."""
    method: str
    """As the paper names it, or the backbone's name."""
    backbone: str
    """Backbone card or `timm:MODEL`; empty where a published row is neither."""
    architecture: str
    """As the paper names it, or as the record identifies it."""
    parameters_m: str
    """Millions of parameters."""
    setting: str
    """Input size, frames and the like."""
    protocol: str
    """How it was obtained, in words."""
    protocol_values: str
    """`name=value;...`: what the paper states, or all of a measured row."""
    group: str
    """Block of the paper's table."""
    source: str
    """Paper and table; empty for measured rows."""
    numbers: dict[str, Number]
    """By metric name."""
    provenance: Provenance | None = None
    """None for published rows."""
    comparison: Comparison | None = None
    """For a measured row whose backbone stands in the paper."""
    cost: RowCost | None = None
    """Of a measured row."""

    @property
    def floor(self) -> bool:
        """Whether it is a reference without learning."""
        return self.provenance is not None and self.provenance.floor

    @property
    def complete(self) -> bool:
        """Whether everything was scored; published rows are taken at their word."""
        return self.provenance is None or self.provenance.complete


def short(identity: str) -> str:
    """The first characters of a hash, without its kind."""
    return identity.rpartition(":")[2][:HEX_SHOWN]
