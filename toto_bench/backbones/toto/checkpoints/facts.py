"""What the shapes of a state dict tell of its transformer, held against a configuration."""

from pydantic import ValidationError
from torch import Tensor

from toto_bench.backbones.dialects.layout import State
from toto_bench.backbones.toto.checkpoints.dialects import template
from toto_bench.backbones.toto.config import TotoConfig

Facts = dict[str, int | bool]
"""Values of a TotoConfig, by their name."""


def infer_config(state: State, *, heads: int | None = None) -> Facts:
    """What a state dict under our keys tells of its configuration; what cannot be seen is left out.

    Args:
        state: the tensors; their number of heads cannot be seen.
        heads: the number of query heads, without which `kv_heads` is left out.

    Returns:
        Of `dim`, `depth`, `rows` (of the embedding), `mlp_dim`, `kv_heads` and `tie_head` those that are known.
    """
    numbers = [number for number in (template(key)[1] for key in state) if number is not None]
    facts: Facts = {"depth": max(numbers, default=-1) + 1}
    if (embed := state.get("embed.weight")) is not None and embed.ndim == 2:
        facts |= {"rows": embed.shape[0], "tie_head": is_tied(state)}
    if (norm := state.get("norm.weight")) is not None:
        facts["dim"] = norm.numel()
    if (down := state.get("blocks.0.mlp.down.weight")) is not None and down.ndim == 2:
        facts["mlp_dim"] = down.shape[1]
    if (
        (qkv := state.get("blocks.0.attention.qkv.weight")) is not None
        and qkv.ndim == 2
        and heads
        and qkv.shape[1]
    ):
        kv_heads, rest = divmod((qkv.shape[0] - qkv.shape[1]) * heads, 2 * qkv.shape[1])
        if rest == 0:  # else the matrix is of no such transformer, which its shape will say
            facts["kv_heads"] = kv_heads
    return facts


def is_tied(state: State) -> bool:
    """Whether the head is the embedding: absent from the file, or equal to it."""
    head: Tensor | None = state.get("head.weight")
    return head is None or head.equal(state["embed.weight"])


def differences(facts: Facts, config: TotoConfig) -> list[str]:
    """The facts that disagree with a configuration, each with what would fit."""
    expected: Facts = {
        "dim": config.dim,
        "depth": config.depth,
        "mlp_dim": config.mlp_dim,
        "kv_heads": config.kv_heads or config.heads,
    }
    found = [
        f"`{name}` is {facts[name]} in the file and {value} in the card"
        for name, value in expected.items()
        if facts.get(name, value) != value
    ]
    if facts.get("rows", config.ids) != config.ids:
        found.append(_rows(facts["rows"], config))
    return found


def _rows(theirs: int, config: TotoConfig) -> str:
    """Which field is at fault, shapes do not tell; every single one that could be is named."""
    changes: dict[str, int | None] = {
        "vocabulary": theirs - config.code_offset,
        "code_offset": theirs - config.vocabulary,
        "rows": theirs if config.rows is None else None,
    }
    ways = [
        f"`{name} = {value}`" if value is not None else f"no `{name}`"
        for name, value in changes.items()
        if _gives(config, name, value, theirs)
    ]
    padded = f", padded to `rows` {config.rows}" if config.rows else ""
    return (
        f"the embedding has {theirs} rows in the file and {config.ids} in the card (`code_offset` "
        f"{config.code_offset} + `vocabulary` {config.vocabulary}{padded}); {' or '.join(ways) or 'no single field'} "
        "would fit, and the code that trained it says which"
    )


def _gives(config: TotoConfig, name: str, value: int | None, rows: int) -> bool:
    """Whether a configuration with one other value is sound, and has so many rows."""
    try:
        return TotoConfig.model_validate(config.model_dump() | {name: value}).ids == rows
    except ValidationError:
        return False
