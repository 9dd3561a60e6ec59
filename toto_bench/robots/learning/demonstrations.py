"""What an expert would have done in the states that were visited: kept in files, read in batches."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from toto_bench.files import DiskError, replacing
from toto_bench.training.sampler import Sampler

SEEN, PROPRIO, ACTIONS = "seen", "proprio", "actions"


class Demonstrations(NamedTuple):
    """Frames with the expert's actions."""

    seen: Tensor
    """float16 [n, F]: features; F = 0 where no picture is looked at."""
    proprio: Tensor
    """float32 [n, P]."""
    actions: Tensor
    """float32 [n, A] in [-1, 1]: the expert's, whoever acted."""

    def __len__(self) -> int:
        return int(self.actions.shape[0])

    def save(self, path: Path) -> None:
        """Write them, whole or not at all.

        Raises:
            DiskError: the operating system refused.
        """
        content = {SEEN: self.seen, PROPRIO: self.proprio, ACTIONS: self.actions}
        try:
            with replacing(path) as temporary:
                save_file({name: values.contiguous() for name, values in content.items()}, temporary)
        except SafetensorError as error:
            raise DiskError(f"{path} could not be written: {error}. Free some space.") from error

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Those of a file; None where it is not there, or damaged, and then it is removed."""
        if not path.is_file():
            return None
        try:
            content = load_file(path)
            return cls(content[SEEN], content[PROPRIO], content[ACTIONS])
        except (SafetensorError, KeyError):
            path.unlink()
            return None


class Aggregated:
    """The frames of several rounds as examples of a training, in an endless seeded order."""

    def __init__(self, parts: Sequence[Demonstrations], seed: int) -> None:
        self._parts = list(parts)
        self._starts = np.cumsum([0, *(len(part) for part in parts)])
        self._sampler = Sampler(int(self._starts[-1]), seed)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def read(self, positions: range) -> dict[str, Tensor]:
        """The batch of these positions, in float32."""
        rows = self._sampler.indices(positions)
        part_of = np.searchsorted(self._starts, rows, side="right") - 1
        order, found = [], []
        for number in np.unique(part_of):
            mine = np.flatnonzero(part_of == number)
            local = torch.from_numpy(rows[mine] - self._starts[number])
            found.append([values[local].float() for values in self._parts[number]])
            order.append(mine)
        back = torch.from_numpy(np.argsort(np.concatenate(order)))
        columns = [torch.cat(column)[back] for column in zip(*found, strict=True)]
        return dict(zip((SEEN, PROPRIO, ACTIONS), columns, strict=True))
