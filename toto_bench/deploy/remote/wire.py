"""Messages as bytes: a magic, a JSON header, and the numbers of arrays as they lie in memory. Nothing is unpickled.

```
b"TBRP" | length of the header, uint32 little-endian | header, UTF-8 JSON | array | array | ...
```
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.remote.errors import RemoteProtocolError

VERSION = 1
"""Of the protocol; both ends have to have the same."""
MAGIC = b"TBRP"
HEADER_BYTES = 256 * 1024
"""Of the longest header."""
ARRAYS = 64
"""In one message, at most."""
LONGEST_SIDE = 2**24
"""Of an array."""
DTYPES: dict[str, np.dtype[Any]] = {"uint8": np.dtype("u1"), "float32": np.dtype("<f4")}
"""By their name on the wire; little-endian."""
_START = struct.Struct("<4sI")
_KEYS = {"kind", "id", "body", "arrays"}


@dataclass(frozen=True, eq=False)
class Message:
    """One message of either end."""

    kind: str
    """`hello`, `welcome`, `reset`, `done`, `act`, `actions` or `error`."""
    id: int = 0
    """Of the request that is made or answered; 0 for the greeting."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """What JSON can hold."""
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """uint8 or float32, by name."""


def encode(message: Message) -> bytes:
    """The bytes of a message.

    Raises:
        ValueError: it holds what the wire cannot carry.
    """
    descriptions, parts = [], []
    for name, array in message.arrays.items():
        dtype = DTYPES[str(array.dtype)]
        descriptions.append({"name": name, "dtype": str(array.dtype), "shape": list(array.shape)})
        parts.append(np.ascontiguousarray(array, dtype=dtype).tobytes())
    content = {
        "kind": message.kind,
        "id": message.id,
        "body": dict(message.body),
        "arrays": descriptions,
    }
    header = json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    if len(header) > HEADER_BYTES:
        raise ValueError(f"the header has {len(header)} bytes; {HEADER_BYTES} are the most")
    return b"".join([_START.pack(MAGIC, len(header)), header, *parts])


def decode(content: bytes | str) -> Message:
    """The message that bytes hold; arrays are views that cannot be written to.

    Raises:
        RemoteProtocolError: they hold none.
    """
    if isinstance(content, str) or len(content) < _START.size:
        raise _damaged("it is text, or too short")
    magic, length = _START.unpack_from(content)
    if magic != MAGIC:
        raise _damaged("it begins with other bytes")
    if length > min(HEADER_BYTES, len(content) - _START.size):
        raise _damaged("its header is cut off, or too long")
    start = _START.size + length
    header = _header(content[_START.size : start])
    arrays: dict[str, NDArray[Any]] = {}
    for description in header["arrays"]:
        name, dtype, shape = _described(description)
        size = math.prod(shape) * dtype.itemsize
        if name in arrays or size > len(content) - start:
            raise _damaged(f"array `{name}` is cut off, or comes twice")
        values = np.frombuffer(content, dtype, math.prod(shape), start)
        arrays[name] = values.reshape(shape)
        start += size
    if start != len(content):
        raise _damaged(f"{len(content) - start} bytes follow its end")
    return Message(header["kind"], header["id"], header["body"], arrays)


def _header(content: bytes) -> dict[str, Any]:
    try:
        header = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged("its header is no JSON") from error
    kinds = {"kind": str, "id": int, "body": dict, "arrays": list}
    if not isinstance(header, dict) or set(header) != _KEYS:
        raise _damaged("its header has other keys")
    if any(type(header[key]) is not kind for key, kind in kinds.items()) or len(header["arrays"]) > ARRAYS:
        raise _damaged("its header has values of another type")
    return header


def _described(description: Any) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    if not isinstance(description, dict) or set(description) != {"name", "dtype", "shape"}:
        raise _damaged("an array is not described")
    name, dtype, shape = description["name"], description["dtype"], description["shape"]
    if not isinstance(name, str) or not isinstance(dtype, str) or dtype not in DTYPES:
        raise _damaged("an array has no name, or another type of numbers")
    if (
        not isinstance(shape, list)
        or len(shape) > 4
        or any(type(side) is not int or not 0 <= side <= LONGEST_SIDE for side in shape)
    ):
        raise _damaged(f"array `{name}` has no shape")
    return name, DTYPES[dtype], tuple(shape)


def _damaged(what: str) -> RemoteProtocolError:
    return RemoteProtocolError(
        f"A message cannot be read: {what}. Is the other end `toto-bench robot serve`?"
    )
