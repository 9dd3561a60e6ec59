"""Serves a task of Isaac Gym to a process with a newer Python, through a Unix socket and shared memory.

Isaac Gym needs Python 3.8 or older, so this file is written for 3.8 and needs nothing but numpy: copy it, or start it
where it lies, with the Python that has Isaac Gym:

    python3.8 bridge_server.py /tmp/isaac.sock --make my_tasks:make_task

`make_task()` gives an object with `num_envs`, `num_acts`, `reset()` and `step(actions)`, and its module imports
isaacgym before torch. The file /tmp/isaac.sock.token, which only you can read, holds what a client has to say first.

Messages are JSON behind their length; tensors lie in memory without a name (memfd), whose descriptor goes through the
socket: it never leaves this machine, and the kernel frees it with the last process that holds it, however that ends.
"""

from __future__ import annotations

import argparse
import array
import hmac
import importlib
import json
import mmap
import os
import secrets
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

VERSION = 1
"""Of the protocol."""
LONGEST = 1 << 16
"""Bytes of a message."""
LONGEST_PATH = 107
"""Bytes of the path of a Unix socket on Linux."""
HELLO_SECONDS = 10.0
"""For a client to say who it is."""
TYPES = ("float16", "float32", "float64", "uint8", "int32", "int64", "bool")
"""Number types of observations."""
ALIGNMENT = 64
"""Bytes: every array begins at a multiple."""
TOKEN_SUFFIX = ".token"  # noqa: S105
"""Of the file beside the socket."""


class ProtocolError(Exception):
    """The other side does not speak this protocol, or has gone."""


class TaskError(Exception):
    """The task that is served failed; the server ends with it."""


def send(connection: socket.socket, message: dict[str, Any], descriptor: int | None = None) -> None:
    """Send a message, and a file descriptor with it."""
    content = json.dumps(message).encode()
    framed = struct.pack("!I", len(content)) + content
    rights = []
    if descriptor is not None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
    sent = connection.sendmsg([framed], rights)
    if sent < len(framed):
        connection.sendall(framed[sent:])


