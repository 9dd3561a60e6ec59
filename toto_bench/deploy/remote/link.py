"""A connection on which every question has a number and a deadline, and which is given up at its first error."""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from numpy.typing import NDArray

from toto_bench.deploy.remote.errors import (
    RemoteError,
    RemoteFailureError,
    RemoteLostError,
    RemoteProtocolError,
    RemoteTimeoutError,
)
from toto_bench.deploy.remote.library import Connection, websockets
from toto_bench.deploy.remote.wire import Message, decode, encode


class RemoteTiming(NamedTuple):
    """What one answer took, s."""

    total: float
    """From the question to the answer, here."""
    compute: float
    """Of that, in the policy on the server."""

    @property
    def network(self) -> float:
        """Of that, on the way and in between."""
        return self.total - self.compute


class Link:
    """Asks one question at a time; nothing is asked twice, and no late answer is taken for a new one."""

    def __init__(self, connection: Connection, url: str) -> None:
        """Take an open connection over, after the greeting."""
        self._connection, self._url = connection, url
        self._closed: type[Exception] = websockets("exceptions").ConnectionClosed
        self._lock = threading.Lock()
        self._number = 0
        self._broken: str | None = None
        # A send blocks as long as the server does not read: the thread that has the deadline only waits.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="remote policy")

    def ask(
        self, kind: str, arrays: Mapping[str, NDArray[Any]], deadline: float
    ) -> tuple[Message, RemoteTiming]:
        """The answer to a question.

        Raises:
            RemoteTimeoutError: none came before the deadline.
            RemoteLostError: the connection ended, or was given up before.
            RemoteProtocolError: what came is no answer to this question.
            RemoteFailureError: the policy failed on the server; the connection goes on.
        """
        with self._lock:
            if self._broken is not None:
                raise RemoteLostError(f"The policy at {self._url} is not asked any more: {self._broken}")
            self._number += 1
            started = time.perf_counter()
            answer = self._answer(encode(Message(kind, self._number, arrays=arrays)), deadline)
            total, compute = time.perf_counter() - started, answer.body.get("compute_s")
            return answer, RemoteTiming(total, compute if isinstance(compute, float) else math.nan)

    def give_up(self, error: RemoteError) -> RemoteError:
        """Refuse all further questions, and free whoever waits for the socket; gives the error back to be raised."""
        self._broken = str(error)
        with contextlib.suppress(OSError):
            self._connection.socket.shutdown(socket.SHUT_RDWR)
        self._pool.shutdown(wait=False, cancel_futures=True)
        return error

    def close(self) -> None:
        """Say goodbye and let go; may be called twice."""
        if self._broken is None:
            self._connection.close()
            self.give_up(RemoteLostError("the connection was closed here."))

    def _answer(self, question: bytes, deadline: float) -> Message:
        try:
            answer = decode(self._pool.submit(self._exchange, question).result(deadline))
            self._expect_ours(answer)
        except TimeoutError as error:
            text = f"The policy at {self._url} has not answered within {deadline:g} s."
            raise self.give_up(RemoteTimeoutError(text)) from error
        except self._closed as error:
            text = f"The connection to the policy at {self._url} ended: {error}."
            raise self.give_up(RemoteLostError(text)) from error
        except RemoteProtocolError as error:
            raise self.give_up(error) from error
        return answer

    def _exchange(self, question: bytes) -> Any:
        with contextlib.suppress(
            self._closed
        ):  # the server may have said why, before it ended the connection
            self._connection.send(question)
        return self._connection.recv()

    def _expect_ours(self, answer: Message) -> None:
        """Refuse an answer to another question, and one that is an error."""
        text = str(answer.body.get("message", ""))
        if answer.kind == "error" and answer.body.get("code") != "failed":
            raise RemoteProtocolError(f"The policy server refused: {text}")
        if answer.id != self._number:
            raise RemoteProtocolError(f"An answer to question {answer.id} came to question {self._number}.")
        if answer.kind == "error":
            raise RemoteFailureError(f"The policy failed on the server: {text}")
