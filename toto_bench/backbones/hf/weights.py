"""Loading a folder of weights through transformers, which knows how keys were called in its versions."""

import re
from pathlib import Path

import torch
from torch import Tensor, nn

from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.hf.configuration import differences, read_configuration
from toto_bench.backbones.hf.families import Family
from toto_bench.backbones.hf.files import CONFIG, read_json, read_tensors
from toto_bench.backbones.hf.library import HfConfig, HfModel, one_line, quiet
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.weights import put_weights

_POOLING = "pooler.dense."
"""Not all of `pooler.`: BEiT that was tuned has its final norm there."""


def load_files(model: HfModel, family: Family, native: HfConfig, path: Path) -> None:
    """Load a folder, or one file of tensors, into a model; the model is untouched when anything is wrong.

    Args:
        model: takes the tensors.
        family: its class.
        native: what the folder's configuration has to agree with.
        path: folder or file.

    Raises:
        WeightsError: a file is missing or damaged, the configurations disagree, tensors are missing, unexpected
            or of another shape, or hold NaN. Heads and decoders that the model does not have are left out.
    """
    if path.is_dir():
        _check_configuration(path / CONFIG, native, family)
    constant = re.compile(family.constants or r"$^")
    tensors = {key: tensor for key, tensor in read_tensors(path).items() if not constant.search(key)}
    put_weights(_converted(model, family, tensors, path), model, str(path))


def add_pooling(family: Family, config: HfConfig) -> dict[str, bool]:
    """The constructor's `add_pooling_layer`: BEiT keeps its final norm there when it was tuned with mean pooling."""
    return {"add_pooling_layer": bool(getattr(config, "use_mean_pooling", False))} if family.pools else {}


def _check_configuration(path: Path, native: HfConfig, family: Family) -> None:
    content = read_json(path)
    kind = content.get("model_type", family.kind)
    if kind != family.kind:
        raise MismatchedWeightsError(
            f"{path}: the weights are of a model of the type `{kind}`, but `{family.kind}` is expected. Pass the "
            f"folder that belongs to this backbone, or name its repository as `hf:REPOSITORY`."
        )
    try:
        theirs = read_configuration(type(native), content)
    except ValueError as error:
        raise MismatchedWeightsError(
            f"{path}: transformers refuses this configuration ({error}). Get the file again."
        ) from error
    if found := differences(native, theirs):
        raise MismatchedWeightsError(
            f"{path} does not fit the backbone: {'; '.join(found)}. Pass the folder that belongs to this backbone; any "
            "other one runs under its own configuration as `hf:ORGANISATION/NAME`, put into the folder of weights."
        )


def _converted(model: HfModel, family: Family, tensors: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """The tensors under the model's keys, as transformers maps them; what is missing there is missing here."""
    kind = type(model)
    with quiet(), seeded(0):  # transformers draws what is missing, and what is dropped
        try:
            loaded, report = kind.from_pretrained(
                None,
                config=model.config,
                state_dict=dict(tensors),
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                **add_pooling(family, model.config),
            )
        except (RuntimeError, ValueError, KeyError) as error:
            raise MismatchedWeightsError(
                f"{path}: transformers cannot read these tensors as {kind.__name__} ({one_line(error)}). Pass the "
                "files that belong to this backbone."
            ) from error
    ours: dict[str, Tensor] = {**loaded.state_dict()}
    for key in report["missing_keys"]:
        ours.pop(key, None)
    for key, shape, _ in report["mismatched_keys"]:
        ours[key] = torch.empty(shape, device="meta")
    for key in _surplus(report["unexpected_keys"], tensors, model, family):
        ours[key] = torch.empty(0)
    return {key: tensor for key, tensor in ours.items() if key.partition(".")[0] not in family.dropped}


def _surplus(unexpected: set[str], tensors: dict[str, Tensor], model: nn.Module, family: Family) -> list[str]:
    """Unexpected keys that are no head's: a model with a head keeps the encoder's under a prefix of their own.

    A class that can pool writes its pooling by default, a linear layer behind the class token: a head as well.
    """
    encoder = f"{getattr(model, 'base_model_prefix', '')}."
    has_head = any(key.startswith(encoder) for key in tensors)
    return sorted(
        key
        for key in unexpected
        if (not has_head or key.startswith(encoder))
        and not (family.pools and key.removeprefix(encoder).startswith(_POOLING))
    )
