"""Loading weights into a model: every tensor has its place, or the error names all that have none."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from toto_bench.backbones.checkpoint import read_checkpoint
from toto_bench.backbones.dialects import State, translate
from toto_bench.backbones.errors import InvalidWeightsError, MismatchedWeightsError, listed
from toto_bench.backbones.pickled import StandIn
from toto_bench.backbones.tensors import bytes_of, has_values


def load_weights(
    model: nn.Module,
    path: Path,
    *,
    dialect: str,
    sha256: str | None = None,
    stand_ins: Sequence[type[StandIn]] = (),
) -> None:
    """Load a weights file into a model; the model is untouched when anything is wrong.

    Args:
        model: takes the tensors.
        path: safetensors, or written by torch.save.
        dialect: how the file's keys map to the model's.
        sha256: of the file, when known.
        stand_ins: classes that a pickle may name beyond tensors; none of their code is run.

    Raises:
        UnreadableWeightsError: the file is damaged, not the expected one, or holds more than tensors.
        MismatchedWeightsError: names missing and unexpected keys, and shapes that differ.
        InvalidWeightsError: names tensors with NaN or infinite values.
        CardError: there is no such dialect.
    """
    content = read_checkpoint(path, sha256, stand_ins=stand_ins)
    place = f"{path} (dialect `{dialect}`)"
    try:
        state = translate(content, model, dialect)
    except MismatchedWeightsError as error:
        raise MismatchedWeightsError(
            f"{place}: {error}. Pass the file that belongs to this backbone, or name the right dialect in "
            "its card."
        ) from error
    put_weights(state, model, place)


def put_weights(state: State, model: nn.Module, place: str) -> None:
    """Put tensors into a model whose keys they have; the model is untouched when anything is wrong.

    Args:
        state: the tensors.
        model: takes them.
        place: where they come from, for messages.

    Raises:
        MismatchedWeightsError: names missing and unexpected keys, and shapes that differ.
        InvalidWeightsError: names tensors with NaN or infinite values.
    """
    _check_fit(state, model.state_dict(), place)
    check_finite(state, place)
    model.load_state_dict(state, strict=True)


def state_hash(model: nn.Module) -> str:
    """`sha256:...` over the sorted (key, dtype, shape, bytes) of a state dict, whatever file it came from.

    Keys are those before `torch.compile`; what a state dict holds besides tensors is no weight.

    Raises:
        InvalidWeightsError: a tensor has no values yet.
    """
    digest = hashlib.sha256()
    state = {key.replace("_orig_mod.", ""): value for key, value in model.state_dict().items()}
    for key, tensor in sorted(state.items()):
        if not isinstance(tensor, Tensor):
            continue
        if not has_values(tensor):
            raise InvalidWeightsError(
                f"`{key}` of {type(model).__name__} has no values (it lies on the `meta` device, or belongs to a lazy "
                "module that never ran): give the module its weights first."
            )
        digest.update(f"{key}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        digest.update(bytes_of(tensor))
    return f"sha256:{digest.hexdigest()}"


def check_finite(state: State, place: str) -> None:
    """Refuse NaN and infinite values.

    Args:
        state: the tensors.
        place: where they come from, for messages.

    Raises:
        InvalidWeightsError: names the tensors that hold any.
    """
    bad = [
        f"`{key}`"
        for key, tensor in state.items()
        if tensor.is_floating_point() and not tensor.isfinite().all()
    ]
    if bad:
        raise InvalidWeightsError(
            f"{place} holds NaN or infinite values, {listed('in tensors', bad)}: training diverged, or the "
            "file is damaged. Take an earlier checkpoint, or get the file again."
        )


def _check_fit(state: State, own: dict[str, Tensor], place: str) -> None:
    shapes = [
        f"`{key}` is {list(state[key].shape)} in the file and {list(own[key].shape)} in the model"
        for key in own
        if key in state and state[key].shape != own[key].shape
    ]
    problems = [
        listed("missing", [f"`{key}`" for key in own if key not in state]),
        listed("unexpected", [f"`{key}`" for key in state if key not in own]),
        listed("of another shape", shapes),
    ]
    if found := [problem for problem in problems if problem]:
        raise MismatchedWeightsError(
            f"{place} does not fit the model: {'; '.join(found)}. Pass the file that belongs to this "
            "backbone, or choose the backbone that belongs to the file."
        )
