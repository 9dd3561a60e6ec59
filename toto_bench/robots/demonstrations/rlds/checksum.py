"""CRC-32C, as TFRecord files have it of each record (RFC 3720 gives the polynomial), many bytes at a time."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_LANES = 1024
_MASK = 0xA282EAD8
Words = NDArray[np.uint32]


def masked_crc(content: bytes) -> int:
    """The checksum as TFRecord stores it: rotated by 15 bits, plus a constant."""
    found = crc32c(content)
    return (((found >> 15) | (found << 17 & 0xFFFFFFFF)) + _MASK) & 0xFFFFFFFF


def crc32c(content: bytes) -> int:
    """The checksum of some bytes.

    The bytes are cut into lanes of one length, whose registers go on together; each then passes as many zeros as bytes
    follow it, and they add up, because the register is linear in the bytes.
    """
    length = len(content) // _LANES
    register = 0xFFFFFFFF
    if length:
        lanes = np.frombuffer(content, np.uint8, _LANES * length).reshape(_LANES, length)
        registers = np.zeros(_LANES, np.uint32)
        registers[0] = register
        table = _table()
        for column in lanes.T:
            registers = table[(registers ^ column) & 255] ^ (registers >> 8)
        zeros = _zeros(length)
        register = 0
        for lane in registers.tolist():
            register = _through(zeros, register) ^ lane
    table_list = _table().tolist()
    for byte in content[_LANES * length :]:
        register = table_list[(register ^ byte) & 255] ^ (register >> 8)
    return register ^ 0xFFFFFFFF


@lru_cache(maxsize=1)
def _table() -> Words:
    """The register after one byte, for each of the 256."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


@lru_cache(maxsize=64)
def _zeros(length: int) -> list[int]:
    """What each of the 32 bits of a register becomes after so many bytes of zeros."""
    found = [1 << bit for bit in range(32)]
    table = _table().tolist()
    power = [table[word & 255] ^ (word >> 8) for word in found]  # of one byte
    while length:
        if length & 1:
            found = [_through(power, word) for word in found]
        power = [_through(power, word) for word in power]
        length >>= 1
    return found


def _through(images: list[int], word: int) -> int:
    """A register after a linear step that is given by what becomes of each bit."""
    found = 0
    while word:
        low = word & -word
        found ^= images[low.bit_length() - 1]
        word ^= low
    return found
