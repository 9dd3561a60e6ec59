"""Keys and values of the tokens so far, so that what follows them costs only itself."""

import torch
from torch import Tensor

from toto_bench.backbones.base import UnsupportedInputError


class BlockCache:
    """Keys and values of one block: [B, H, N, head_dim], rotated already."""

    def __init__(self) -> None:
        self._known: tuple[Tensor, Tensor] | None = None

    @property
    def length(self) -> int:
        """Tokens so far."""
        return 0 if self._known is None else self._known[0].shape[2]

    def extend(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of new tokens; all of them are returned."""
        if self._known is not None:
            keys = torch.cat([self._known[0], keys], dim=2)
            values = torch.cat([self._known[1], values], dim=2)
        self._known = keys, values
        return self._known


class KeyValueCache:
    """Of all blocks of a transformer that ran.

    Reuse is exact: a causal transformer's states do not change when tokens follow, so a sequence read piece by piece
    gives what it gives in one. It is *not* exact for a window that slides: states above the first block have seen
    the tokens that left the window, and positions count from its beginning. Read each window anew instead.
    """

    def __init__(self, depth: int) -> None:
        self.blocks = tuple(BlockCache() for _ in range(depth))
        self.length = 0
        """Tokens so far, whether any block ran on them or not."""

    def expect(self, depth: int) -> None:
        """Refuse blocks that did not run on the tokens so far.

        Raises:
            UnsupportedInputError: names the deepest that did.
        """
        read = (number for number, block in enumerate(self.blocks) if block.length != self.length)
        if (ran := next(read, len(self.blocks))) < depth:
            raise UnsupportedInputError(
                f"Layer {depth} cannot follow: only layers up to {ran} have read the {self.length} tokens before. Ask "
                "for the deepest layer from the first token on."
            )
