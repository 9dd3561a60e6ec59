"""Connections that drop, servers that lie, disks that are full: the file is whole and right, or not there."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from toto_bench.backbones.download import DownloadError, connection, fetch_weights, transfer
from toto_bench.backbones.download.errors import NoConnection
from toto_bench.backbones.download.part import Part
from toto_bench.cards import Weights
from toto_bench.files import DiskError
from toto_bench.progress import Silent

FETCH = """
import sys
from toto_bench.backbones.download import fetch_weights
from toto_bench.cards import Weights
from toto_bench.progress import Silent
fetch_weights("eye", Weights(url=sys.argv[1], licence="x"), Silent())
"""


def fetch(weights: Weights, progress=None) -> None:
    fetch_weights("eye", weights, progress or Silent())


def left_over(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never became true")


def test_a_file_arrives_whole(server, weights, target, told):
    """Under the card's name, with its progress in MB; nothing else stays but the lock."""
    fetch(weights, told)
    assert target.read_bytes() == server.content
    assert left_over(target) == [".eye.pth.lock", "eye.pth"]
    assert told.stages == [("eye.pth, MB", 3)]
    assert (told.steps, told.open) == (3, 0)


def test_a_file_that_is_there_is_not_fetched(server, weights, target):
    """It is what another process has fetched meanwhile."""
    target.parent.mkdir()
    target.write_bytes(b"mine")
    fetch(weights)
    assert target.read_bytes() == b"mine"
    assert server.asked == []


def test_a_dropped_connection_goes_on_where_it_was(server, weights, target, told):
    """With a range, and only for the same version; nothing is counted twice."""
    server.hang_up = [1_200_000, 1_500_000]
    fetch(weights, told)
    assert target.read_bytes() == server.content
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=1200000-", "bytes=2700000-"]
    assert {asked.get("If-Range") for asked in server.asked} == {None, '"one"'}
    assert told.steps == 3
    assert len(told.stages) == 1


def test_a_connection_that_brings_nothing_is_given_up(server, weights, target):
    """After a few; nothing is here that the same command could go on from."""
    server.hang_up = [-1] * 20
    with pytest.raises(
        DownloadError,
        match=r"drops again and again .*Nothing was kept\. Repeat the command later; or download",
    ):
        fetch(weights)
    assert len(server.asked) == transfer.ATTEMPTS
    assert not target.exists()


def test_what_came_of_a_failed_command_is_gone_on_from(server, weights, target, told):
    """The next command fetches only the rest."""
    server.hang_up = [1_600_000, *[0] * transfer.ATTEMPTS]
    with pytest.raises(DownloadError, match=r"1\.6 MB are here and kept\. The same command goes on where"):
        fetch(weights)
    assert not target.exists()
    fetch(weights, told)
    assert server.asked[-1]["Range"] == "bytes=1600000-"
    assert target.read_bytes() == server.content
    assert any("1.6 MB of eye.pth are here from an earlier attempt" in line for line in told.lines)
    assert told.steps == 3


def test_a_few_bytes_at_a_time_are_not_progress(server, weights, target):
    """Else a server that drops after every byte would be asked millions of times."""
    server.hang_up = [10] * 50
    with pytest.raises(DownloadError):
        fetch(weights)
    assert len(server.asked) == transfer.ATTEMPTS
    assert part_of(target).stat().st_size == 10 * transfer.ATTEMPTS


def test_a_process_killed_in_the_middle_breaks_nothing(server, weights, target):
    """`kill -9`; the next one goes on from what it had."""
    server.gate = threading.Event()
    with subprocess.Popen([sys.executable, "-c", FETCH, server.url]) as process:
        wait_until(lambda: part_of(target).is_file() and part_of(target).stat().st_size == 1_750_000)
        process.send_signal(signal.SIGKILL)
    assert not target.exists()
    server.gate.set()
    fetch(weights)
    assert server.asked[-1]["Range"] == "bytes=1750000-"
    assert target.read_bytes() == server.content


