"""Probes that pool all patches by attention: AIM's head, and V-JEPA's block with an MLP."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Tokens
from toto_bench.probing.fold import apply_values, attend, fold_queries
from toto_bench.probing.moments import token_moments
from toto_bench.probing.objective import stacked_linear
from toto_bench.probing.pool import patches_of
from toto_bench.probing.stack import Stack

_LAYER_NORM_EPS = 1e-5


class AttentionStack(Stack):
    """AIM's attention pooling, folded: keys and values of single tokens are never made."""

    def vectors(self, tokens: Sequence[Tokens]) -> list[Tensor]:
        """Pooled values."""
        folded = [fold_queries(probe["query"], probe["key"], self.head.heads) for probe in self.parts()]
        keys = torch.stack(folded, 1).unbind(0)
        values = self.each("value")
        found: list[list[Tensor]] = [[] for _ in self.probes]
        for place, layer in enumerate(tokens):
            patches = patches_of(layer).to(self.kind)
            if self.moments is None:
                attended = attend(patches, keys[place])
            else:
                mean, rstd = self.moments(place, patches.flatten(0, 1))
                attended = (attend(patches, keys[place] * rstd) - mean) * rstd
            for setting, part in enumerate(attended.unbind(1)):
                found[setting].append(apply_values(part, values[setting][place]))
        return [torch.stack(parts) for parts in found]


class BlockStack(Stack):
    """Cross-attention and an MLP, each behind a layer norm: V-JEPA's attentive pooler of depth 1, folded likewise."""

    def vectors(self, tokens: Sequence[Tokens]) -> list[Tensor]:
        """Outputs of the block."""
        keys = torch.stack([self._keys(probe) for probe in self.parts()], 1).unbind(0)
        values, scales, shifts = (self.each(name) for name in ("value", "norm1_scale", "norm1_shift"))
        found: list[list[Tensor]] = [[] for _ in self.probes]
        for place, layer in enumerate(tokens):
            patches = patches_of(layer).to(self.kind)
            attended = attend(patches, keys[place], token_moments(patches, _LAYER_NORM_EPS))
            for setting, part in enumerate(attended.unbind(1)):
                normed = part * scales[setting][place] + shifts[setting][place]
                found[setting].append(apply_values(normed, values[setting][place]))
        return [_mlp(torch.stack(parts), probe) for parts, probe in zip(found, self.parts(), strict=True)]

    def _keys(self, probe: nn.ParameterDict) -> Tensor:
        query = torch.baddbmm(
            probe["query_bias"][:, None], probe["query"], probe["query_map"].transpose(1, 2)
        )
        folded = fold_queries(query, probe["key"], self.head.heads)
        keys: Tensor = folded * probe["norm1_scale"][:, None, None]
        return keys


def _mlp(attended: Tensor, probe: nn.ParameterDict) -> Tensor:
    """The residual of the query, and the MLP: [L, B, D]."""
    state = probe["query"] + attended + probe["value_bias"][:, None]
    width = state.shape[-1]
    normed = nn.functional.layer_norm(state, [width], eps=_LAYER_NORM_EPS)
    normed = normed * probe["norm2_scale"][:, None] + probe["norm2_shift"][:, None]
    hidden = stacked_linear(normed, probe["expand"], probe["expand_bias"])
    hidden = nn.functional.gelu(hidden)
    output: Tensor = state + stacked_linear(hidden, probe["contract"], probe["contract_bias"])
    return output
