"""The state of a training in one file: weights, optimiser, position and random generators, replaced as a whole."""

import errno
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import nn
from torch.optim import Optimizer

from toto_bench.files import replacing
from toto_bench.training.errors import DamagedStateError, OtherTrainingError
from toto_bench.training.parallel import like, whole
from toto_bench.training.randomness import random_state, restore_random
from toto_bench.training.ranks import Ranks

STATE_FILE = "state.pt"
_FORMAT = 1


class Trained(NamedTuple):
    """What is trained."""

    module: nn.Module
    optimiser: Optimizer


def save_state(path: Path, trained: Trained, ranks: Ranks, *, identity: str, steps: int) -> None:
    """Write everything that the next step depends on; all processes call it, the first writes.

    The position in the data is the number of steps: order and batches follow from it.

    Args:
        path: of the file; what is there stays until the new one is whole and on disk.
        trained: module and optimiser.
        ranks: the processes.
        identity: of the training; another one does not load it.
        steps: that are done.

    Raises:
        DiskError: the operating system refused; the old file is as it was.
    """
    content = {
        "format": _FORMAT,
        "identity": identity,
        "steps": steps,
        "model": whole(trained.module.state_dict(), keep=ranks.first),
        "optimiser": whole(trained.optimiser.state_dict(), keep=ranks.first),
        "random": _of_all(random_state(), ranks),
    }
    if ranks.first:
        with replacing(path) as temporary, _disk_errors(temporary):
            torch.save(content, temporary)
    ranks.barrier()


def load_state(path: Path, trained: Trained, ranks: Ranks, *, identity: str) -> int:
    """Put a saved state into module, optimiser and random generators; the number of steps done, 0 without a file.

    Raises:
        DamagedStateError: the file cannot be read.
        OtherTrainingError: it is of another training.
    """
    if not path.is_file():
        return 0
    content = read_state(path)
    if content["identity"] != identity:
        raise OtherTrainingError(
            f"{path} holds another training (other data, recipe, seed or options), after {content['steps']:,} steps. "
            "Choose another folder with `--out`, repeat the command that began it, or remove the file."
        )
    parameters = trained.module.state_dict()
    trained.module.load_state_dict(
        {name: like(value, parameters[name]) for name, value in content["model"].items()}
    )
    trained.optimiser.load_state_dict(_cut(content["optimiser"], trained.optimiser))
    if len(content["random"]) == ranks.world_size:
        restore_random(content["random"][ranks.rank])
    return int(content["steps"])


def read_state(path: Path) -> dict[str, Any]:
    """The content of a state file, on the CPU; tensors and plain values only.

    Raises:
        DamagedStateError: it is no such file.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        known = content["format"] == _FORMAT
    except (
        pickle.UnpicklingError,
        RuntimeError,
        OSError,
        EOFError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise _damaged(path, first) from error
    if not known:
        raise _damaged(path, "another version of toto-bench wrote it")
    return dict(content)


def _damaged(path: Path, reason: str) -> DamagedStateError:
    return DamagedStateError(
        f"{path} cannot be read as the state of a training ({reason}). Remove it, and the training begins anew."
    )


def _of_all(state: dict[str, Any], ranks: Ranks) -> list[dict[str, Any]]:
    if ranks.world_size == 1:
        return [state]
    states: list[Any] = [None] * ranks.world_size
    dist.all_gather_object(states, state)
    return states


def _cut(saved: dict[str, Any], optimiser: Optimizer) -> dict[str, Any]:
    """The saved averages, cut as the parameters are."""
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    state = {
        index: {name: like(value, parameters[index]) for name, value in values.items()}
        for index, values in saved["state"].items()
    }
    return {**saved, "state": state}


@contextmanager
def _disk_errors(temporary: Path) -> Iterator[None]:
    """The writer of torch tells of a full disk by a RuntimeError without a number."""
    try:
        yield
    except RuntimeError as error:
        full = shutil.disk_usage(temporary.parent).free < 2**24
        code = errno.ENOSPC if full else errno.EIO
        text = "No space left on device" if full else next(iter(str(error).splitlines()), "write failed")
        raise OSError(code, text) from error
