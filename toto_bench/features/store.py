"""The content-addressed feature store: what was computed once is read back, whoever asks."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from toto_bench.features.ids import IdStore
from toto_bench.files import DiskError, digest, replacing, sha256_of

FeatureKind = Literal["pooled", "tokens"]


@dataclass(frozen=True)
class FeatureKey:
    """Everything that decides a feature; never a name."""

    architecture: str
    """`BackboneInfo.architecture`."""
    weights: str
    """Hash of the state dict."""
    preprocessing: str
    """Identity of the map from frames to inputs, resizing included."""
    item: str
    """Digest of the item's bytes."""
    layer: int
    """Layer number."""
    norm: str
    """Final-norm rule."""
    dtype: str
    """Number type of the backbone."""
    libraries: str
    """Versions of the libraries that compute it."""
    kind: FeatureKind
    """What is stored."""

    @property
    def hash(self) -> str:
        """Hex digest."""
        return digest(asdict(self))


class Estimate(NamedTuple):
    """What caching would take."""

    needed: int
    """Bytes."""
    free: int
    """Bytes free on the disk of the cache."""


class FeatureStore:
    """Tensors on disk by the digest of what made them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids = IdStore(folder / "ids.sqlite")

    def get(self, key: FeatureKey, compute: Callable[[], Tensor]) -> Tensor:
        """The stored tensor, else what `compute` returns, which is then stored.

        Raises:
            DiskError: the disk is full.
        """
        found = self.peek(key)
        return found if found is not None else self.put(key, compute())

    def peek(self, key: FeatureKey) -> Tensor | None:
        """The stored tensor, or None; a damaged file is removed."""
        path = self._path(key)
        if not path.is_file():
            return None
        try:
            return load_file(path)["features"]
        except FileNotFoundError:
            return None
        except (SafetensorError, KeyError):
            path.unlink(missing_ok=True)
            return None
        except OSError as error:
            raise self._unusable(error) from error

    def put(self, key: FeatureKey, features: Tensor) -> Tensor:
        """Store a tensor, and return it.

        Raises:
            DiskError: the disk is full, or the folder cannot be written.
        """
        try:
            with replacing(self._path(key)) as temporary:
                save_file({"features": features.contiguous()}, temporary)
        except (DiskError, SafetensorError) as error:
            raise self._unusable(error.__cause__ or error) from error
        return features

    def estimate(self, items: int, bytes_each: int) -> Estimate:
        """What storing `items` tensors of `bytes_each` bytes needs, and what is free."""
        existing = next(folder for folder in [self.folder, *self.folder.parents] if folder.exists())
        return Estimate(items * bytes_each, shutil.disk_usage(existing).free)

    def size(self) -> tuple[int, int]:
        """Number of stored tensors, grids of ids among them, and their bytes.

        Raises:
            DiskError: the file of ids is damaged.
        """
        sizes = [path.stat().st_size for path in self._files()]
        grids, size = self.ids.size()
        return len(sizes) + grids, sum(sizes) + size

    def clear(self) -> int:
        """Remove everything; the number of tensors removed."""
        count = len(self._files())
        with suppress(DiskError):
            count += self.ids.size()[0]
        shutil.rmtree(self.folder, ignore_errors=True)
        return count - len(self._files())

    def digest_of(self, path: Path) -> str:
        """Digest of a file's bytes, remembered by path, size and time of change.

        Raises:
            DiskError: the cache folder cannot be used.
        """
        status = path.stat()
        known = (str(path.resolve()), status.st_size, status.st_mtime_ns)
        if found := self._ask("select digest from files where path=? and size=? and mtime=?", known):
            return str(found[0])
        value = sha256_of(path)
        self._ask("insert or replace into files values (?, ?, ?, ?)", (*known, value))
        return value

    def _ask(self, statement: str, values: tuple[str | int, ...]) -> tuple[str, ...] | None:
        """First row that a statement on the remembered digests gives."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.folder / "digests.sqlite", timeout=60)) as memory, memory:
                memory.execute(
                    "create table if not exists files (path text primary key, size int, mtime int, digest text)"
                )
                row: tuple[str, ...] | None = memory.execute(statement, values).fetchone()
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        return row

    def _unusable(self, error: BaseException) -> DiskError:
        return DiskError(
            f"The cache folder {self.folder} cannot be used: {error}. Free some space, set TOTO_BENCH_HOME to "
            "another folder, or run without `--cache-features`."
        )

    def _path(self, key: FeatureKey) -> Path:
        name = key.hash
        return self.folder / "features" / name[:2] / f"{name}.safetensors"

    def _files(self) -> list[Path]:
        return list((self.folder / "features").glob("*/[!.]*.safetensors"))
