"""Frames in memory, and random crops of them."""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.pretraining.listing import Listing, kind_of
from toto_bench.pretraining.tokenizer.recipe import TokenizerRecipe
from toto_bench.pretraining.views import Pixels, Viewing, views_of
from toto_bench.progress import Progress

MARGIN = 1
"""Pixels that a crop has more than the network sees: room to move it."""


def read_frames(listing: Listing, recipe: TokenizerRecipe, progress: Progress) -> Pixels:
    """Random frames of every file: uint8 [N, R, R, 3]; files that cannot be read are left out, counted and named.

    Raises:
        DataError: none can be decoded.
    """
    viewing = Viewing(recipe.frame_size, frames=1, stride=1, views=recipe.views, seed=0)
    kind = kind_of(listing.root)
    progress.start("Reading frames", len(listing.files))
    found, skipped = [], []
    for file in listing.files:
        try:
            found.append(views_of(listing.root, file, kind, viewing)[:, 0])
        except DataError as error:
            skipped.append(str(error))
        progress.advance()
    progress.stop()
    if not found:
        raise DataError(
            f"None of the {len(skipped)} files could be read; the first: {skipped[0]}. Restore the files."
        )
    if skipped:
        progress.say(
            f"Note: {len(skipped)} of {len(listing.files)} files are left out: {'; '.join(skipped)}."
        )
    return np.concatenate(found)


class Crops(NamedTuple):
    """Crops in an endless order; each follows from the seed and its position alone."""

    frames: Pixels
    recipe: TokenizerRecipe
    seed: int

    def read(self, positions: range) -> Tensor:
        """float32 [N, 3, crop + MARGIN, crop + MARGIN] in [0, 1]."""
        return torch.stack([self._crop(position) for position in positions])

    def _crop(self, position: int) -> Tensor:
        rng = np.random.default_rng((self.seed, position))
        recipe, size = self.recipe, self.recipe.crop + MARGIN
        frame = self.frames[rng.integers(len(self.frames))]
        side = min(round(size * recipe.zoom ** rng.uniform(-1, 1)), len(frame))
        top, left = rng.integers(0, len(frame) - side + 1, 2)
        square = frame[top : top + side, left : left + side]
        method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        crop = cv2.resize(square, (size, size), interpolation=method).astype(np.float32) / 255
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        crop = crop[:, :, rng.permutation(3)] if rng.random() < 0.5 else crop
        crop = crop * rng.uniform(1 - recipe.gain, 1 + recipe.gain, 3)
        crop = (crop + rng.uniform(-recipe.gain, recipe.gain) / 2).clip(0, 1)
        return torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1), dtype=np.float32))
