"""How fast training is: tokens, multiply-accumulates, and the share of what the device could do."""

from typing import NamedTuple

import torch
from torch import nn

from toto_bench.backbones.toto.config import TotoConfig

PEAKS: dict[str, float] = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L40": 181e12,
    "L4": 121e12,
    "A10G": 70e12,
}
"""Dense bfloat16 operations per second by part of the device's name, the first that fits; NVIDIA's data sheets."""


class Speed(NamedTuple):
    """Of a training."""

    tokens_per_second: float
    macs_per_second: float
    utilisation: float | None
    """Share of the device's peak (model operations only); None where the peak is not known."""

    def __str__(self) -> str:
        used = "" if self.utilisation is None else f", {100 * self.utilisation:.0f} % of peak"
        return f"{self.tokens_per_second:,.0f} tokens/s, {self.macs_per_second / 1e9:,.1f} GMAC/s{used}"


def macs_of_sequence(config: TotoConfig, blocks: nn.Module, length: int) -> int:
    """Multiply-accumulates of a forward pass over a sequence; training takes three times as many.

    Matrices of the blocks and the head once for each token, and attention over what lies before it (half a square).
    """
    matrices = sum(parameter.numel() for parameter in blocks.parameters() if parameter.ndim == 2)
    head = config.dim * (3 * config.patch**2 if config.predicts_patches else config.ids)
    attention = 0 if config.style == "mamba" else config.depth * length * length * config.dim
    return length * (matrices + head) + attention


def peak_of(device: torch.device, dtype: str) -> float | None:
    """Operations per second that the device could do at most, where it is known."""
    if device.type != "cuda" or dtype != "bfloat16":
        return None
    name = torch.cuda.get_device_name(device)
    return next((peak for part, peak in PEAKS.items() if part in name), None)


def speed(rate: float, length: int, macs: int, peak: float | None) -> Speed:
    """Of a training.

    Args:
        rate: sequences per second, of all devices together.
        length: tokens of a sequence.
        macs: of a forward pass over one.
        peak: operations per second of all devices together, where known.
    """
    done = 3 * macs * rate
    return Speed(rate * length, done, None if peak is None else 2 * done / peak)
