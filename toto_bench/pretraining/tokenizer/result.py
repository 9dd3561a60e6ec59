"""The result: weights in half precision, and what is to be known of them."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from toto_bench.backbones.toto.tokenizers.nano import BLOCKS, LEVELS, STRIDE, WIDTHS, NanoTokenizer
from toto_bench.backbones.weights import state_hash
from toto_bench.files import write_bytes, write_json

WEIGHTS_FILE = "tokenizer.safetensors"
FACTS_FILE = "tokenizer.json"


def halve(tokenizer: NanoTokenizer) -> None:
    """Round the weights to what half precision holds, and name them: codes are those of the file from now on."""
    with torch.no_grad():
        for parameter in tokenizer.parameters():
            parameter.copy_(parameter.half())
    tokenizer.weights = state_hash(tokenizer)


def write_tokenizer(folder: Path, tokenizer: NanoTokenizer, facts: dict[str, Any]) -> None:
    """Write `tokenizer.safetensors`, then `tokenizer.json`, which says that the training is finished.

    Args:
        folder: takes the files.
        tokenizer: after `halve`.
        facts: its lineage and quality.

    Raises:
        DiskError: the operating system refused.
    """
    state = {key: value.cpu().half().contiguous() for key, value in tokenizer.state_dict().items()}
    write_bytes(folder / WEIGHTS_FILE, save(state))
    shape = {
        "name": tokenizer.name,
        "identity": tokenizer.identity,
        "levels": LEVELS,
        "widths": WIDTHS,
        "blocks": BLOCKS,
        "stride": STRIDE,
        "parameters": sum(value.numel() for value in state.values()),
        "bytes": (folder / WEIGHTS_FILE).stat().st_size,
    }
    write_json(folder / FACTS_FILE, shape | facts)


def read_facts(folder: Path) -> dict[str, Any] | None:
    """The facts of a finished training; None: there is none."""
    path = folder / FACTS_FILE
    if not (path.is_file() and (folder / WEIGHTS_FILE).is_file()):
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return found
