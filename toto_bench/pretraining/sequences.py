"""Training sequences from rows: a clip is one row, an image sequence is as many random images as a clip has frames."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.sequences import kind_of, pack
from toto_bench.files import digest
from toto_bench.pretraining.mixture import Mixture
from toto_bench.pretraining.recipe import Kind
from toto_bench.training.sampler import Sampler


class Rows(Protocol):
    """Shards of token ids, or clips of pixels."""

    def __len__(self) -> int: ...

    @property
    def digest(self) -> str:
        """What decides the rows."""
        ...

    def expect_some(self) -> None:
        """Raise a DataError that says why there are none."""
        ...

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """Rows [n, T, ...]; T is 1 for images."""
        ...


class Part(NamedTuple):
    """A source of the mixture, ready to be read."""

    kind: Kind
    ratio: float
    rows: Rows


class Sequences:
    """Examples for the trainer: packed token ids int64 [B, N], or `pixels` with the number of `images` sequences."""

    def __init__(
        self, parts: Mapping[str, Part], *, frames: int, seed: int, config: TotoConfig | None
    ) -> None:
        """An endless order of sequences.

        Args:
            parts: the sources.
            frames: of a sequence.
            seed: of the order.
            config: of the model, which rows of ids are packed for; None = rows are pixels.
        """
        self.parts, self.frames, self.config = parts, frames, config
        self.mixture = Mixture({name: part.ratio for name, part in parts.items()}, seed)
        self.samplers = {
            name: Sampler(len(part.rows), seed + 1 + index)
            for index, (name, part) in enumerate(parts.items())
        }

    @property
    def digest(self) -> str:
        """What decides the rows of all sources."""
        return digest({name: part.rows.digest for name, part in self.parts.items()})

    def read(self, positions: range) -> Tensor | dict[str, Tensor]:
        """The batch of these positions."""
        rows, kinds = self.rows(positions)
        if self.config is None:
            return {
                "pixels": torch.from_numpy(rows),
                "images": torch.tensor([kind != "videos" for kind in kinds]),
            }
        return pack_rows(rows, kinds, self.config)

    def rows(self, positions: range) -> tuple[NDArray[Any], list[Kind]]:
        """Rows [B, T, ...] of these positions, and what they are."""
        places = [self.mixture.place(position) for position in positions]
        wanted: dict[str, list[int]] = defaultdict(list)
        for at, place in enumerate(places):
            wanted[place.source].append(at)
        found: list[NDArray[Any] | None] = [None] * len(places)
        for source, where in wanted.items():
            read = self._sequences(source, [places[at].number for at in where])
            for at, row in zip(where, read, strict=True):
                found[at] = row
        return np.stack([row for row in found if row is not None]), [
            self.parts[place.source].kind for place in places
        ]

    def _sequences(self, source: str, numbers: list[int]) -> NDArray[Any]:
        part, sampler = self.parts[source], self.samplers[source]
        if part.kind == "videos":
            return part.rows.read(sampler.indices(numbers))
        images = np.array([number * self.frames + t for number in numbers for t in range(self.frames)])
        rows = part.rows.read(sampler.indices(images))
        return rows.reshape(len(numbers), self.frames, *rows.shape[2:])


def rows_of_sequence(kind: Kind, frames: int) -> int:
    """Rows that make one sequence: a clip is one, of images it takes one for each frame."""
    return 1 if kind == "videos" else frames


def pack_rows(rows: NDArray[Any], kinds: list[Kind], config: TotoConfig) -> Tensor:
    """Ids of rows [B, T, h, w] with their special tokens: int64 [B, N].

    One frame alone is an image, as backbones read it.
    """
    ids = torch.from_numpy(rows.astype(np.int64))
    single = kind_of(ids.shape[1]) == "images"
    videos = torch.tensor([kind == "videos" and not single for kind in kinds])
    packed = pack(ids, "video", config)
    if not videos.all():
        packed[~videos] = pack(ids[~videos], "images", config)
    return packed.long()
