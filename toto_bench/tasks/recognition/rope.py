"""Another base of rotary positions than a backbone was trained with: for sequences of more tokens."""

import copy
from dataclasses import replace

from toto_bench.backbones.base import Backbone, UnsupportedInputError
from toto_bench.backbones.toto.attention import Attention
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.facts import info_of
from toto_bench.backbones.toto.rope import Rotary


def with_rope_base(backbone: Backbone, base: float) -> Backbone:
    """The backbone with another base; itself where it has that base, or no rotary positions.

    Raises:
        UnsupportedInputError: its base cannot be changed.
    """
    if backbone.info.rope_base in (None, base):
        return backbone
    if not isinstance(backbone, Toto):
        raise UnsupportedInputError(
            f"The protocol asks for RoPE base {base:g}, and that of `{backbone.info.name}` is fixed at "
            f"{backbone.info.rope_base:g}: add `--set rope_base={backbone.info.rope_base:g}`."
        )
    changed = copy.deepcopy(backbone)
    config = changed.config.model_copy(update={"rope_base": base})
    rotary = Rotary(config.dim // config.heads, base)
    for module in changed.model.modules():
        if isinstance(module, Attention):
            module.rotary = rotary
    changed.config = changed.model.config = config
    architecture = info_of(changed.info.name, config, changed.model, 0).architecture
    changed.info = replace(changed.info, rope_base=base, architecture=architecture)
    return changed
