"""From a file's tensors to ours: every one finds its place, or the error names all that have none."""

from collections.abc import Mapping

import torch
from torch import Tensor

from toto_bench.backbones.dialects.layout import State
from toto_bench.backbones.errors import MismatchedWeightsError, listed
from toto_bench.backbones.toto.checkpoints import rotary
from toto_bench.backbones.toto.checkpoints.dialects import QKV, Dialect, numbered, template
from toto_bench.backbones.toto.checkpoints.facts import Facts, differences, infer_config
from toto_bench.backbones.toto.config import TotoConfig

Shapes = Mapping[str, torch.Size]
"""Of the model's tensors, by our keys."""


def translate(state: State, dialect: Dialect, config: TotoConfig, shapes: Shapes) -> State:
    """The tensors of a file in float32 under our keys, in our order of rows.

    Args:
        state: of the file; emptied, since a large model should lie in memory only once.
        dialect: it is written in.
        config: it has to agree with.
        shapes: of the model of this configuration.

    Raises:
        MismatchedWeightsError: names everything that is missing, unknown, of another shape or not as the card says.
    """
    if dialect.style not in (None, config.style):
        raise MismatchedWeightsError(
            f"it is a transformer of `style` {dialect.style}, and the card's is {config.style}"
        )
    frequencies = rotary.take_frequencies(state)
    _check_kinds(state)
    names = set(state)
    converted = _renamed(state, dialect)
    facts = infer_config(converted, heads=config.heads)
    found = differences(facts, config) + rotary.differences(frequencies, config)
    found += _head(facts, converted, shapes)
    missing = [name for name in _missing(converted, shapes, dialect) if name not in names]
    unknown = [*state, *_surplus(converted, shapes, dialect)]
    found += [listed("missing", map(_quoted, missing)), listed("unknown", map(_quoted, unknown))]
    # Where anything differs, the shapes would only repeat it.
    if problems := [each for each in found if each] or _misshapen(converted, shapes):
        raise MismatchedWeightsError("; ".join(problems))
    return {
        key: dialect.rows(value, config) if key.endswith(QKV) else value for key, value in converted.items()
    }


def _head(facts: Facts, converted: State, shapes: Shapes) -> list[str]:
    """What is wrong with the head; one that only repeats the embedding is removed where the model has none."""
    if "head.weight" not in shapes:
        converted.pop("head.weight", None)
        own = facts.get("tie_head") is False
        return [
            "the file has a head besides the embedding, and the card has none (`tie_head = false` fits)"
        ] * own
    absent = "embed.weight" in converted and "head.weight" not in converted
    return ["the file has no head besides the embedding (`tie_head = true` fits)"] * absent


def _check_kinds(state: State) -> None:
    others = [
        f"{_quoted(key)} ({tensor.dtype})" for key, tensor in state.items() if not tensor.is_floating_point()
    ]
    if others:
        raise MismatchedWeightsError(
            f"{listed('not of floating point', others)}: quantised weights are not read. Save them as float32 or "
            "bfloat16"
        )


def _renamed(state: State, dialect: Dialect) -> State:
    """Tensors under our keys where all their parts are there; keys that the dialect does not know stay in `state`."""
    ours = {name: our for our, names in dialect.keys.items() for name in names}
    wanted = dict.fromkeys((ours[name], number) for name, number in map(template, state) if name in ours)
    converted: State = {}
    for name, number in wanted:
        parts = [numbered(part, number) for part in dialect.keys[name]]
        tensors = [state.pop(part).to(torch.float32) for part in parts if part in state]
        if len(tensors) == len(parts):
            converted[numbered(name, number)] = _stacked(tensors, parts)
    return converted


def _stacked(tensors: list[Tensor], names: list[str]) -> Tensor:
    if len(tensors) == 1:
        return tensors[0].contiguous()
    if any(tensor.ndim != 2 or tensor.shape[1] != tensors[0].shape[1] for tensor in tensors):
        shapes = ", ".join(
            f"`{name}` {list(tensor.shape)}" for name, tensor in zip(names, tensors, strict=True)
        )
        raise MismatchedWeightsError(f"matrices that belong together do not fit each other: {shapes}")
    return torch.cat(tensors)


def _missing(converted: State, shapes: Shapes, dialect: Dialect) -> list[str]:
    """Under the file's names; blocks beyond the file's last are a difference in depth."""
    depth = int(infer_config(converted)["depth"])
    absent = [template(key) for key in shapes if key not in converted]
    return [
        numbered(part, number)
        for name, number in absent
        if number is None or number < depth
        for part in dialect.keys.get(name, (name,))
    ]


def _surplus(converted: State, shapes: Shapes, dialect: Dialect) -> list[str]:
    """Under the file's names; blocks that the model lacks altogether are a difference in depth."""
    blocks = {template(key)[1] for key in shapes}
    surplus = [template(key) for key in converted if key not in shapes]
    return [
        numbered(part, number) for name, number in surplus if number in blocks for part in dialect.keys[name]
    ]


def _misshapen(converted: State, shapes: Shapes) -> list[str]:
    return [
        f"{_quoted(key)} is {list(tensor.shape)} in the file and {list(shapes[key])} in the model"
        for key, tensor in converted.items()
        if tensor.shape != shapes[key]
    ]


def _quoted(name: str) -> str:
    return f"`{name}`"
