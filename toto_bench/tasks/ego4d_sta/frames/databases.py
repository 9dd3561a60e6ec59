"""Small frames in one LMDB environment for each video."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from toto_bench.errors import RequestError
from toto_bench.media.images import ImageError, decode_image
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames.source import FrameSource, Pixels, Spot


class Databases(FrameSource):
    """`<video_uid>/data.mdb`: JPEG bytes under `<video_uid>_<frame:010d>`; the official tool writes height 320."""

    name = "lmdb"
    full_size = False

    def path(self, spot: Spot) -> Path:
        """The data of the video's environment."""
        return self.folder / spot.key / "data.mdb"

    def read(self, key: str, numbers: Sequence[int]) -> Iterator[tuple[int, Pixels | FrameError]]:
        """Frames of one environment, within one transaction."""
        try:
            import lmdb  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  an extra
        except ImportError as error:
            raise RequestError(
                f"To read {self.folder}, the package `lmdb` is needed: `pip install 'toto-bench[ego4d]'`."
            ) from error
        place = self.folder / key
        try:
            with (
                lmdb.open(
                    str(place), readonly=True, lock=False, readahead=False, create=False
                ) as environment,
                environment.begin() as transaction,
            ):
                for number in numbers:
                    yield (
                        number,
                        _decode(transaction.get(name := f"{key}_{number:010d}".encode()), place, name),
                    )
        except lmdb.Error as error:
            raise FrameError(f"{place} cannot be read as LMDB ({error}). Extract it again.") from error


def _decode(content: bytes | None, place: Path, name: bytes) -> Pixels | FrameError:
    if content is None:
        return FrameError(f"{place} has no frame `{name.decode()}`. Extract it again.")
    try:
        return np.asarray(decode_image(content), dtype=np.uint8)
    except ImageError as error:
        return FrameError(
            f"Frame `{name.decode()}` of {place} cannot be decoded ({error}). Extract it again."
        )
