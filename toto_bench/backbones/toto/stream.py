"""Reading a video as it comes: each frame costs only itself."""

from collections.abc import Callable, Sequence

from torch import Tensor

from toto_bench.backbones.base import Tokens, UnsupportedInputError
from toto_bench.backbones.toto.cache import KeyValueCache

ReadFrame = Callable[[Tensor, KeyValueCache], list[Tokens]]
"""Frames [B, T, h, w] that follow those in a cache, to tokens of the layers."""


class Stream:
    """Frames pushed one after the other give the tokens that the whole clip gives.

    That is exact, since a causal transformer's states do not change when frames follow. It holds for videos of two
    frames and more: a single frame is otherwise read as an image, with another start token. What a stream reads only
    grows; a window that slides cannot reuse it (see `KeyValueCache`), so begin another stream for another window.
    """

    def __init__(self, read: ReadFrame, depth: int) -> None:
        self._read, self._cache = read, KeyValueCache(depth)
        self._grid: Sequence[int] | None = None
        self.frames = 0
        """Frames so far."""

    def push(self, frames: Tensor) -> list[Tokens]:
        """Tokens [B, T, h, w, D] of the next frames, of each layer.

        Args:
            frames: what `Toto.prepare` made of them, [B, T, h, w], T = 1 for one at a time.

        Raises:
            UnsupportedInputError: they have another batch or size than the frames before.
        """
        grid = (frames.shape[0], *frames.shape[2:])
        if self._grid is not None and grid != self._grid:
            raise UnsupportedInputError(
                f"The frames before were {list(self._grid)} (batch, height, width), these are {list(grid)}: begin "
                "another stream."
            )
        tokens = self._read(frames, self._cache)
        self._grid, self.frames = grid, self.frames + frames.shape[1]
        return tokens