def receive(connection: socket.socket, start: bytes = b"") -> dict[str, Any]:
    """The next message, of whose length `start` has come already.

    Raises:
        ProtocolError: the other side has gone, or this is no message.
    """
    (length,) = struct.unpack("!I", start + _exactly(connection, 4 - len(start)))
    if length > LONGEST:
        raise ProtocolError(f"a message of {length} bytes")
    try:
        message = json.loads(_exactly(connection, length).decode())
    except ValueError:
        raise ProtocolError("a message that is no JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("a message that is no object")
    return message


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = connection.recv(count - len(content))
        if not part:
            raise ProtocolError("the connection has ended")
        content += part
    return content


def plan(arrays: dict[str, tuple[str, tuple[int, ...]]]) -> tuple[dict[str, Any], int]:
    """Where arrays of these number types and shapes lie: type, shape and offset by name, and how many bytes in all."""
    layout, end = {}, 0
    for name, (kind, shape) in arrays.items():
        layout[name] = {"dtype": kind, "shape": list(shape), "offset": end}
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        end += -(-size // ALIGNMENT) * ALIGNMENT
    return layout, max(end, ALIGNMENT)


def views(memory: mmap.mmap, layout: dict[str, Any]) -> dict[str, Any]:
    """The arrays of a layout, as views of the memory."""
    found = {}
    for name, one in layout.items():
        count = int(np.prod(one["shape"]))
        found[name] = np.frombuffer(memory, one["dtype"], count, one["offset"]).reshape(one["shape"])
    return found


class Served:
    """A task whose tensors become numpy arrays; the task may hold them on any device."""

    def __init__(self, task: Any) -> None:
        self.task = task
        self.count = int(task.num_envs)
        self.actions = int(getattr(task, "num_acts", None) or task.num_actions)
        first = task.reset()
        self._torch = sys.modules.get("torch") if hasattr(_one_of(first), "detach") else None
        self.first = self._observations(first)

    def arrays(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Number types and shapes of all that is shared; observations are called `observation.NAME`."""
        count = (self.count,)
        shared = {"actions": ("float32", (self.count, self.actions)), "reward": ("float32", count)}
        shared.update(reset=("bool", count), time_outs=("bool", count), successes=("float32", count))
        for name, value in self.first.items():
            if str(value.dtype) not in TYPES or value.shape[:1] != count:
                raise SystemExit(
                    f"The observation `{name}` is {value.dtype} {list(value.shape)}: a row of numbers for each of the "
                    f"{self.count} environments is needed."
                )
            shared["observation." + name] = (str(value.dtype), value.shape)
        return shared

    def reset(self, shared: dict[str, Any]) -> list[str]:
        """Put what the task's reset gives into the shared arrays."""
        self._put(self._observations(self.task.reset()), shared)
        return []

    def step(self, shared: dict[str, Any]) -> list[str]:
        """One step; the names of the extras that the task gave."""
        actions: Any = shared["actions"].copy()
        if self._torch is not None:
            device = getattr(self.task, "rl_device", None) or getattr(self.task, "device", None) or "cpu"
            actions = self._torch.as_tensor(actions, device=device)
        result = self.task.step(actions)
        ends, extras = result[2:-1], dict(result[-1])
        over = _numpy(ends[0]).astype(bool)
        if len(ends) > 1:  # Isaac Lab tells the two kinds of end apart
            extras["time_outs"] = ends[1]
            over = over | _numpy(ends[1]).astype(bool)
        self._put(self._observations(result[0]), shared)
        shared["reward"][:] = _numpy(result[1])
        shared["reset"][:] = over
        given = [name for name in ("time_outs", "successes") if extras.get(name) is not None]
        for name in given:
            shared[name][:] = _numpy(extras[name])
        return given

    def _observations(self, given: Any) -> dict[str, Any]:
        given = given[0] if isinstance(given, tuple) else given
        found = dict(given) if isinstance(given, dict) else {"obs": given}
        if "states" not in found and hasattr(self.task, "get_state"):
            found["states"] = self.task.get_state()
        return {str(name): _numpy(value) for name, value in found.items()}

    def _put(self, observations: dict[str, Any], shared: dict[str, Any]) -> None:
        for name, value in observations.items():
            np.copyto(shared["observation." + name], value)


def _one_of(given: Any) -> Any:
    given = given[0] if isinstance(given, tuple) else given
    return next(iter(given.values())) if isinstance(given, dict) else given


def _numpy(value: Any) -> Any:
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def serve(task: Any, path: str) -> None:
    """Serve a task to one client after another, until this process is told to end.

    Args:
        task: of Isaac Gym, PixMC or Isaac Lab.
        path: of the socket; its token is written beside it.
    """
    served = Served(task)
    layout, size = plan(served.arrays())
    token = secrets.token_hex(32)
    listener = _listen(path, token)
    try:
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    _attend(connection, served, layout, size, token)
                except (ProtocolError, OSError) as error:
                    sys.stderr.write(f"bridge: a client has gone: {error}\n")
    finally:
        listener.close()
        for name in (path, path + TOKEN_SUFFIX):
            Path(name).unlink(missing_ok=True)


def _attend(connection: socket.socket, served: Served, layout: dict[str, Any], size: int, token: str) -> None:
    """Serve one client until it leaves."""
    connection.settimeout(HELLO_SECONDS)
    hello = receive(connection)
    if not hmac.compare_digest(str(hello.get("token")).encode(), token.encode()):
        send(connection, {"error": "the token is wrong"})
        return
    if hello.get("version") != VERSION:
        send(connection, {"error": f"the server speaks version {VERSION} of the protocol"})
        return
    connection.settimeout(None)
    descriptor = os.memfd_create("toto-bench-bridge", os.MFD_CLOEXEC)
    try:
        os.ftruncate(descriptor, size)
        memory = mmap.mmap(descriptor, size)
        about = {"num_envs": served.count, "num_actions": served.actions, "layout": layout}
        send(connection, about, descriptor)
    finally:
        os.close(descriptor)
    shared = views(memory, layout)
    calls = {"reset": served.reset, "step": served.step}
    while True:
        request = receive(connection).get("do")
        if request == "close":
            return
        if request not in calls:
            raise ProtocolError(f"it asked for {request!r}")
        try:
            extras = calls[request](shared)
        except Exception as error:
            send(connection, {"error": f"{type(error).__name__}: {str(error)[:2000]}"})
            raise TaskError("the task failed") from error
        send(connection, {"extras": extras})


def _listen(path: str, token: str) -> socket.socket:
    """A socket that only this user can reach; its token is there before it is."""
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise SystemExit(
            f"{path} is longer than the {LONGEST_PATH} bytes that the name of a socket may have."
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(path) == 0:
            raise SystemExit(f"A server is at {path} already: give another path.")
    if Path(path).is_socket():  # left by a server that was killed
        for name in (path, path + TOKEN_SUFFIX):
            Path(name).unlink(missing_ok=True)
    for name in (path, path + TOKEN_SUFFIX):
        if os.path.lexists(name):
            raise SystemExit(f"{name} is there already, and is no socket: remove it, or give another path.")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        Path(path + TOKEN_SUFFIX).write_text(token)
        listener.bind(path)
    finally:
        os.umask(before)
    listener.listen(1)
    return listener


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Serve a task of Isaac Gym through a Unix socket.")
    parser.add_argument("path", help="of the socket")
    parser.add_argument(
        "--make", required=True, metavar="MODULE:FUNCTION", help="makes the task, without arguments"
    )
    options = parser.parse_args()
    module, _, function = options.make.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serve(getattr(importlib.import_module(module), function or "make")(), options.path)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
