"""Pickles of numpy arrays and plain containers, read without running anything that they name.

A pickle is a program that may call any function of Python. Here the handful of names that numpy's own arrays need stand
for functions of this file, which look at every argument; any other name is refused.
"""

import io
import pickle
import struct
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import RequestError

_KINDS = "biuf"
"""Numbers: bool, int, unsigned, float."""
_FAULTS = (
    *(pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, KeyError, IndexError),
    *(OverflowError, MemoryError, RecursionError, NotImplementedError, struct.error, AssertionError),
)
"""What the unpickler raises about bytes that are no pickle."""


class PickleError(ValueError):
    """The bytes are no pickle of arrays; the message says why, its caller says of what."""


class ForbiddenPickleError(RequestError):
    """A pickle names code that is not numpy's arrays: it is not read, and nothing of it was run."""


class _Dtype:
    """What a pickle says of the type of an array."""

    def __init__(self, code: Any, *_: Any) -> None:
        self.code = code
        self.order: Literal["<", ">", "=", "|"] = "="

    def __setstate__(self, state: Any) -> None:
        if state[1] not in ("<", ">", "=", "|"):
            raise ValueError(f"an array in byte order {state[1]!r}")
        self.order = state[1]

    def found(self) -> np.dtype[Any]:
        """The type.

        Raises:
            ValueError: it is not one of numbers.
        """
        if not isinstance(self.code, str) or self.code[:1] not in _KINDS or not self.code[1:].isdigit():
            raise ValueError(f"an array of type {self.code!r}, where numbers belong")
        return np.dtype(self.code).newbyteorder(self.order)


class _Array:
    """An array whose content follows."""

    value: NDArray[Any]

    def __setstate__(self, state: Any) -> None:
        *_, shape, kind, fortran, raw = state
        self.value = _array(raw, kind, shape, "F" if fortran else "C")


def _array(raw: Any, kind: Any, shape: Any, order: str) -> NDArray[Any]:
    if isinstance(raw, str):
        raw = raw.encode("latin1")  # as Python 2 wrote them
    if not isinstance(raw, bytes | bytearray) or not isinstance(kind, _Dtype):
        raise TypeError("an array whose content is no row of bytes")
    sides = [int(side) for side in shape]
    flat = np.frombuffer(raw, kind.found())
    return flat.reshape(sides, order="F" if order == "F" else "C").astype(kind.found().newbyteorder("="))


def _reconstruct(*_: Any) -> _Array:
    return _Array()


def _from_buffer(raw: Any, kind: Any, shape: Any, order: Any, *_: Any) -> NDArray[Any]:
    return _array(raw, kind, shape, order)


def _scalar(kind: Any, raw: Any) -> Any:
    return _array(raw, kind, (), "C")[()]


def _latin(text: Any, encoding: Any) -> bytes:
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise TypeError(f"bytes in {encoding!r}")
    return text.encode("latin1")


def _bytes(*given: Any) -> bytes:
    if given:
        raise TypeError("bytes that are made of something else")
    return b""


class _Nothing:
    """Stands for `numpy.ndarray`, which pickles only mention."""


_CORES = ("numpy.core.", "numpy._core.")
_BUILTINS = ("builtins", "__builtin__")
_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    **{(f"{core}multiarray", "_reconstruct"): _reconstruct for core in _CORES},
    **{(f"{core}multiarray", "scalar"): _scalar for core in _CORES},
    **{(f"{core}numeric", "_frombuffer"): _from_buffer for core in _CORES},
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _Nothing,
    ("_codecs", "encode"): _latin,
    ("collections", "OrderedDict"): dict,
    **{(core, "bytes"): _bytes for core in _BUILTINS},
    **{(core, name): found for core in _BUILTINS for name, found in (("set", set), ("frozenset", frozenset))},
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Ours for numpy's; nothing else."""
        if (module, name) not in _ALLOWED:
            raise ForbiddenPickleError(
                f"asks for `{module}.{name}`, and only numpy arrays, numbers, texts and plain containers are read: "
                "whatever else a pickle names would be run. If you trust where it comes from, convert it with the "
                "program that wrote it; else delete it."
            )
        return _ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        """Nothing lies elsewhere."""
        raise pickle.UnpicklingError(f"it refers to an object outside, {pid!r}")


def unpickle(content: bytes) -> Any:
    """What a pickle holds: dicts, lists, tuples, sets, texts, bytes, numbers, and numpy arrays of numbers.

    Raises:
        ForbiddenPickleError: it names anything else; the message goes on after the name of a file.
        PickleError: it is damaged.
    """
    try:
        return _plain(_Reader(io.BytesIO(content), encoding="latin1").load())
    except _FAULTS as error:
        raise PickleError(f"{type(error).__name__}: {error}") from error


def _plain(value: Any) -> Any:
    """The same with arrays in place of what stood for them."""
    if isinstance(value, _Array):
        return value.value
    if type(value) is dict:
        return {_plain(key): _plain(each) for key, each in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_plain(each) for each in value)
    if value is None or isinstance(
        value, bool | int | float | str | bytes | bytearray | np.ndarray | np.generic
    ):
        return value
    raise TypeError(f"a {type(value).__name__} is left over")
