"""The device of this process."""

import os

import torch

from toto_bench.errors import RequestError


def choose_device(name: str) -> str:
    """The device asked for; `auto` takes an accelerator where there is one, each process of a group its own.

    Raises:
        RequestError: there is no such device here.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = "cuda" if available["cuda"] else "cpu"
    if not available.get(name.partition(":")[0], False):
        here = ", ".join(device for device, there in available.items() if there)
        raise RequestError(f"There is no device `{name}` here. Available: {here}.")
    local_rank = os.environ.get("LOCAL_RANK")
    if name == "cuda" and local_rank is not None:
        name = f"cuda:{local_rank}"
    index = name.partition("cuda:")[2]
    if index and not (index.isdigit() and int(index) < torch.cuda.device_count()):
        raise RequestError(
            f"There is no device `{name}`: this machine has {torch.cuda.device_count()} of them."
        )
    return name
