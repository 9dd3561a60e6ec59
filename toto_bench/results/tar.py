"""Reading a tar stream that a stranger may have made: forwards only, and never much of it at once.

The module `tarfile` reads headers for long names whole, however large, one inside the other, and the lists of holes in
sparse files too: what a small archive costs has no bound there. Here a file has one such header at most, a small one.
"""

import tarfile
from collections.abc import Iterator
from io import BufferedIOBase
from tarfile import TarInfo

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 20
_LARGEST_HEADER = 1 << 16
"""Bytes; the longest paths of Linux have 4096."""
_LONGEST_NUMBER = 19
"""Digits of a size."""


def members(stream: BufferedIOBase) -> Iterator[tuple[TarInfo, Iterator[bytes]]]:
    """Every member with its content in pieces of 1 MB at most; what is not read of it is passed over.

    Raises:
        tarfile.TarError: it is no tar stream, damaged, or has a header that is too large.
        EOFError: it is cut off.
    """
    while (info := _next(stream)) is not None:
        content = _content(stream, info.size if is_plain(info) else 0)
        yield info, content
        for _ in content:
            pass


def is_plain(info: TarInfo) -> bool:
    """Whether a member is a regular file; a sparse one is not."""
    return info.type in (tarfile.REGTYPE, tarfile.AREGTYPE)


def _next(stream: BufferedIOBase) -> TarInfo | None:
    info = _header(stream)
    if info is None or info.type != tarfile.XHDTYPE:
        return info
    if info.size > _LARGEST_HEADER:
        raise tarfile.ReadError(f"a header of {info.size} bytes, the largest allowed has {_LARGEST_HEADER}")
    records = _records(b"".join(_content(stream, info.size)))
    described = _header(stream)
    if described is None or described.type == tarfile.XHDTYPE:
        raise tarfile.ReadError("a header that describes no file")
    if "path" in records:
        described.name = records["path"]
    if "size" in records:
        described.size = _number(records["size"])
    return described


def _header(stream: BufferedIOBase) -> TarInfo | None:
    """One block; None: the end."""
    block = _exactly(stream, _BLOCK)
    if not any(block):
        return None
    info = TarInfo.frombuf(block, "utf-8", "replace")
    if info.size < 0:
        raise tarfile.ReadError("a file with less than no bytes")
    return info


def _content(stream: BufferedIOBase, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = _exactly(stream, min(left, _CHUNK))
        left -= len(piece)
        yield piece
    _exactly(stream, -size % _BLOCK)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError("the end is missing")
    return content


def _records(content: bytes) -> dict[str, str]:
    """`LENGTH KEYWORD=VALUE` and a line feed, again and again; LENGTH counts all of that."""
    found = {}
    while content:
        length = content.partition(b" ")[0]
        record = content[: _number(length.decode("ascii", "replace"))]
        keyword, equals, value = record[len(length) + 1 :].partition(b"=")
        if not equals or not value.endswith(b"\n"):
            raise tarfile.ReadError("a header that cannot be read")
        found[keyword.decode("utf-8", "replace")] = value[:-1].decode("utf-8", "replace")
        content = content[len(record) :]
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise tarfile.ReadError("a header with something else for a number")
    return int(text)
