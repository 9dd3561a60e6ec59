"""The settings that lie beside weights, held against the card: they tell what shapes do not."""

import math
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toto_bench.backbones.errors import MismatchedWeightsError, UnreadableWeightsError
from toto_bench.backbones.hf.files import CONFIG, read_json
from toto_bench.backbones.toto.config import SETTINGS_FILE, TotoConfig


def check_settings(path: Path, config: TotoConfig) -> None:
    """Compare the settings in a folder of weights, or beside a file of one, with a configuration.

    Raises:
        UnreadableWeightsError: they are damaged.
        MismatchedWeightsError: names every value that differs.
    """
    folder = path if path.is_dir() else path.parent
    if (file := folder / SETTINGS_FILE).is_file():
        found = _differences(config.settled(), read_settings(file).settled())
        way = "Choose the backbone that these weights were trained as: `--backbone run:FOLDER` reads its own settings."
    elif (file := folder / CONFIG).is_file():
        content = read_json(file)
        if path.is_file() and content.get("model_type") not in ("llama", "mamba"):
            return  # of something else in the same folder
        found = _from_transformers(content, config)
        way = "Choose the backbone that these weights were trained as, or make a variant of its card with these values."
    else:
        return
    if found:
        raise MismatchedWeightsError(f"{file} does not fit the backbone: {'; '.join(found)}. {way}")


def read_settings(path: Path) -> TotoConfig:
    """The configuration in a `toto.json`.

    Raises:
        UnreadableWeightsError: it cannot be read, or is no such configuration.
    """
    try:
        return TotoConfig.model_validate(read_json(path))
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise UnreadableWeightsError(
            f"{path}: not the settings of a Toto transformer (`{place}`: {fault['msg']}). Get the file again."
        ) from error


def _from_transformers(content: dict[str, Any], config: TotoConfig) -> list[str]:
    """Defaults are those of LlamaConfig and MambaConfig: files may leave them out."""
    kind = content.get("model_type", "llama")
    if (expected := "mamba" if config.style == "mamba" else "llama") != kind:
        return [f"`model_type` is {kind} there, and {expected} is expected"]
    if kind == "mamba":
        return _differences({"layer_norm_epsilon": config.eps}, {"layer_norm_epsilon": 1e-5} | content)
    heads = content.get("num_attention_heads", 32)
    rope = content.get("rope_parameters") or content.get("rope_scaling") or {}
    theirs = {
        "num_attention_heads": heads,
        "num_key_value_heads": content.get("num_key_value_heads") or heads,
        "rms_norm_eps": content.get("rms_norm_eps", 1e-6),
        "rope_theta": rope.get("rope_theta") or content.get("rope_theta", 10000.0),
        "rope_type": rope.get("rope_type") or rope.get("type", "default"),
        "hidden_act": content.get("hidden_act", "silu"),
    }
    ours = {
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads or config.heads,
        "rms_norm_eps": config.eps,
        "rope_theta": config.rope_base,
        "rope_type": "default",
        "hidden_act": "silu",
    }
    return _differences(ours, theirs)


def _differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [
        f"`{name}` is {theirs.get(name)} there and {value} in the card"
        for name, value in ours.items()
        if not _equal(value, theirs.get(name))
    ]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)
