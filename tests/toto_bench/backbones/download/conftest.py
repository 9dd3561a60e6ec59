"""A web server on this machine that can be told to misbehave."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from toto_bench.backbones.download import transfer
from toto_bench.cards import Weights

CONTENT = hashlib.shake_128(b"weights").digest(3_500_000)


@dataclass
class Server:
    """What it serves, and how it misbehaves."""

    url: str = ""
    content: bytes = CONTENT
    etag: str | None = '"one"'
    """What it calls this version; None: nothing."""
    status: int = 200
    length: int | None = None
    """What it says the length is, instead of the truth."""
    chunked: bool = False
    """Whether it sends the whole file in chunks, without its length."""
    range_total: str | None = None
    """What it says the length is where it sends a part, instead of the truth; `*`: not said."""
    ranges: bool = True
    """Whether it knows ranges."""
    hang_up: list[int] = field(default_factory=list)
    """Bytes after which it drops the first connections, one after the other; -1: before any answer."""
    redirect: str | None = None
    gate: threading.Event | None = None
    """It waits for this in the middle of the body."""
    linger: threading.Event | None = None
    """It waits for this after the body, instead of closing the connection."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Headers of every request."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf: Server

    def do_GET(self) -> None:
        shelf = self.shelf
        shelf.asked.append(dict(self.headers.items()))
        limit = shelf.hang_up.pop(0) if shelf.hang_up else len(shelf.content)
        if limit < 0:
            return
        if shelf.redirect:
            self.send_response(302)
            self.send_header("Location", shelf.redirect)
            self.end_headers()
            return
        if shelf.status != 200:
            self.send_error(shelf.status)
            return
        start = self._start()
        if start and start >= len(shelf.content):
            self.send_error(416)
            return
        body = shelf.content[start:]
        self.send_response(206 if start else 200)
        total = len(shelf.content) if shelf.length is None else shelf.length
        if start:
            whole = total if shelf.range_total is None else shelf.range_total
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{whole}")
        chunked = shelf.chunked and not start
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif total >= 0:
            self.send_header("Content-Length", str(total - start))
        if shelf.etag:
            self.send_header("ETag", shelf.etag)
        self.end_headers()
        if chunked:
            self._send_chunks(body[:limit], whole=limit >= len(body))
            return
        half = len(body) // 2
        self.wfile.write(body[: min(half, limit)])
        self.wfile.flush()
        if shelf.gate:
            shelf.gate.wait()
        self.wfile.write(body[half:limit])
        self.wfile.flush()
        if shelf.linger:
            shelf.linger.wait()

    def _send_chunks(self, body: bytes, *, whole: bool) -> None:
        for start in range(0, len(body), 100_000):
            chunk = body[start : start + 100_000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if whole:
            self.wfile.write(b"0\r\n\r\n")

    def _start(self) -> int:
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range") == self.shelf.etag
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked and same and self.shelf.ranges else 0

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def finish(self) -> None:
        """A client that went away is no error of the server."""
        with suppress(OSError):
            super().finish()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serves CONTENT well, until told otherwise; nobody waits between attempts."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer, "WAIT_SECONDS", 0)
    shelf = Server()

    class Own(Handler):
        pass

    Own.shelf = shelf
    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as web:
        web.handle_error = lambda *_: None  # type: ignore[method-assign]  a client that went away
        shelf.url = f"http://127.0.0.1:{web.server_port}/folder/eye.pth"
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield shelf
        for event in (shelf.gate, shelf.linger):
            if event:
                event.set()
        web.shutdown()
        thread.join()


@pytest.fixture
def weights(server: Server) -> Weights:
    """As a card has them."""
    return Weights(url=server.url, licence="CC-BY-NC 4.0", megabytes=3.5)


@pytest.fixture
def target(home: Path) -> Path:
    """Where the file goes."""
    return home / "weights" / "eye.pth"


class Told:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stages: list[tuple[str, int]] = []
        self.steps = 0
        self.open = 0

    def start(self, title: str, total: int) -> None:
        self.stages.append((title, total))
        self.open += 1

    def advance(self, steps: int = 1) -> None:
        self.steps += steps

    def stop(self) -> None:
        self.open -= 1

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def told() -> Told:
    return Told()