def test_ctrl_c_in_the_middle_breaks_nothing(server, weights, target, told, monkeypatch):
    """The bar is closed, what came is kept."""
    write = Part.write

    def interrupted(self: Part, stream, content: bytes) -> None:
        write(self, stream, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Part, "write", interrupted)
        fetch(weights, told)
    assert told.open == 0
    assert not target.exists()
    came = part_of(target).stat().st_size
    assert came > 0
    fetch(weights)
    assert server.asked[-1]["Range"] == f"bytes={came}-"
    assert target.read_bytes() == server.content


def test_killed_between_the_last_byte_and_the_name(server, weights, target, monkeypatch):
    """All is here: nothing is asked again, but it is checked."""
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(transfer, "check_file", lambda *_: signal.raise_signal(signal.SIGINT))
        fetch(weights)
    assert not target.exists()
    fetch(weights)
    assert len(server.asked) == 1
    assert target.read_bytes() == server.content


def test_a_file_that_changed_is_fetched_from_its_beginning(server, weights, target, told):
    """The parts of two versions are never put together."""
    second = bytes(reversed(server.content))
    with pytest.raises(DownloadError), pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer, "ATTEMPTS", 1)
        server.hang_up = [600_000]
        fetch(weights)
    server.content, server.etag = second, '"two"'
    fetch(weights, told)
    assert target.read_bytes() == second
    assert any("from its beginning" in line for line in told.lines)


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_name_of_the_version_nothing_is_put_together(server, weights, target, etag):
    """A weak ETag promises no equal bytes."""
    server.etag, server.hang_up = etag, [1_000_000]
    fetch(weights)
    assert [asked.get("Range") for asked in server.asked] == [None, None]
    assert target.read_bytes() == server.content


@pytest.mark.parametrize("range_total", [None, "*"])
def test_a_length_that_only_some_answers_say_is_no_other_version(server, weights, target, range_total):
    """Some servers send the whole file in chunks, without its length, and a part of it with the length."""
    server.chunked, server.range_total, server.hang_up = True, range_total, [1_200_000]
    fetch(weights)
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=1200000-"]
    assert target.read_bytes() == server.content


def test_a_length_that_was_said_holds_where_a_part_says_none(server, weights, target):
    """Else a second drop would pass for the end of the file."""
    server.range_total, server.hang_up = "*", [1_200_000, 1_500_000]
    fetch(weights)
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=1200000-", "bytes=2700000-"]
    assert target.read_bytes() == server.content


def test_a_length_that_a_part_says_holds_from_then_on(server, weights, target):
    """A drop after it is no end of the file."""
    server.chunked, server.hang_up = True, [1_200_000, 1_500_000]
    fetch(weights)
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=1200000-", "bytes=2700000-"]
    assert target.read_bytes() == server.content


@pytest.mark.parametrize("chunked", [True, False])
def test_a_part_of_a_file_of_another_length_is_another_version(server, weights, target, told, chunked):
    """Whether the length was said before or what is here is more than it: nothing is put together."""
    server.chunked, server.range_total, server.hang_up = chunked, "1000", [1_200_000, 3_500_000]
    fetch(weights, told)
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=1200000-", None]
    assert target.read_bytes() == server.content


def test_what_cannot_be_gone_on_from_is_not_kept(server, weights, target, told):
    """The server names no version: the next command starts over, and the error does not promise otherwise."""
    server.etag, server.hang_up = None, [2_000_000] * 50
    with pytest.raises(DownloadError, match=r"again and again .*Nothing was kept\. Repeat the command later"):
        fetch(weights, told)
    assert left_over(target) == [".eye.pth.lock"]
    assert any("names no version of the file: the file is fetched from its" in line for line in told.lines)


