"""Records of a TFRecord file: length, checksum of the length, content, checksum of the content."""

import struct
from collections.abc import Iterator
from pathlib import Path

from toto_bench.media.sources import Source
from toto_bench.robots.demonstrations.errors import DemonstrationError
from toto_bench.robots.demonstrations.rlds.checksum import masked_crc

_HEAD, _FOOT = 12, 4


def records_of(path: Path) -> Iterator[Source]:
    """Where the content of each record lies; lengths are checked, contents are not looked at.

    Raises:
        DemonstrationError: the file is cut off, or no TFRecord file; after the records before that place.
    """
    size, place = path.stat().st_size, 0
    with path.open("rb") as stream:
        while place < size:
            stream.seek(place)
            head = stream.read(_HEAD)
            if len(head) < _HEAD:
                raise DemonstrationError(f"{path} is cut off at byte {place:,}.")
            length, checksum = struct.unpack("<QI", head)
            if masked_crc(head[:8]) != checksum:
                raise DemonstrationError(
                    f"{path} is damaged at byte {place:,}: the length of a record is not what it was."
                )
            if place + _HEAD + length + _FOOT > size:
                raise DemonstrationError(
                    f"{path} is cut off: its last record has {length:,} bytes, not all are there."
                )
            yield Source(path, place + _HEAD, length)
            place += _HEAD + length + _FOOT


def content_of(record: Source) -> bytes:
    """The content of a record.

    Raises:
        DemonstrationError: it is not what it was when it was written.
    """
    assert record.length is not None
    try:
        both = Source(record.path, record.offset, record.length + _FOOT).read()
    except OSError as error:
        raise DemonstrationError(f"{record.path} cannot be read: {error}.") from error
    content, foot = both[: record.length], both[record.length :]
    if len(foot) < _FOOT or masked_crc(content) != struct.unpack("<I", foot)[0]:
        raise DemonstrationError(
            f"{record.path} is damaged: the record at byte {record.offset:,} is not what it was."
        )
    return content
