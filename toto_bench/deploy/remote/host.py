"""The conversation of a policy server with one client after another."""

import logging
import threading
import time
from typing import Any

from toto_bench._version import __version__
from toto_bench.deploy.remote.errors import RemoteProtocolError
from toto_bench.deploy.remote.identity import Acting, identity_of, spec_digest
from toto_bench.deploy.remote.library import Connection
from toto_bench.deploy.remote.questions import ANSWERS
from toto_bench.deploy.remote.wire import VERSION, Message, decode, encode
from toto_bench.errors import TotoBenchError

GREETING = 5.0
"""s that a client has to say who it is."""
TURN = 2.0
"""s that a client waits for the one before it, whose end may not have been noticed yet."""
LONGEST = 2000
"""Characters of a message about an error."""
_LOG = logging.getLogger(__name__)


class Host:
    """Lets one client in at a time, and answers its questions in their order."""

    def __init__(self, policy: Acting) -> None:
        self._policy, self._identity = policy, identity_of(policy)
        self._slot = threading.Lock()

    def receive(self, connection: Connection) -> None:
        """Talk with a client until it goes.

        Raises:
            RemoteProtocolError: it says what the protocol does not know.
        """
        hello = decode(connection.recv(timeout=GREETING))
        if hello.kind != "hello" or hello.body.get("protocol") != VERSION:
            text = (
                f"The server speaks version {VERSION} of the protocol (toto-bench {__version__}), the client "
                f"{hello.body.get('protocol')!s:.20}: install the same toto-bench on both."
            )
            connection.send(failure(0, "version", text))
            return
        if not self._slot.acquire(timeout=TURN):
            busy = "The policy server has another client, and serves one robot at a time: end the other one."
            connection.send(failure(0, "busy", busy))
            return
        try:
            _LOG.info("Client %s has come.", connection.remote_address)
            connection.send(encode(Message("welcome", 0, self._welcome())))
            for content in connection:
                connection.send(self._answer(decode(content)))
        finally:
            self._slot.release()

    def _welcome(self) -> dict[str, Any]:
        spec = self._policy.spec
        return {
            "protocol": VERSION,
            "version": __version__,
            "spec": spec.model_dump(mode="json"),
            "spec_digest": spec_digest(spec),
            "identity": self._identity,
        }

    def _answer(self, question: Message) -> bytes:
        if question.kind not in ANSWERS:
            raise RemoteProtocolError(f"There is no question of the kind `{question.kind:.20}`.")
        started = time.perf_counter()
        try:
            answer = ANSWERS[question.kind](self._policy, question)
            took = {"compute_s": time.perf_counter() - started}
            return encode(Message(answer.kind, answer.id, took, answer.arrays))
        except TotoBenchError as error:
            return failure(question.id, "failed", str(error))
        except Exception as error:  # noqa: BLE001  whatever a policy raises, the robot has to be told
            _LOG.exception("The policy failed.")
            return failure(question.id, "failed", f"{type(error).__name__}: {' '.join(str(error).split())}")


def failure(number: int, code: str, text: str) -> bytes:
    """An answer that there is none; its code is `version`, `busy`, `protocol` or `failed`."""
    return encode(Message("error", number, {"code": code, "message": text[:LONGEST]}))