def test_a_part_of_no_version_from_a_killed_command_is_not_kept(server, weights, target, told):
    """Nothing can go on from it, and nobody is told that it is there."""
    target.parent.mkdir()
    Part(target, server.url).begin(3_500_000, None)
    part_of(target).write_bytes(b"\0" * 1_500_000)
    fetch(weights, told)
    assert target.read_bytes() == server.content
    assert not any("earlier attempt" in line for line in told.lines)


def test_a_server_without_ranges_starts_over(server, weights, target):
    """It sends all again, which must not be put behind what is here."""
    server.ranges, server.hang_up = False, [1_000_000]
    fetch(weights)
    assert server.asked[1]["Range"] == "bytes=1000000-"
    assert target.read_bytes() == server.content


def test_a_server_that_drops_at_the_same_place_is_given_up(server, weights, target):
    """Without ranges there is no progress in coming to the same place again."""
    server.ranges, server.hang_up = False, [2_000_000] * 50
    with pytest.raises(DownloadError, match="drops again and again"):
        fetch(weights)
    assert len(server.asked) == transfer.ATTEMPTS + 1


def test_another_address_starts_over(server, weights, target):
    """What came of another address is no part of this file."""
    target.parent.mkdir()
    part = Part(target, "https://example.org/other")
    part.begin(3_500_000, '"one"')
    part_of(target).write_bytes(b"\0" * 100)
    fetch(weights)
    assert target.read_bytes() == server.content


def test_fewer_bytes_than_announced_are_an_error(server, weights, target):
    """However often it is asked."""
    server.length = 4_000_000
    with pytest.raises(DownloadError, match=r"drops again and again"):
        fetch(weights)
    assert not target.exists()


def test_more_bytes_than_announced_are_an_error(server, weights, target):
    """And what came is not kept."""
    server.length = 3_000_000
    with pytest.raises(DownloadError, match=r"sent more than the 3,000,000 bytes"):
        fetch(weights)
    assert left_over(target) == [".eye.pth.lock"]


def test_a_server_that_does_not_hang_up(server, weights, target, monkeypatch):
    """All has come, so the silence after it is the end and no failure."""
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 0.2)
    server.linger = threading.Event()
    fetch(weights)
    assert len(server.asked) == 1
    assert target.read_bytes() == server.content


def test_a_server_that_falls_silent_is_asked_again(server, weights, target, monkeypatch):
    """In the middle, for longer than the time limit."""
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 0.2)
    server.gate = threading.Event()
    silent = Part.write

    def speak(self: Part, stream, content: bytes) -> None:
        silent(self, stream, content)
        if len(server.asked) > 1:
            server.gate.set()

    monkeypatch.setattr(Part, "write", speak)
    fetch(weights)
    assert server.asked[1]["Range"] == "bytes=1750000-"
    assert target.read_bytes() == server.content


def test_a_length_that_is_not_said(server, weights, target):
    """The end of the connection is the end of the file."""
    server.length = -1
    fetch(weights)
    assert target.read_bytes() == server.content


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "log-in"), (403, "consent"), (404, "no such file"), (503, "cannot answer now")],
)
def test_a_refusal_names_the_address_and_the_way_by_hand(server, weights, target, status, words):
    """One paragraph."""
    server.status = status
    with pytest.raises(DownloadError) as caught:
        fetch(weights)
    message = str(caught.value)
    for part in (str(status), words, server.url, "in a browser", "`--checkpoint FILE`", str(target)):
        assert part in message
    assert "\n" not in message
    assert len(server.asked) == 1


def test_a_redirect_is_followed(server, weights, target):
    """To another address of the web."""
    others = server.url.replace("folder", "elsewhere")
    server.redirect = others

    class Once(list):
        def append(self, asked):
            super().append(asked)
            server.redirect = None if len(self) > 1 else others

    server.asked = Once()
    fetch(weights)
    assert len(server.asked) == 2
    assert target.read_bytes() == server.content


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/eye.pth"])
def test_a_redirect_off_the_web_is_not_followed(server, weights, target, address):
    """A server must not make us read this machine's files."""
    server.redirect = address
    with pytest.raises(DownloadError, match=r"eye\.pth"):
        fetch(weights)
    assert not target.exists()


