"""A file from the web to the disk, over as many connections as it takes."""

import shutil
import time
from contextlib import closing
from pathlib import Path

from toto_bench.backbones.download.check import check_file
from toto_bench.backbones.download.connection import Answer, ask, read_some
from toto_bench.backbones.download.errors import (
    MEGABYTE,
    BadAddress,
    DownloadError,
    Dropped,
    NoConnection,
    Refused,
    bad_address,
    given_up,
    megabytes,
    offline,
    refused,
    too_much,
)
from toto_bench.backbones.download.meter import Meter
from toto_bench.backbones.download.part import Part
from toto_bench.backbones.download.source import Source
from toto_bench.files import DiskError
from toto_bench.progress import Progress

ATTEMPTS = 5
"""Connections in a row that may end without a MB of progress."""
WAIT_SECONDS = 1.0
"""Before the second attempt; before the third twice that, and so on."""
_CHUNK = MEGABYTE
_AGAIN = "the file is fetched from its beginning"
_RANGE_NOT_SATISFIABLE = 416


def fetch_file(source: Source, target: Path, progress: Progress) -> None:
    """Fetch a file; it appears at `target` whole and checked, and until then grows at `TARGET.part`.

    Raises:
        DownloadError: no connection, the server refuses, or what came is wrong.
        DiskError: the disk is full.
    """
    part = Part(target, source.url)
    meter = Meter(progress, target.name)
    if part.size:
        progress.say(f"{megabytes(part.size)} of {target.name} are here from an earlier attempt.")
    try:
        _fill(part, source, meter)
    finally:
        meter.stop()
    try:
        checked = check_file(part.path, source, target)
    except DownloadError:
        part.discard()
        raise
    part.finish()
    progress.say(f"{target.name} is there: {checked}.")


def _fill(part: Part, source: Source, meter: Meter) -> None:
    """Let the part grow until it is the whole file."""
    furthest, failed, connected = part.size, 0, False
    while not part.complete:
        try:
            _attempt(part, source, meter)
        except NoConnection as drop:
            if not connected:
                raise offline(source.url, part.target, drop, part.size) from drop
            reason = str(drop)
        except Dropped as drop:
            connected, reason = True, str(drop)
        else:
            continue
        failed = 0 if part.size >= furthest + MEGABYTE else failed + 1
        furthest = max(furthest, part.size)
        if part.size and not part.validator:
            meter.say(f"The server names no version of the file: {_AGAIN}.")
            part.discard()
        if failed >= ATTEMPTS:
            raise given_up(source.url, part.target, reason, part.size)
        time.sleep(WAIT_SECONDS * failed)


def _attempt(part: Part, source: Source, meter: Meter) -> None:
    """One connection: to the end of the file, or until it drops."""
    try:
        answer = ask(source.url, part.size, part.validator)
    except Refused as error:
        if error.status == _RANGE_NOT_SATISFIABLE and part.size:
            part.discard()
            raise Dropped("the server has no such part of the file") from error
        raise refused(source.url, part.target, error, part.size) from error
    except BadAddress as error:
        raise bad_address(source.url, part.target, f"cannot be asked for ({error})") from error
    with closing(answer.body):
        _prepare(part, answer, meter)
        _expect_space(part, source)
        meter.begin(part.size, part.total)
        _append(part, answer, source, meter)


def _prepare(part: Part, answer: Answer, meter: Meter) -> None:
    """Go on where the part ends, or start over."""
    if answer.start == 0:
        if part.size:
            meter.say(f"The server does not go on with what is here: {_AGAIN}.")
        part.begin(answer.total, answer.validator)
    elif not _goes_on(part, answer):
        part.discard()
        raise Dropped("the server sent a part of another version of the file")
    elif part.total is None and answer.total is not None:
        part.learn(answer.total)


def _goes_on(part: Part, answer: Answer) -> bool:
    """Whether the answer is the rest of the part; a server may say the length in one answer and not in another."""
    if answer.start != part.size or answer.validator != part.validator:
        return False
    if answer.total is None:
        return True
    return answer.total == part.total if part.total is not None else answer.total >= part.size


def _append(part: Part, answer: Answer, source: Source, meter: Meter) -> None:
    with part.appending() as stream:
        size, total = part.size, part.total
        while content := read_some(answer, _CHUNK):
            size += len(content)
            if total is not None and size > total:
                part.discard()
                raise too_much(source.url, part.target, total)
            part.write(stream, content)
            meter.reached(size)
    if total is None:
        part.learn(size)
    elif size < total:
        raise Dropped(f"it ended after {size:,} of {total:,} bytes")


def _expect_space(part: Part, source: Source) -> None:
    """Refuse before the first byte what the disk cannot hold; where the server says no length, by the card's.

    Raises:
        DiskError: says how much is missing.
    """
    total = part.total if part.total is not None else int((source.megabytes or 0) * MEGABYTE)
    folder = part.target.parent
    missing, free = total - part.size, shutil.disk_usage(folder).free
    if missing > free:
        raise DiskError(
            f"{part.target} needs {megabytes(missing)}, and the disk of {folder} has {megabytes(free)} left. Free "
            "some space, or name a folder on another disk in TOTO_BENCH_HOME; then repeat the same command."
        )
