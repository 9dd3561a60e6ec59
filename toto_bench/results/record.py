"""The record of a run: what every result carries. Immutable, `record.json`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


BEST_ON_VAL = "best on val"
"""How a selection begins that was made on the evaluation data itself."""


class Metric(_Part):
    """One number with its interval. Fractions in [0, 1]."""

    value: float | None
    """None where it is not defined (NaN)."""
    low: float | None = None
    """Lower end of the 95 % interval; None where there are fewer than 5 units."""
    high: float | None = None
    """Upper end of the 95 % interval."""
    n: int
    """Number of scored items behind it."""
    method: str | None = None
    """How the interval was made, over which unit."""
    selection: str | None = None
    """How the layer was chosen, when there was a choice; `best on val` is said here."""


class Coverage(_Part):
    """How much of the data set was scored, and why not all."""

    scored: int
    """Items scored."""
    listed: int
    """Items that the data set lists."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Item to reason."""


class Cost(_Part):
    """What the run took, all its sessions together."""

    parameters: int
    """Parameters of the backbone."""
    seconds: dict[str, float]
    """Wall-clock seconds by stage."""
    items_per_second: float | None = None
    """Frames (or images, clips, episodes) per second, over all stages."""
    peak_memory_mb: float
    """Peak resident memory of the process, or of the accelerator where one is used, in MiB; last session."""
    sessions: int = 1
    """How often the run was started before it was finished."""
    macs: int | None = None
    """Multiply-accumulates of one forward pass of the backbone, to the deepest layer read; None where not counted."""
    macs_of: str | None = None
    """What that pass reads, for example `one frame of 480x854`."""
    training_seconds: float | None = None
    """Seconds of the stage `training`; None where nothing was trained."""

    @property
    def total_seconds(self) -> float:
        """Wall-clock seconds of all stages."""
        return sum(self.seconds.values())


class BackboneIdentity(_Part):
    """Which backbone, exactly."""

    name: str
    """Card name, or `timm:MODEL`."""
    architecture: str
    """The model and its arguments."""
    weights: str
    """`sha256:...` of the state dict, `random:SEED`, or `none`."""
    checkpoint: str
    """`card`, `file:NAME`, `random` or `none`."""
    preprocessing: str
    """Identity of the map from frames to inputs."""
    floor: bool
    """A reference without learning."""
    family: str | None = None
    """Family of the card."""
    title: str | None = None
    """Name in tables."""
    pretraining: tuple[str, ...] = ()
    """Data the weights have seen."""


SAMPLE = "sample"
"""Name of the bundled data: its rows stand in tables of their own."""


class DataIdentity(_Part):
    """Which data, exactly."""

    name: str
    """Name of the data set, or `sample`."""
    path: str
    """Where it lay."""
    fingerprint: str
    """Hash of the sorted (id, byte size) list and of the annotation files."""
    comparable: bool
    """Whether it is the whole official split, so that published numbers speak of the same."""


class Environment(_Part):
    """Versions and machine."""

    toto_bench: str
    """Version."""
    revision: str | None
    """Git commit of a checkout; None for an installed package."""
    dirty: bool | None
    """Whether the checkout had uncommitted changes."""
    packages: dict[str, str]
    """Versions of python, torch, timm, numpy, opencv and others."""
    device: str
    """Device, in words."""
    driver: str | None
    """Driver of the accelerator."""
    dtype: str
    """Number type of the backbone."""
    batch_size: int
    """Frames (or items) per forward pass."""
    world_size: int
    """Number of processes."""
    threads: int
    """Threads of torch in each."""


class RunRecord(_Part):
    """One run: (task, backbone, protocol, data, seed)."""

    schema_version: Literal[1] = 1
    """Of this model."""
    id: str
    """Name of the run's folder."""
    identity: str
    """Hash of everything that makes two runs the same."""
    task: str
    """Task card."""
    task_version: int
    """Version of the card."""
    backbone: BackboneIdentity
    """The backbone."""
    preset: str
    """Preset that the protocol started from."""
    protocol: dict[str, Any]
    """Every value, resolved."""
    protocol_hash: str
    """Hash of the values."""
    changed: dict[str, Any]
    """The values that differ from what the preset gives this backbone; another protocol than the preset's."""
    data: DataIdentity
    """The data."""
    seed: int
    """Seed of everything random."""
    limit: int | None
    """`--limit`; a limited run never enters a leaderboard."""
    allow_missing: bool
    """`--allow-missing`: items that could not be read were left out; coverage names them."""
    metrics: dict[str, Metric]
    """Numbers by metric name."""
    coverage: Coverage
    """Scored and listed."""
    cost: Cost
    """What it took."""
    environment: Environment
    """Versions and machine of the session that finished the run."""
    earlier_environments: tuple[Environment, ...] = ()
    """Those of earlier sessions, where they differ."""
    artifacts: dict[str, str]
    """Title to path inside the run's folder."""
    command: str
    """The command line."""
    started: datetime
    """First start."""
    finished: datetime
    """End."""
    warnings: tuple[str, ...] = ()
    """What a reader of the numbers should know."""
    items_sha256: str | None = None
    """Digest of `items.parquet`, so that an edited file is noticed."""
