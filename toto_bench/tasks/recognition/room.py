"""Whether the disk of the cache holds what is to be kept."""

import shutil

from toto_bench.files import DiskError
from toto_bench.paths import cache_folder

_SPARE = 200_000_000
"""Bytes that stay free."""


def expect_room(needed: int, what: str) -> int:
    """Bytes free on the disk of the cache.

    Raises:
        DiskError: it does not hold what is to be kept.
    """
    folder = cache_folder()
    existing = next(place for place in [folder, *folder.parents] if place.exists())
    free = shutil.disk_usage(existing).free
    if needed + _SPARE > free:
        raise DiskError(
            f"{folder} has {free / 1e9:,.1f} GB free, {what} take {needed / 1e9:,.1f} GB. Free some space, set "
            "TOTO_BENCH_HOME to a folder on another disk, keep fewer views or layers (`--set views=1`, "
            "`--set layers=N`), keep vectors instead of tokens (`--set probe=linear`), or keep nothing: "
            "`--set views=stream`, which decodes and encodes every item in every epoch."
        )
    return free
