"""Messages as bytes: what goes in comes out, and nothing else does."""

import json
import pickle
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toto_bench.deploy.remote.errors import RemoteProtocolError
from toto_bench.deploy.remote.wire import HEADER_BYTES, MAGIC, Message, decode, encode


def message() -> Message:
    images = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    return Message("act", 7, {"a": 1.5}, {"image/wrist": images, "proprio": np.array([1.5, -2], np.float32)})


def written(header: Any, rest: bytes = b"") -> bytes:
    content = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<4sI", MAGIC, len(content)) + content + rest


def good(**changes: Any) -> dict[str, Any]:
    return {"kind": "act", "id": 1, "body": {}, "arrays": [], **changes}


def array(**changes: Any) -> dict[str, Any]:
    return good(arrays=[{"name": "a", "dtype": "uint8", "shape": [3], **changes}])


def test_there_and_back() -> None:
    sent, came = message(), decode(encode(message()))
    assert (came.kind, came.id, dict(came.body)) == (sent.kind, sent.id, dict(sent.body))
    assert list(came.arrays) == list(sent.arrays)
    for name, values in sent.arrays.items():
        assert came.arrays[name].dtype == values.dtype
        assert np.array_equal(came.arrays[name], values)


def test_layouts_in_memory_do_not_matter() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    for layout in (values.T, values[::-1, ::2], values.astype(">f4")):
        content = encode(Message("act", arrays={"a": layout.astype(layout.dtype.newbyteorder("="))}))
        assert np.array_equal(decode(content).arrays["a"], layout)


def test_empty_and_extreme_numbers() -> None:
    values = np.array([np.nan, np.inf, -0.0, 3e38], np.float32)
    came = decode(encode(Message("a", arrays={"x": values, "y": np.zeros((0, 4), np.float32)}))).arrays
    assert came["x"].tobytes() == values.tobytes()
    assert came["y"].shape == (0, 4)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "too short"),
        ("text", "text"),
        (pickle.dumps([1, 2, 3]), "other bytes"),
        (encode(message())[:-1], "cut off"),
        (encode(message()) + b"x", "1 bytes follow"),
        (struct.pack("<4sI", MAGIC, 2**32 - 1) + b"{}", "cut off, or too long"),
        (struct.pack("<4sI", MAGIC, HEADER_BYTES + 1) + b" " * (HEADER_BYTES + 1), "too long"),
        (written(b"\xff\xfe"), "no JSON"),
        (written(b"{"), "no JSON"),
        (written(b"[" * 100_000), "no JSON"),
        (written([]), "other keys"),
        (written({"kind": "act"}), "other keys"),
        (written(good(more=1)), "other keys"),
        (written(good(id="1")), "another type"),
        (written(good(id=True)), "another type"),
        (written(good(arrays=[{}] * 65)), "another type"),
        (written(good(arrays=[3])), "not described"),
        (written(array(dtype="object"), b"abc"), "another type of numbers"),
        (written(array(dtype=["uint8"]), b"abc"), "another type of numbers"),
        (written(array(dtype="float64"), b"abc"), "another type of numbers"),
        (written(array(name=3), b"abc"), "no name"),
        (written(array(shape=[-3]), b"abc"), "no shape"),
        (written(array(shape=[True]), b"abc"), "no shape"),
        (written(array(shape=[1] * 5), b"abc"), "no shape"),
        (written(array(shape=[0, 2**62])), "no shape"),
        (written(array(shape=[2**24] * 4), b"abc"), "cut off"),
        (written(array(shape=[4]), b"abc"), "cut off"),
        (written(good(arrays=array()["arrays"] * 2), b"abcabc"), "twice"),
    ],
)
def test_what_is_no_message(content: Any, said: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        decode(content)
    assert said in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused(content: bytes) -> None:
    for candidate in (content, MAGIC + content, written(content)):
        try:
            decode(candidate)
        except RemoteProtocolError:
            continue


@given(st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_a_damaged_message_is_a_message_or_refused(place: int, patch: bytes) -> None:
    content = bytearray(encode(message()))
    place %= len(content)
    content[place : place + len(patch)] = patch
    try:
        decode(bytes(content))
    except RemoteProtocolError:
        return


def test_what_the_wire_cannot_carry() -> None:
    with pytest.raises(KeyError):
        encode(Message("act", arrays={"a": np.array([object()])}))
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(Message("act", body={"a": float("nan")}))
    with pytest.raises(ValueError, match="header has"):
        encode(Message("act", body={"a": "x" * HEADER_BYTES}))
