"""Reading a weights file: tensors only, never code; damaged files are named as such."""

import argparse
import pickle
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.serialization import safe_globals

from toto_bench.backbones.errors import FolderError, UnreadableWeightsError, WrongFileError
from toto_bench.backbones.pages import is_web_page
from toto_bench.backbones.pickled import StandIn, tensors_within
from toto_bench.files import sha256_of

Format = Literal["safetensors", "torch", "page", "unknown"]


def read_checkpoint(
    path: Path, sha256: str | None = None, *, stand_ins: Sequence[type[StandIn]] = ()
) -> Mapping[str, object]:
    """The content of a safetensors file, or of a file written by torch.save, on the CPU.

    Args:
        path: the file; its content decides the format, not its name.
        sha256: what the whole file has to hash to.
        stand_ins: classes that a pickle may name beyond tensors; of a pickled module its tensors are given.

    Raises:
        FolderError: it is a folder.
        WrongFileError: wrong hash, damaged, or another kind of file.
        UnreadableWeightsError: it cannot be opened, or holds objects beyond tensors.
    """
    if path.is_dir():
        raise FolderError(
            f"`{path}` is a folder, and the weights of this backbone are a file. Pass the file itself: "
            "`--checkpoint FILE`."
        )
    kind = _format(path)
    if kind == "page":
        raise WrongFileError(
            f"{path}: this is a web page, not weights; the download stopped at a log-in or error page.",
            "Download the file again, in a browser if need be.",
        )
    if kind == "unknown":
        raise WrongFileError(
            f"{path}: neither a safetensors file nor one written by torch.save.",
            "Pass a file of these formats.",
        )
    expect_sha256(path, sha256)
    return _read_safetensors(path) if kind == "safetensors" else _read_torch(path, stand_ins)


def expect_sha256(path: Path, sha256: str | None) -> None:
    """Hold a whole file against its hash, where one is known.

    Raises:
        WrongFileError: it has another one.
    """
    if sha256 is not None and (found := sha256_of(path)) != sha256:
        raise WrongFileError(
            f"{path}: its sha256 is {found}, but the card expects {sha256}: the file is damaged, or another one, "
            "which `--checkpoint` takes if it is meant.",
            "Get it again.",
        )


def _format(path: Path) -> Format:
    """By the first bytes: zip and pickle are torch's, a length and a JSON object are safetensors'."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise UnreadableWeightsError(f"{path}: cannot be read: {error.strerror}. Check the path.") from error
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < path.stat().st_size:
        return "safetensors"
    if head.startswith((b"PK\x03\x04", b"\x80")):
        return "torch"
    return "page" if is_web_page(head) else "unknown"


def _read_safetensors(path: Path) -> Mapping[str, object]:
    try:
        return dict(load_file(path, device="cpu"))
    except (SafetensorError, OSError, ValueError) as error:
        raise _damaged(path, _first_line(error)) from error


def _read_torch(path: Path, stand_ins: Sequence[type[StandIn]]) -> Mapping[str, object]:
    """Training checkpoints carry their command line, so argparse.Namespace (plain values) is let in."""
    _check_sums(path)
    allowed: list[Any] = [argparse.Namespace, *stand_ins]
    try:
        # As a stream: by a path torch would go by its suffix.
        with path.open("rb") as stream, safe_globals(allowed), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about the pickle protocol; errors say enough
            content = torch.load(stream, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if match := re.search(r"GLOBAL (\S+)", str(error)):
            raise UnreadableWeightsError(
                f"{path}: holds Python objects (`{match[1]}`), and reading those can run code, so "
                "the file is refused. Save its tensors alone: torch.save(model.state_dict()), or safetensors."
            ) from error
        if "persistent_load" in str(error):
            raise UnreadableWeightsError(
                f"{path}: holds a whole module with its code, as torch.save wrote it before PyTorch 1.6, and reading "
                "that can run code, so the file is refused. Save its tensors alone: torch.save(model.state_dict()), or "
                "safetensors."
            ) from error
        raise _damaged(path, "it is no pickle of tensors alone; one with code in it is refused") from error
    except (RuntimeError, OSError) as error:
        raise _damaged(path, _first_line(error)) from error
    except (EOFError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, "its pickle is garbled or ends early") from error
    if isinstance(content, StandIn):
        return tensors_within(content, path)
    if not isinstance(content, Mapping):
        raise UnreadableWeightsError(
            f"{path}: holds a {type(content).__name__}, not a state dict. Save model.state_dict() instead."
        )
    return content


def _check_sums(path: Path) -> None:
    """Compare the checksums of a zip, which torch.load does not: it takes garbled tensors for numbers.

    Raises:
        UnreadableWeightsError: names the part that is damaged.
    """
    if not zipfile.is_zipfile(path):  # cut short, which torch.load says, or of the older format, without sums
        return
    try:
        with zipfile.ZipFile(path) as archive:
            # torch.save can be told to write no sums: all are zero then.
            part = archive.testzip() if any(info.CRC for info in archive.infolist()) else None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise _damaged(path, _first_line(error)) from error
    if part is not None:
        raise _damaged(path, f"the checksum of its part `{part}` is wrong")


def _damaged(path: Path, reason: str) -> WrongFileError:
    return WrongFileError(f"{path}: damaged or cut short ({reason}).", "Get the file again.")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
