"""The backbone card: code entry, architecture, weights, pre-training data."""

from typing import Any, Literal

from pydantic import Field, model_validator

from toto_bench.cards.base import Strict

UNKNOWN_DATA = "unknown"
"""Stands among the names of pre-training data where it is known that some data is not named."""


class Weights(Strict):
    """Where the weights of a backbone come from, and how they are read."""

    url: str | None = None
    """Official file on the web."""
    page: str | None = None
    """Page that says how to get the file, where no address gives it directly."""
    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """Repository on the Hugging Face hub, whose files (configuration, tensors) make one folder."""
    folder: str | None = None
    """Folder of a trained backbone, which holds them; not for cards that are shipped."""
    shipped: str | None = None
    """File that comes with toto-bench, below its `backbones`."""
    in_code: bool = False
    """The entry returns a model that is loaded already."""
    public: bool = True
    """False: nobody has published them, and a file of the user's own is looked for, of the name `filename`."""
    package: str | None = None
    """Installed Python package that carries the file."""
    extra: str | None = None
    """Extra of toto-bench that installs `package`."""
    filename: str | None = None
    """File name in the package, or in the weights folder."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Checked before loading, when known."""
    md5: str | None = Field(default=None, pattern=r"^[0-9a-f]{6,32}$")
    """Beginning of the MD5 that the authors state; checked after a download."""
    megabytes: float | None = None
    """Size of the download."""
    licence: str
    """Terms of the weights."""
    dialect: str = "same"
    """How the keys of the file map to the model's: the name of a key map."""


class Pretraining(Strict):
    """What the weights have seen."""

    data: tuple[str, ...]
    """Data sets, by the names task cards use where they share them."""
    method: str
    """How they were trained."""


class Needs(Strict):
    """A Python package that the code of a backbone imports, beyond what toto-bench always installs."""

    module: str
    """Name that is imported."""
    extra: str
    """Extra of toto-bench that installs it."""


class Architecture(Strict):
    """The model behind a card."""

    model: str
    """Name of the model in its library."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Arguments of its constructor that differ from the library's defaults."""
    image_size: int | None = None
    """Native side in pixels; what a task takes when its protocol says `backbone`."""
    layers: int | None = Field(default=None, ge=1)
    """Number of layers that can be read; a card that runs has to say it."""
    parameters_m: float | None = None
    """Millions of parameters, for tables."""
    mean: tuple[float, float, float] | None = None
    """Mean of each RGB channel that the model expects, of values in [0, 1]."""
    std: tuple[float, float, float] | None = None
    """Standard deviation of each RGB channel that the model expects."""
    position_embedding: Literal["timm", "dino"] = "timm"
    """Which interpolation absolute position embeddings take at another size."""


class BackboneCard(Strict):
    """One backbone: a variant of a family, as `backbones/FAMILY.toml` holds it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    """Name on the command line."""
    family: str
    """Family it belongs to; the file's name."""
    title: str
    """Name in tables."""
    entry: str | None = Field(default=None, pattern=r"^[\w.]+:\w+$")
    """`module:function` that builds it; without it the backbone is quoted or announced, not runnable."""
    needs: Needs | None = None
    """What the entry imports beyond the core."""
    quoted: str | None = None
    """Why it does not run here: its numbers are quoted from papers."""
    floor: bool = False
    """A reference without learning: stands apart in tables, is never ranked."""
    summary: str
    """What it is, in a sentence."""
    paper: str
    """The paper that introduced it."""
    architecture: Architecture
    """The model."""
    weights: Weights | None = None
    """None: the backbone has no weights."""
    pretraining: Pretraining | None = None
    """None: it was not trained."""
    notes: tuple[str, ...] = ()
    """Traps and known differences."""

    @model_validator(mode="after")
    def _runs_or_is_quoted(self) -> "BackboneCard":
        if self.entry is not None and self.quoted is not None:
            raise ValueError("`entry` and `quoted` exclude each other: a quoted backbone does not run")
        if self.entry is not None and self.architecture.layers is None:
            raise ValueError("`architecture.layers` is missing: say how many layers can be read")
        return self

    @property
    def runnable(self) -> bool:
        """Whether code stands behind the card."""
        return self.entry is not None
