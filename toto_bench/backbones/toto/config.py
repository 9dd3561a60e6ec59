"""The configuration of a Toto: its transformer, its tokens, and the tokenizers that it reads and predicts."""

from typing import Any, Literal

from pydantic import Field, model_validator

from toto_bench.cards.base import Strict

Style = Literal["llama", "gpt2", "mamba"]
"""`llama`: RMSNorm, SwiGLU, rotary positions; `gpt2`: LayerNorm, GELU, absolute sine-cosine positions; `mamba`."""

PATCHES = "patches"
"""The tokenizer whose tokens are continuous: normalised pixels of each patch."""


SETTINGS_FILE = "toto.json"
"""Name of the file with a TotoConfig, in a folder of weights that we wrote."""


class TotoConfig(Strict):
    """Everything that decides the shapes and the arithmetic of a Toto; also the content of `toto.json`."""

    dim: int = Field(ge=1)
    """Width D of a token."""
    depth: int = Field(ge=1)
    """Number of blocks."""
    heads: int = Field(default=1, ge=1)
    """Query heads; Mamba has none."""
    kv_heads: int | None = Field(default=None, ge=1)
    """Key and value heads; None = as many as query heads."""
    mlp_dim: int = Field(default=0, ge=0)
    """Width of the MLP; Mamba has none."""
    style: Style = "llama"
    """Kind of the blocks."""
    eps: float = Field(default=1e-5, gt=0)
    """Of the norms."""
    rope_base: float = Field(default=10_000.0, gt=1)
    """Base of the rotary frequencies, in steps of one token."""
    rotary: Literal["half"] = "half"
    """Channels that turn together: i and i + half of a head, in every file that we write."""
    vocabulary: int = Field(default=8192, ge=0)
    """Number of codes; 0: patches are read and predicted, and there are no codes."""
    pad: int = Field(default=0, ge=0)
    """Id of the padding token; unused, since sequences are whole."""
    video_start: int = Field(default=1, ge=0)
    """Id of the token before a video."""
    video_end: int = Field(default=2, ge=0)
    """Id of the token after a sequence of either kind."""
    image_start: int = Field(default=3, ge=0)
    """Id of the token before images."""
    code_offset: int = Field(default=4, ge=0)
    """Id of code 0."""
    rows: int | None = Field(default=None, ge=1)
    """Rows of the embedding, where it is padded; None = code_offset + vocabulary, or what the special tokens need."""
    tie_head: bool = True
    """Whether the head is the embedding."""
    grid: int = Field(default=16, ge=1)
    """Tokens on a side of a frame at its native size."""
    frames: int = Field(default=16, ge=1)
    """Frames of a training sequence."""
    tokenizer: str = "dvae"
    """Makes the tokens that are read."""
    target: str | None = None
    """Makes the tokens that are predicted; None = the same."""
    patch: int = Field(default=8, ge=1)
    """Side in pixels of the square that a token stands for."""

    @property
    def image_size(self) -> int:
        """Native side of a frame in pixels."""
        return self.grid * self.patch

    @property
    def specials(self) -> int:
        """Ids that the special tokens need: the highest and one more."""
        return max(self.pad, self.video_start, self.video_end, self.image_start) + 1

    @property
    def ids(self) -> int:
        """Rows of the embedding, and of a head that predicts codes."""
        return self.rows or max(self.code_offset + self.vocabulary, self.specials)

    @property
    def reads_patches(self) -> bool:
        """Whether continuous patches come in, not codes."""
        return self.tokenizer == PATCHES

    @property
    def predicts_patches(self) -> bool:
        """Whether continuous patches are predicted, by regression."""
        return (self.target or self.tokenizer) == PATCHES

    def settled(self) -> dict[str, Any]:
        """What decides the shapes and the arithmetic, each value written out: of equal models these are equal.

        Left out are the frames of training, since any number is read, and what a style does not have.
        """
        values = self.model_dump(mode="json", exclude={"frames"}) | {
            "kv_heads": self.kv_heads or self.heads,
            "target": self.target or self.tokenizer,
            "rows": self.ids,
        }
        unused = {"mamba": ("heads", "kv_heads", "mlp_dim", "rope_base"), "gpt2": ("rope_base",)}
        return {name: value for name, value in values.items() if name not in unused.get(self.style, ())}

    @model_validator(mode="before")
    @classmethod
    def _check_image_size(cls, content: Any) -> Any:
        """`image_size` may be said, and follows from the rest."""
        if not isinstance(content, dict) or "image_size" not in content:
            return content
        rest = {key: value for key, value in content.items() if key != "image_size"}
        given, grid, patch = content["image_size"], rest.get("grid", 16), rest.get("patch", 8)
        if not (isinstance(grid, int) and isinstance(patch, int)):
            return rest  # their own fields say what is wrong
        if given not in (None, grid * patch):
            raise ValueError(f"`image_size` is {given}, but `grid` x `patch` is {grid * patch}")
        return rest

    @model_validator(mode="after")
    def _fits_together(self) -> "TotoConfig":
        if self.style != "mamba":
            self._check_attention()
        special = (self.pad, self.video_start, self.video_end, self.image_start)
        if len(set(special)) != len(special):
            raise ValueError(f"two special tokens have the same id: {special}")
        codes = range(self.code_offset, self.code_offset + self.vocabulary)
        if inside := [each for each in special if each in codes]:
            raise ValueError(f"the ids {inside} are of special tokens and of codes: move `code_offset`")
        needed = max(self.code_offset + self.vocabulary, self.specials)
        if self.rows is not None and self.rows < needed:
            raise ValueError(f"`rows` is {self.rows}, but there are ids up to {needed - 1}")
        if not self.vocabulary and not (self.reads_patches and self.predicts_patches):
            raise ValueError("`vocabulary` is 0, but codes are read or predicted")
        return self

    def _check_attention(self) -> None:
        if self.mlp_dim < 1:
            raise ValueError("`mlp_dim` is missing")
        if self.dim % self.heads or self.heads % (self.kv_heads or self.heads):
            raise ValueError(
                f"`dim` {self.dim} has to be a multiple of `heads` {self.heads}, and that of `kv_heads`"
            )
        if self.style == "llama" and self.dim // self.heads % 2:
            raise ValueError(f"heads of {self.dim // self.heads} channels cannot turn in pairs")
        if self.style == "gpt2" and self.dim % 2:
            raise ValueError(f"`dim` {self.dim} is odd, so it has no pairs of sine and cosine")
