"""The causal transformer: embedded tokens to the states of every layer, and to scores of the next token."""

from collections.abc import Sequence

from torch import Tensor, nn

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.toto.blocks import Block, norm_of
from toto_bench.backbones.toto.cache import KeyValueCache
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.mamba import mamba_blocks
from toto_bench.backbones.toto.rope import Rotary, SineCosine

DEVIATION = 0.02
"""Of random weights, as GPT-2 has it; those that write into the residual stream are smaller by sqrt(2 depth)."""


class CausalTransformer(nn.Module):
    """Embeddings, blocks, final norm and head."""

    def __init__(self, config: TotoConfig) -> None:
        super().__init__()
        self.config = config
        if config.reads_patches:
            self.input = nn.Linear(3 * config.patch**2, config.dim)
            self.start = nn.Embedding(config.specials, config.dim)
        else:
            self.embed = nn.Embedding(config.ids, config.dim)
        self.positions = SineCosine(config.dim) if config.style == "gpt2" else None
        self.blocks = nn.ModuleList(_blocks(config))
        self.norm = norm_of(config)
        self.head = None if self.tied else nn.Linear(config.dim, self.outputs, bias=False)
        self._initialise()

    @property
    def tied(self) -> bool:
        """Whether the embedding is the head too."""
        return self.config.tie_head and not (self.config.reads_patches or self.config.predicts_patches)

    @property
    def outputs(self) -> int:
        """Width of the head: ids, or values of a patch."""
        return 3 * self.config.patch**2 if self.config.predicts_patches else self.config.ids

    def embed_ids(self, ids: Tensor) -> Tensor:
        """Embeddings [B, N, D] of ids [B, N]; of special ids alone where patches are read."""
        embedding = self.start if self.config.reads_patches else self.embed
        embedded: Tensor = embedding(ids)
        return embedded

    def embed_patches(self, patches: Tensor) -> Tensor:
        """Embeddings [B, N, D] of normalised patches [B, N, 3 * patch**2]."""
        embedded: Tensor = self.input(patches)
        return embedded

    def forward(
        self, embeddings: Tensor, layers: Sequence[int], *, cache: KeyValueCache | None = None
    ) -> list[Tensor]:
        """States [B, N, D] after the asked layers, in their order, without the final norm; later blocks do not run.

        Args:
            embeddings: [B, N, D].
            layers: 1..depth, block outputs; 0 = what enters the first block.
            cache: of the tokens before these; extended by them.

        Raises:
            UnsupportedInputError: there is no such layer, or the blocks have no such cache.
        """
        deepest = max(layers, default=0)
        if not 0 <= min(layers, default=0) <= deepest <= len(self.blocks):
            raise UnsupportedInputError(f"There are layers 0 to {len(self.blocks)}, not {list(layers)}.")
        if cache is not None:
            self._expect_cacheable(cache, deepest)
        x = embeddings
        if self.positions is not None:
            start = 0 if cache is None else cache.length
            x = x + self.positions(start, x.shape[1], x.device).to(x.dtype)
        seen = {0: x}
        for number, block in enumerate(self.blocks[:deepest], start=1):
            x = block(x) if cache is None else block(x, cache.blocks[number - 1])
            if number in layers:
                seen[number] = x
        if cache is not None:
            cache.length += x.shape[1]
        return [seen[layer] for layer in layers]

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of the next id [B, N, ids], or values of the next patch, from the states after the last block."""
        normed = self.norm(hidden)
        scores: Tensor = (
            self.head(normed) if self.head is not None else nn.functional.linear(normed, self.embed.weight)
        )
        return scores

    def _expect_cacheable(self, cache: KeyValueCache, deepest: int) -> None:
        if self.config.style == "mamba":
            raise UnsupportedInputError("Mamba has no keys and values to keep: read the whole sequence.")
        cache.expect(deepest)

    def _initialise(self) -> None:
        """Random weights outside the blocks."""
        for module in self.children():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=DEVIATION)
        if self.config.reads_patches:
            nn.init.zeros_(self.input.bias)


def _blocks(config: TotoConfig) -> list[nn.Module]:
    if config.style == "mamba":
        return mamba_blocks(config)
    # One object for all blocks, so that its tables are made once.
    rotary = Rotary(config.dim // config.heads, config.rope_base) if config.style == "llama" else None
    blocks = [Block(config, rotary) for _ in range(config.depth)]
    for block in blocks:
        _initialise_block(block, config.depth)
    return list(blocks)


def _initialise_block(block: Block, depth: int) -> None:
    for name, module in block.named_modules():
        if isinstance(module, nn.Linear):
            writes = name in ("attention.out", "mlp.down")
            nn.init.normal_(module.weight, std=DEVIATION / (2 * depth) ** 0.5 if writes else DEVIATION)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
