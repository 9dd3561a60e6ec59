"""The client's end of a bridge: the connection, the shared memory, and how it ends."""

import contextlib
import math
import mmap
import os
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import TotoBenchError
from toto_bench.robots.isaac.bridge_server import (
    LONGEST_PATH,
    TOKEN_SUFFIX,
    TYPES,
    VERSION,
    ProtocolError,
    receive,
    send,
    views,
)

_NEEDED = ("actions", "reward", "reset", "time_outs", "successes")
_WAY_OUT = "See the terminal of `bridge_server.py` for the reason, start it again, and connect anew."


class BridgeError(TotoBenchError):
    """The server of the task cannot be reached, has gone, does not answer, or is another one."""


class Link:
    """A connection that greeted its server. After an error it stays closed, and every call says so."""

    arrays: dict[str, NDArray[Any]]
    """Views of the shared memory, by name; they change with every answer."""

    def __init__(self, path: Path, token: str | None, timeout: float) -> None:
        """Connect as soon as there is a server.

        Args:
            path: of the socket.
            token: that the server wrote; read from the file beside the socket if None.
            timeout: seconds for the server to come up, and later for every answer.

        Raises:
            BridgeError: there is no server, it refuses, or it speaks another protocol.
        """
        self._path, self._timeout = path, timeout
        self._dead: str | None = None
        self.arrays = {}
        self._socket = self._connected()
        self._send({"version": VERSION, "token": self._token() if token is None else token})
        about, memory = self._answer(with_memory=True)
        try:
            self.num_envs, self.num_actions = int(about["num_envs"]), int(about["num_actions"])
            self.arrays = views(_checked(memory, about["layout"]), about["layout"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self.end(f"what answers there is no bridge server of this version ({error})") from error

    def ask(self, what: str) -> list[str]:
        """Have the server do something; the names of the extras that its task gave.

        Raises:
            BridgeError: the server has gone, does not answer in time, or its task failed.
        """
        self._send({"do": what})
        return list(self._answer()[0]["extras"])

    def close(self) -> None:
        """Leave; a second time does nothing."""
        if self._dead is None:
            with contextlib.suppress(OSError):  # it may have gone before us
                send(self._socket, {"do": "close"})
            self.end("it was closed")

    def end(self, reason: str) -> BridgeError:
        """Close, and give the error that every later call raises too."""
        self._dead = f"The bridge to the task at {self._path} has ended: {reason}. {_WAY_OUT}"
        self._socket.close()
        self.arrays = {}
        return BridgeError(self._dead)

    def _connected(self) -> socket.socket:
        deadline = time.monotonic() + self._timeout
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._timeout)
            try:
                connection.connect(str(self._path))
            except OSError as error:
                connection.close()
                too_long = len(os.fsencode(self._path)) > LONGEST_PATH
                if too_long or time.monotonic() > deadline:
                    raise BridgeError(
                        f"No server of a task answers at {self._path} ({error.strerror or error}). Start "
                        "`bridge_server.py` with the Python that has Isaac Gym, or give more time (`timeout`)."
                    ) from error
                time.sleep(0.05)
            else:
                return connection

    def _token(self) -> str:
        path = Path(f"{self._path}{TOKEN_SUFFIX}")
        try:
            return path.read_text()
        except OSError as error:
            raise self.end(f"its token cannot be read from {path} ({error.strerror})") from error

    def _send(self, message: dict[str, Any]) -> None:
        if self._dead is not None:
            raise BridgeError(self._dead)
        try:
            send(self._socket, message)
        except OSError as error:
            raise self._silent(error) from error

    def _answer(self, *, with_memory: bool = False) -> tuple[dict[str, Any], mmap.mmap | None]:
        start, descriptors = b"", list[int]()
        try:
            if with_memory:
                start, descriptors, _, _ = socket.recv_fds(self._socket, 4, 1)
            answer = receive(self._socket, start)
            memory = mmap.mmap(descriptors[0], 0) if descriptors else None
        except (OSError, ProtocolError) as error:
            raise self._silent(error) from error
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        if "error" in answer:
            raise self.end(f"it said `{answer['error']}`")
        return answer, memory

    def _silent(self, error: Exception) -> BridgeError:
        if isinstance(error, TimeoutError):
            return self.end(f"it did not answer within {self._timeout:g} seconds")
        return self.end(f"it has gone ({error})")


def _checked(memory: mmap.mmap | None, layout: dict[str, Any]) -> mmap.mmap:
    """The memory, if it holds what the server says of it.

    Raises:
        ValueError: it does not.
    """
    if memory is None:
        raise ValueError("no memory came")
    if missing := set(_NEEDED) - set(layout):
        raise ValueError(f"no array `{min(missing)}`")
    for name, one in layout.items():
        if one["dtype"] not in TYPES:
            raise ValueError(f"`{name}` is {one['dtype']}")
        end = one["offset"] + math.prod(one["shape"]) * np.dtype(one["dtype"]).itemsize
        if min(one["offset"], *one["shape"]) < 0 or end > len(memory):
            raise ValueError(f"`{name}` reaches beyond the memory")
    return memory
