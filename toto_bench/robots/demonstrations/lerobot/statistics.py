"""Smallest, largest, mean and spread of each column, which add up over episodes."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Of n rows of D numbers."""

    count: int
    low: Floats
    high: Floats
    mean: Floats
    squares: Floats
    """Sum of squared distances from the mean."""

    @classmethod
    def of(cls, rows: NDArray[Any]) -> Self:
        """Those of [n, D]."""
        table = np.asarray(rows, dtype=np.float64)
        mean = table.mean(0)
        return cls(len(table), table.min(0), table.max(0), mean, ((table - mean) ** 2).sum(0))

    @classmethod
    def read(cls, content: dict[str, Any]) -> Self:
        """Those of a file, as `json` writes them."""
        low, high, mean, std = (
            np.ravel(content[name]).astype(np.float64) for name in ("min", "max", "mean", "std")
        )
        count = int(np.ravel(content["count"])[0])
        return cls(count, low, high, mean, count * std**2)

    def __add__(self, other: "Moments") -> "Moments":
        """Those of the rows of both."""
        count = self.count + other.count
        apart = other.mean - self.mean
        return Moments(
            count,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.mean + apart * other.count / count,
            self.squares + other.squares + apart**2 * self.count * other.count / count,
        )

    def json(self, *, picture: bool = False) -> dict[str, Any]:
        """As LeRobot writes them; of pictures by channel, [3, 1, 1]."""
        values = {
            "min": self.low,
            "max": self.high,
            "mean": self.mean,
            "std": np.sqrt(self.squares / self.count),
        }
        shaped = {name: row.reshape(-1, 1, 1) if picture else row for name, row in values.items()}
        return {name: row.tolist() for name, row in shaped.items()} | {"count": [self.count]}