def test_a_redirect_to_itself_is_one_line(server, weights):
    """Of what urllib says of it, the first."""
    server.redirect = server.url
    with pytest.raises(
        DownloadError, match=r"answers 302 .*infinite loop: its redirects lead nowhere\."
    ) as caught:
        fetch(weights)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:port/eye.pth", "http://\u00fc..example.org/eye.pth"])
def test_a_redirect_to_no_address_is_said_at_once(server, weights, address):
    """To ask again would bring the same."""
    server.redirect = address
    with pytest.raises(DownloadError, match=r"eye\.pth` cannot be asked for \(.*Mend the card, or download"):
        fetch(weights)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(-3, "Temporary failure in name resolution"), ConnectionRefusedError(111, "refused")],
    ids=["no name", "closed port"],
)
def test_offline_is_said_at_once(weights, target, monkeypatch, error):
    """Nobody waits for a network that is not there."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waited"))
    with pytest.raises(DownloadError, match=r"no connection to .*Nothing was kept.*--checkpoint FILE"):
        fetch(weights)
    assert not target.exists()


def test_offline_in_the_middle_keeps_what_came(server, weights, target, monkeypatch):
    """The network may come back: it is tried again for a while."""
    server.hang_up = [2_000_000]
    ask, asked = transfer.ask, []

    def fail_later(*arguments):
        asked.append(arguments)
        if len(asked) > 1:
            raise NoConnection("unreachable")
        return ask(*arguments)

    monkeypatch.setattr(transfer, "ask", fail_later)
    with pytest.raises(DownloadError, match=r"unreachable.*2\.0 MB are here and kept"):
        fetch(weights)
    assert len(asked) == transfer.ATTEMPTS + 1


def test_a_server_that_cannot_be_trusted_is_no_connection(server, weights):
    """It speaks no TLS."""
    with pytest.raises(DownloadError, match=r"no connection to .*SSL"):
        fetch(weights.model_copy(update={"url": server.url.replace("http:", "https:")}))


def test_a_disk_without_space_is_said_before_the_first_byte(server, weights, target, monkeypatch):
    """With what is needed and what there is."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2_000_000))
    with pytest.raises(DiskError, match=r"needs 3\.5 MB, .*has 2\.0 MB left.*TOTO_BENCH_HOME"):
        fetch(weights)
    assert not part_of(target).exists()


def test_only_what_is_missing_has_to_fit(server, weights, target, monkeypatch):
    """After a first part, the rest."""
    server.hang_up = [2_000_000, *[0] * transfer.ATTEMPTS]
    with pytest.raises(DownloadError):
        fetch(weights)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_600_000))
    fetch(weights)
    assert target.read_bytes() == server.content


def test_a_disk_that_fills_up_keeps_what_came(server, weights, target, monkeypatch):
    """One paragraph; with space again, the same command goes on."""
    room = 1_000_000

    class Small:
        def __init__(self, stream):
            self.stream = stream

        def write(self, content):
            left = room - self.stream.tell()
            if left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.stream.write(content[:left])

    write = Part.write
    with (
        monkeypatch.context() as patch,
        pytest.raises(DiskError, match=r"No space left on device.*same command"),
    ):
        patch.setattr(Part, "write", lambda self, stream, content: write(self, Small(stream), content))
        fetch(weights)
    assert part_of(target).read_bytes() == server.content[:room]
    assert not target.exists()
    fetch(weights)
    assert server.asked[-1]["Range"] == "bytes=1000000-"
    assert target.read_bytes() == server.content


def test_a_folder_that_cannot_be_made_is_an_error_of_the_disk(weights, home):
    """A file lies in its place."""
    (home / "weights").write_text("")
    with pytest.raises(DiskError, match="could not be written"):
        fetch(weights)
