"""Frames that are decoded in each step, where shards do not serve: continuous patches, a target of other ids."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.pretraining.listing import Listing
from toto_bench.pretraining.recipe import Kind
from toto_bench.pretraining.views import Pixels, Viewing, views_of


class Clips:
    """Rows of pixels: `clips.read([3, 0])` is uint8 [2, T, R, R, 3]; a row is a view of a file."""

    def __init__(self, listing: Listing, kind: Kind, viewing: Viewing, *, workers: int) -> None:
        self.listing, self.kind, self.viewing = listing, kind, viewing
        self._pool = ThreadPoolExecutor(max(workers, 1), thread_name_prefix="decoder")

    def __len__(self) -> int:
        return len(self.listing.files) * self.viewing.views

    @property
    def digest(self) -> str:
        """Of the files' names, sizes and times."""
        return self.listing.stamp

    def expect_some(self) -> None:
        """Each file has its rows, unless reading says otherwise."""

    def read(self, indices: NDArray[np.int64]) -> Pixels:
        """Rows, in the order asked for.

        Raises:
            DataError: a file cannot be read; shards leave such files out, here they have to be removed.
        """
        return np.stack(list(self._pool.map(self._row, map(int, indices))))

    def _row(self, index: int) -> Pixels:
        number, view = divmod(index, self.viewing.views)
        file = self.listing.files[number]
        try:
            row: Pixels = views_of(self.listing.root, file, self.kind, self.viewing)[view]
        except DataError as error:
            raise DataError(f"{error}. Remove the file from the folder, or restore it.") from error
        return row
