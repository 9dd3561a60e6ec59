"""The rotary frequencies that some files carry: no weights, but they tell what shapes do not."""

import math
import re

from torch import Tensor

from toto_bench.backbones.dialects.layout import State
from toto_bench.backbones.toto.config import TotoConfig

_FREQUENCIES = re.compile(r"(^|\.)(inv_freq|rope\.freqs)$")
"""base ** -(2i / head_dim) for i < head_dim / 2."""
_TABLES = re.compile(r"(^|\.)(freqs|freqs_cis|freqs_cos|freqs_sin|rope_cache|mask_cache|causal_mask)$")
_TOLERANCE = 0.02
"""Of the base: the last frequency may be rounded to bfloat16."""


def take_frequencies(state: State) -> list[Tensor]:
    """Remove tables of positions from a state dict; the vectors of frequencies that were among them."""
    frequencies = [state.pop(key).double() for key in list(state) if _FREQUENCIES.search(key)]
    for key in [key for key in state if _TABLES.search(key)]:
        del state[key]
    return frequencies


def differences(frequencies: list[Tensor], config: TotoConfig) -> list[str]:
    """Where the frequencies of a file disagree with the card's heads and base."""
    found: dict[str, None] = {}
    for each in frequencies:
        half = each.numel()
        if half != (ours := config.dim // config.heads // 2):
            found[f"heads have {2 * half} channels in the file and {2 * ours} in the card (`heads`)"] = None
        elif half > 1 and 0 < (last := float(each.flatten()[-1])) < 1:
            base = last ** (-half / (half - 1))
            if not math.isclose(base, config.rope_base, rel_tol=_TOLERANCE):
                found[f"`rope_base` is about {base:.4g} in the file and {config.rope_base:g} in the card"] = (
                    None
                )
    return list(found)
