"""The computer that decides: serves one policy to one robot at a time."""

import contextlib
import logging
import threading
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from toto_bench.deploy.remote.errors import RemoteProtocolError
from toto_bench.deploy.remote.host import GREETING, Host, failure
from toto_bench.deploy.remote.identity import Acting
from toto_bench.deploy.remote.library import Connection, websockets
from toto_bench.deploy.remote.questions import blank, request_bytes
from toto_bench.deploy.remote.secret import expect_guarded, same_token
from toto_bench.errors import RequestError

HOST, PORT = "127.0.0.1", 8765
CLOSING = 2.0
"""s that `close` waits for the threads of clients; a policy that hangs keeps its own."""
WARM_UP = 3
"""Answers that are made before anybody may ask: the first ones of a network are slow."""
_LOG = logging.getLogger(__name__)
_WIRE_LOG = logging.getLogger(f"{__name__}.websockets")
_WIRE_LOG.setLevel(logging.CRITICAL)  # at DEBUG, websockets writes headers, and with them the token


class PolicyServer:
    """Listens from `start` to `close`. What goes wrong inside is told to the client as a sentence, never as a stack."""

    def __init__(
        self, policy: Acting, *, host: str = HOST, port: int = PORT, token: str | None = None
    ) -> None:
        """Warm the policy up and take the port.

        Args:
            policy: what is served.
            host: address to listen on; others than this computer's own need a token.
            port: 0 for any that is free.
            token: what clients have to show.

        Raises:
            TokenError: other computers could ask, and there is no token.
            RequestError: the port is taken, or `websockets` is not installed.
        """
        expect_guarded(host, token)
        library = websockets("sync.server")
        self._closed: type[Exception] = websockets("exceptions").ConnectionClosed
        self._token = token
        for _ in range(WARM_UP):
            policy.act(blank(policy.spec))
        policy.reset()
        self._host = Host(policy)
        try:
            self._server = library.serve(
                self._handle,
                host,
                port,
                process_request=self._admit,
                origins=[None],  # a page in a browser of this computer must not reach the robot
                compression=None,
                max_size=request_bytes(policy.spec),
                open_timeout=GREETING,
                close_timeout=1,
                ping_interval=5,
                ping_timeout=10,
                server_header=None,
                logger=_WIRE_LOG,
            )
        except OSError as error:
            raise RequestError(
                f"The policy server cannot listen on {host}, port {port}: {error.strerror or error}. Another server "
                "may be running: end it, or choose another `--port`."
            ) from error
        self.host, self.port = host, int(self._server.socket.getsockname()[1])
        # Daemon, and with it the threads of clients: a policy that hangs must not keep the process alive.
        self._thread = threading.Thread(target=self._server.serve_forever, name="policy server", daemon=True)

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"ws://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._thread.start()

    def wait(self) -> None:
        """Return when the server is closed; Ctrl-C gets through."""
        while self._thread.is_alive():
            self._thread.join(0.2)

    def close(self) -> None:
        """Stop listening and drop the client; may be called twice."""
        if not self._thread.is_alive():
            self._server.socket.close()
            return
        closing = threading.Thread(target=self._server.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSING)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _admit(self, connection: Connection, request: Any) -> Any:
        """Refuse whoever has no token; say to anybody that the server lives."""
        if request.path == "/healthz":
            return connection.respond(HTTPStatus.OK, "ok\n")
        if request.path != "/":
            return connection.respond(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        shown = request.headers.get_all("Authorization")
        if self._token is not None and not (len(shown) == 1 and same_token(shown[0], self._token)):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "The token is missing or wrong.\n")
        return None

    def _handle(self, connection: Connection) -> None:
        """One client, from its first word to its end."""
        try:
            self._host.receive(connection)
        except RemoteProtocolError as error:
            with contextlib.suppress(self._closed):
                connection.send(failure(0, "protocol", str(error)))
        except (self._closed, TimeoutError) as gone:
            _LOG.info("Client %s has gone: %s", connection.remote_address, gone)


def serve(
    policy: Acting,
    *,
    host: str = HOST,
    port: int = PORT,
    token: str | None = None,
    ready: Callable[[str], object] | None = None,
) -> None:
    """Serve a policy until Ctrl-C; `ready` is told the address once it listens.

    Raises:
        TokenError: other computers could ask, and there is no token.
        RequestError: the port is taken, or `websockets` is not installed.
    """
    with PolicyServer(policy, host=host, port=port, token=token) as server:
        if ready is not None:
            ready(server.url)
        server.wait()
