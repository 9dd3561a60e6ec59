"""Dialects of published tokenizers: which of their tensors the encoder needs, and how they are called today."""

import re
from collections.abc import Mapping

from torch import nn

from toto_bench.backbones.dialects.layout import State, inside, tensors_of, unwrapped, without

_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


def dall_e(content: Mapping[str, object], _: nn.Module) -> State:
    """DALL-E's encoder: OpenAI's keys (`w`, `b`), the same with `weight` and `bias`, or FLAVA's image codebook."""
    tensors = unwrapped(tensors_of(inside(content, "state_dict", "model")))
    return {_dall_e_key(key): tensor for key, tensor in tensors.items()}


def taming(content: Mapping[str, object], _: nn.Module) -> State:
    """Taming transformers: a Lightning checkpoint or a state dict, without decoder, discriminator and losses."""
    return without(tensors_of(inside(content, "state_dict")), "decoder.", "loss.")


def diffusers_vae(content: Mapping[str, object], _: nn.Module) -> State:
    """The VAE of diffusers, without its decoder; the attention under its present names or its old ones."""
    kept = without(tensors_of(content), "decoder.", "post_quant_conv.")
    old = re.compile(rf"(?<=\.attentions\.0\.)({'|'.join(_OLD_ATTENTION)})(?=\.)")
    return {old.sub(lambda match: _OLD_ATTENTION[match[1]], key): value for key, value in kept.items()}


def _dall_e_key(key: str) -> str:
    key = re.sub(r"(?<=\bgroup_\d)\.group(?=\.)|(?<=\bres_path)\.path(?=\.)", "", key)
    return re.sub(r"\.([wb])$", lambda match: {"w": ".weight", "b": ".bias"}[match[1]], key)
