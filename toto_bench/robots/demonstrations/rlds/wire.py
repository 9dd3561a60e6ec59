"""`tf.train.Example` and `SequenceExample` from their bytes (protocol buffers; tensorflow/core/example/*.proto)."""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.errors import DemonstrationError

Feature = list[bytes] | NDArray[np.float32] | NDArray[np.int64]
"""Texts and pictures, or numbers."""
_FAULTS = (IndexError, struct.error, ValueError, TypeError, OverflowError)
_BYTES, _FLOATS, _INTS = 1, 2, 3
"""Numbers of the fields of a Feature."""


def parse_example(content: bytes) -> dict[str, Feature]:
    """The features of an example by name; lists of features of a sequence are joined.

    Raises:
        DemonstrationError: the bytes are no example.
    """
    found: dict[str, Feature] = {}
    try:
        for field, part in _fields(content):
            if field == 1:
                found |= {name: _feature(value) for name, value in _entries(part)}
            elif field == 2:
                found |= {
                    name: _joined([_feature(one) for _, one in _fields(value)])
                    for name, value in _entries(part)
                }
    except _FAULTS as error:
        raise DemonstrationError(f"It is no record of a TensorFlow data set: {error}.") from error
    return found


def _fields(content: bytes | memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of each field: a row of bytes, or a number."""
    view, place = memoryview(content), 0
    while place < len(view):
        key, place = _varint(view, place)
        kind = key & 7
        if kind == 2:
            length, place = _varint(view, place)
            value: Any = view[place : place + length]
            if len(value) != length:
                raise ValueError("a field is cut off")
        elif kind == 0:
            value, place = _varint(view, place)
            length = 0
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
            value = view[place : place + length]
        else:
            raise ValueError(f"a field of kind {kind}")
        yield key >> 3, value
        place += length


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    found = shift = 0
    while True:
        byte = view[place]
        place += 1
        found |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return found, place
        if shift > 63:
            raise ValueError("a number is too long")


def _entries(part: memoryview) -> Iterator[tuple[str, memoryview]]:
    """Entries of a map of features."""
    for field, entry in _fields(part):
        if field == 1:
            both = dict(_fields(entry))
            yield bytes(both[1]).decode("utf-8"), both.get(2, memoryview(b""))


def _feature(part: memoryview) -> Feature:
    for kind, values in _fields(part):
        if kind == _BYTES:
            return [bytes(value) for field, value in _fields(values) if field == 1]
        if kind == _FLOATS:
            parts = [np.frombuffer(value, "<f4") for field, value in _fields(values) if field == 1]
            return np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float32)
        if kind == _INTS:
            return np.array([number for _, value in _fields(values) for number in _integers(value)], np.int64)
    return []


def _integers(value: int | memoryview) -> Iterator[int]:
    """One number, or several packed into a row of bytes; signed."""
    if isinstance(value, int):
        yield value - (1 << 64) if value >> 63 else value
        return
    place = 0
    while place < len(value):
        number, place = _varint(value, place)
        yield number - (1 << 64) if number >> 63 else number


def _joined(parts: list[Feature]) -> Feature:
    if any(isinstance(part, list) for part in parts) or not parts:
        return [item for part in parts for item in part]
    return np.concatenate(parts)
