"""The first words between a robot and a policy server."""

import logging
from contextlib import ExitStack
from typing import Any, NamedTuple

from pydantic import ValidationError

from toto_bench._version import __version__
from toto_bench.deploy.remote.errors import (
    RemoteBusyError,
    RemoteProtocolError,
    RemoteUnreachableError,
    TokenError,
)
from toto_bench.deploy.remote.identity import spec_digest
from toto_bench.deploy.remote.library import Connection, websockets
from toto_bench.deploy.remote.wire import VERSION, Message, decode, encode
from toto_bench.errors import RequestError
from toto_bench.robots.policy import PolicySpec

PATIENCE = 5.0
"""s for a server to answer the first words."""
ANSWER_BYTES = 8 * 1024 * 1024
"""Of the longest answer: a thousand actions of two thousand numbers."""
_WIRE_LOG = logging.getLogger(f"{__name__}.websockets")
_WIRE_LOG.setLevel(logging.CRITICAL)  # at DEBUG, websockets writes headers, and with them the token


class Greeting(NamedTuple):
    """What a server says of itself."""

    spec: PolicySpec
    identity: str
    version: str
    """toto-bench's."""


def connected(url: str, token: str | None) -> Connection:
    """An open connection.

    Raises:
        RequestError: the address is none.
        TokenError: the token is missing or wrong.
        RemoteUnreachableError: nobody answers there.
        RemoteProtocolError: whoever answers is no policy server.
    """
    client, exceptions = websockets("sync.client"), websockets("exceptions")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        opening = client.connect(
            url,
            additional_headers=headers,
            proxy=None,
            compression=None,
            open_timeout=PATIENCE,
            close_timeout=1,
            max_size=ANSWER_BYTES,
            logger=_WIRE_LOG,
        )
        return ExitStack().enter_context(opening)  # its end is `Connection.close`, not that of a block
    except (exceptions.InvalidURI, ValueError) as error:
        raise RequestError(f"`{url}` is no address of a policy server: write ws://HOST:PORT.") from error
    except exceptions.InvalidStatus as error:
        raise _refused(url, error.response.status_code, has_token=token is not None) from error
    except (OSError, TimeoutError) as error:
        raise RemoteUnreachableError(
            f"There is no policy server at {url} ({error}). Start `toto-bench robot serve` there, and check address, "
            "port and firewall."
        ) from error
    except exceptions.WebSocketException as error:
        raise RemoteProtocolError(f"What answers at {url} is no policy server: {error}.") from error


def _refused(url: str, status: int, *, has_token: bool) -> Exception:
    if status == 401:
        return TokenError(
            f"The policy server at {url} refuses this {'token' if has_token else 'client without a token'}: give the "
            "one it was started with."
        )
    if status == 503:
        return RemoteUnreachableError(f"The policy server at {url} is shutting down: start it anew.")
    return RemoteProtocolError(f"What answers at {url} is no policy server: it says HTTP {status}.")


def greeted(connection: Connection) -> Greeting:
    """Exchange versions and hear what the server has.

    Raises:
        RemoteBusyError: it has another client.
        RemoteUnreachableError: it says nothing, or ends the connection.
        RemoteProtocolError: it speaks another version, or what it says is damaged.
    """
    closed = websockets("exceptions").ConnectionClosed
    try:
        hello = Message("hello", 0, {"protocol": VERSION, "version": __version__})
        connection.send(encode(hello))
        answer = decode(connection.recv(timeout=PATIENCE))
    except (closed, TimeoutError) as error:
        raise RemoteUnreachableError(
            f"The policy server ended the connection, or said nothing: {error}."
        ) from error
    body = answer.body
    if answer.kind == "error":
        kind = RemoteBusyError if body.get("code") == "busy" else RemoteProtocolError
        raise kind(str(body.get("message")))
    if answer.kind != "welcome" or body.get("protocol") != VERSION:
        raise RemoteProtocolError(
            f"The server speaks version {body.get('protocol')!r:.20} of the protocol, this computer {VERSION}: install "
            "the same toto-bench on both."
        )
    return Greeting(_spec(body), str(body.get("identity")), str(body.get("version")))


def _spec(body: Any) -> PolicySpec:
    try:
        spec = PolicySpec.model_validate(body.get("spec"))
    except ValidationError as error:
        raise RemoteProtocolError(
            f"The server's policy cannot be understood here ({error.errors()[0]['msg']}): install the same toto-bench "
            "on both."
        ) from error
    if spec_digest(spec) != body.get("spec_digest"):
        raise RemoteProtocolError(
            "The server's policy means something else here than there: install the same toto-bench on both."
        )
    return spec
