"""RLDS from bytes: checksums, protocol buffers, episodes, damage. The writer here follows the formats' descriptions."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.toto_bench.robots.demonstrations.conftest import number_in, pattern
from toto_bench.robots.demonstrations import (
    StateLayout,
    WrongDemonstrationsError,
    open_demonstrations,
)
from toto_bench.robots.demonstrations.rlds.checksum import crc32c, masked_crc
from toto_bench.robots.demonstrations.rlds.wire import parse_example


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def feature(values: Any, *, packed: bool = True) -> bytes:
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        flat = values.astype("<f4").ravel()
        inner = (
            field(1, flat.tobytes())
            if packed
            else b"".join(b"\x0d" + struct.pack("<f", each) for each in flat)
        )
        return field(2, inner)
    if isinstance(values, np.ndarray):
        numbers = [varint(int(each)) for each in values.ravel()]
        return field(
            3, field(1, b"".join(numbers)) if packed else b"".join(b"\x08" + each for each in numbers)
        )
    return field(1, b"".join(field(1, each) for each in values))


def example(features: dict[str, Any], *, packed: bool = True) -> bytes:
    entries = (
        field(1, name.encode()) + field(2, feature(values, packed=packed))
        for name, values in features.items()
    )
    return field(1, b"".join(field(1, entry) for entry in entries))


def record(content: bytes) -> bytes:
    head = struct.pack("<Q", len(content))
    return head + struct.pack("<I", masked_crc(head)) + content + struct.pack("<I", masked_crc(content))


def jpeg(number: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pattern(number)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def episode(seed: int, length: int) -> dict[str, Any]:
    count = np.arange(length)
    return {
        "steps/is_first": (count == 0).astype(np.int64),
        "steps/is_last": (count == length - 1).astype(np.int64),
        "steps/reward": (count == length - 1).astype(np.float32),
        "steps/action": (np.arange(7 * length, dtype=np.float32) / 100).reshape(length, 7),
        "steps/observation/joint_position": np.outer(count, np.ones(7)).astype(np.float32) / 50,
        "steps/observation/gripper_position": (count / length).astype(np.float32),
        "steps/observation/state": np.full((length, 8), seed, np.float32)
        + np.linspace(0, 0.7, 8, dtype=np.float32),
        "steps/observation/image_0": [jpeg(100 * seed + k) for k in range(length)],
        "steps/language_instruction": [b"put the pot in the sink"] * length,
        "episode_metadata/file_path": [b"/somewhere"],
    }


def write(folder: Path, *lengths: int, packed: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo-train.tfrecord-00000-of-00001"
    path.write_bytes(b"".join(record(example(episode(k, n), packed=packed)) for k, n in enumerate(lengths)))
    return path


def test_checksums_are_those_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(bytes([255] * 32)) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    content = np.random.default_rng(0).integers(0, 256, 10_007, dtype=np.uint8).tobytes()
    register = 0xFFFFFFFF
    for byte in content:  # the definition, bit by bit
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    assert crc32c(content) == register ^ 0xFFFFFFFF


@pytest.mark.parametrize("packed", [True, False])
def test_numbers_are_read_packed_or_not(packed: bool) -> None:
    given = {
        "f": np.array([1.5, -2.0], np.float32),
        "i": np.array([3, -1, 1 << 40]),
        "b": [b"x", b""],
        "none": [],
    }
    found = parse_example(example(given, packed=packed))
    assert found["f"].tolist() == [1.5, -2.0]
    assert found["i"].tolist() == [3, -1, 1 << 40]
    assert found["b"] == [b"x", b""]
    assert found["none"] == []


def test_lists_of_a_sequence_are_joined() -> None:
    steps = b"".join(field(1, feature(np.array([k, k + 0.5], np.float32))) for k in range(3))
    context = field(1, field(1, field(1, b"name") + field(2, feature([b"here"]))))
    found = parse_example(context + field(2, field(1, field(1, b"steps/x") + field(2, steps))))
    assert found["name"] == [b"here"]
    assert found["steps/x"].tolist() == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize("packed", [True, False])
def test_episodes_are_read(packed: bool, tmp_path: Path) -> None:
    write(tmp_path, 5, 8, packed=packed)
    found = open_demonstrations(tmp_path, fps=5)
    assert (found.source, found.problems, found.fps) == ("RLDS", {}, 5)
    assert found.cameras == {"image_0": (48, 64)}
    for seed, (each, length) in enumerate(zip(found, (5, 8), strict=True)):
        assert len(each) == length
        np.testing.assert_allclose(each.joints[:, 6], np.arange(length) / 50, atol=1e-7)
        np.testing.assert_allclose(each.gripper, np.arange(length) / length, atol=1e-6)
        assert each.actions.shape == (length, 7)
        assert each.extras["state"].shape == (length, 8)
        assert (each.task, each.success) == ("put the pot in the sink", True)
        assert [number_in(picture) for picture in each.cameras["image_0"][:]] == [
            100 * seed + k for k in range(length)
        ]


def test_a_state_can_be_joints_and_a_gripper(tmp_path: Path) -> None:
    found = open_demonstrations(write(tmp_path, 5), state=StateLayout(gripper=0, closed=1.0, opened=0.0))
    assert found[0].joints.shape == (5, 7)
    np.testing.assert_allclose(found[0].gripper, 1.0)
    assert "state" not in found.extras


def test_damaged_records_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, 5, 6, 7)
    content = bytearray(path.read_bytes())
    place = content.index(jpeg(103)) + 200
    content[place] ^= 255
    path.write_bytes(content)
    found = open_demonstrations(path)
    assert [len(each) for each in found] == [5, 7]
    assert "not what it was" in found.problems["demo-train-00001"]
    path.write_bytes(content[:-100])
    cut = open_demonstrations(path)
    assert [len(each) for each in cut] == [5]
    assert any("cut off" in text for text in cut.problems.values())
    content[3] ^= 1
    path.write_bytes(content)
    with pytest.raises(WrongDemonstrationsError, match="length of a record"):
        open_demonstrations(path)


def test_other_records_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, 5)
    path.write_bytes(path.read_bytes() + record(b"\xff\xff\xff") + record(example({"image": [b"x"]})))
    found = open_demonstrations(path)
    assert len(found) == 1
    first, second = found.problems.values()
    assert "no record of a TensorFlow data set" in first
    assert "no episode of RLDS" in second
