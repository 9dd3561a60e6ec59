"""A client and a server that mean well: the same answers as without a network, and clear words where not."""

import http.client
import logging
import socket
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.deploy.remote import (
    PolicyServer,
    RemoteBusyError,
    RemoteFailureError,
    RemoteLostError,
    RemoteMismatchError,
    RemotePolicy,
    RemoteProtocolError,
    RemoteUnreachableError,
    TokenError,
    identity_of,
)
from toto_bench.errors import RequestError
from toto_bench.robots.policy import (
    ActionSpec,
    CameraSpec,
    ObservationError,
    Policy,
    PolicySpec,
    make_policy,
    readout_of,
)

TOKEN = "a-token-of-many-letters-0123"


def fetch(server: PolicyServer, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_answers_are_those_of_the_policy(
    client: RemotePolicy, puppet: Any, observe: Callable[..., Any]
) -> None:
    assert client.spec == puppet.spec
    assert client.identity == identity_of(puppet)
    for seed in range(20):
        seen = observe(client.spec, seed, time=100.0 + seed)
        chunk = client.act(seen)
        assert np.array_equal(chunk.actions, puppet.act(seen).actions)
        assert (chunk.kind, chunk.period, chunk.time) == ("joint-delta", 0.1, 100.0 + seed)
        chunk.actions[:] = 0
    before = puppet.resets
    client.reset()
    assert puppet.resets == before + 1
    assert client.timing is not None
    assert 0 <= client.timing.compute <= client.timing.total
    assert client.timing.network == client.timing.total - client.timing.compute


@pytest.fixture
def pixel_policy() -> Policy:
    torch.set_num_threads(1)
    backbone = load_backbone("timm:vit_tiny_patch16_224", random_init=True, image_size=(32, 32))
    spec = PolicySpec(
        cameras=(
            CameraSpec(name="wrist", height=48, width=64),
            CameraSpec(name="front", height=40, width=40),
        ),
        readout=readout_of(backbone, layer=2, resolution=32),
        proprio=("a", "b"),
        action=ActionSpec(kind="joint-delta", names=("a", "b")),
        rate_hz=10,
    )
    return make_policy(spec, backbone, seed=3)


def test_a_real_policy_that_sees(pixel_policy: Policy, observe: Callable[..., Any]) -> None:
    with (
        PolicyServer(pixel_policy, port=0, token=TOKEN) as server,
        RemotePolicy(server.url, token=TOKEN, deadline=60, expected=pixel_policy.spec) as client,
    ):
        for seed in range(3):
            seen = observe(client.spec, seed)
            assert np.array_equal(client.act(seen).actions, pixel_policy.act(seen).actions)
        with pytest.raises(ObservationError, match="camera `wrist`"):
            client.act(observe(client.spec.model_copy(update={"cameras": ()})))
        client.act(observe(client.spec))


def test_identity_covers_weights_and_spec(pixel_policy: Policy) -> None:
    before = identity_of(pixel_policy)
    with torch.no_grad():
        next(pixel_policy.head.parameters()).add_(1e-3)
    assert identity_of(pixel_policy) != before


def test_another_policy_than_expected(server: PolicyServer, spec_of: Callable[..., Any]) -> None:
    with pytest.raises(RemoteMismatchError, match=r"`chunk` is 2 instead of 5") as caught:
        RemotePolicy(server.url, expected=spec_of(chunk=5))
    assert caught.value.exit_code == 2
    with pytest.raises(RemoteMismatchError, match=r"policy is [0-9a-f]{16}, not ffff"):
        RemotePolicy(server.url, identity="f" * 64)
    RemotePolicy(server.url).close()


def test_another_backbone_is_named_first(make_puppet: Any, spec_of: Callable[..., Any]) -> None:
    spec = spec_of(side=16)
    other = spec.model_copy(
        update={"readout": spec.readout.model_copy(update={"preprocessing": "q"}), "rate_hz": 5.0}
    )
    with (
        PolicyServer(make_puppet(spec), port=0) as server,
        pytest.raises(
            RemoteMismatchError, match=r"expected: `readout.preprocessing` is p instead of q; `rate_hz`"
        ),
    ):
        RemotePolicy(server.url, expected=other)


def test_one_client_at_a_time(server: PolicyServer, observe: Callable[..., Any]) -> None:
    with RemotePolicy(server.url, deadline=20) as first:
        with pytest.raises(RemoteBusyError, match="has another client"):
            RemotePolicy(server.url)
        first.act(observe(first.spec))
    with RemotePolicy(server.url, deadline=20) as second:
        second.act(observe(second.spec))


def test_a_client_that_dies_leaves_its_place(server: PolicyServer, observe: Callable[..., Any]) -> None:
    first = RemotePolicy(server.url, deadline=20)
    first.act(observe(first.spec))
    first._link._connection.socket.shutdown(socket.SHUT_RDWR)
    with RemotePolicy(server.url, deadline=20) as second:
        second.act(observe(second.spec))


def test_an_error_of_the_policy_is_a_sentence(
    client: RemotePolicy, puppet: Any, observe: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        raise ZeroDivisionError("a number\nof zero")

    puppet.does = fails
    with pytest.raises(RemoteFailureError) as caught:
        client.act(observe(client.spec))
    assert str(caught.value) == "The policy failed on the server: ZeroDivisionError: a number of zero"
    assert "Traceback" in caplog.text, "the stack stays with the server"

    def refuses() -> None:
        raise RequestError("The way out.")

    puppet.does = refuses
    with pytest.raises(RemoteFailureError, match=r"server: The way out\."):
        client.act(observe(client.spec))
    puppet.does = None
    client.act(observe(client.spec))


def test_tokens(puppet: Any, caplog: pytest.LogCaptureFixture, observe: Callable[..., Any]) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG), PolicyServer(puppet, port=0, token=TOKEN) as server:
        with pytest.raises(TokenError, match="refuses this client without a token"):
            RemotePolicy(server.url)
        with pytest.raises(TokenError, match="refuses this token"):
            RemotePolicy(server.url, token=TOKEN[:-1] + "x")
        with RemotePolicy(server.url, token=TOKEN, deadline=20) as client:
            client.act(observe(client.spec))
        assert fetch(server, "/healthz") == (200, b"ok\n")
        assert fetch(server, "/")[0] == 401
        assert fetch(server, "/other")[0] == 404
    assert TOKEN not in caplog.text


def test_no_token_no_other_computers(puppet: Any) -> None:
    with pytest.raises(TokenError, match="a token is needed"):
        PolicyServer(puppet, host="0.0.0.0", port=0)


def test_a_browser_is_refused(server: PolicyServer) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus) as caught:
        connect(server.url, origin="http://evil.example", proxy=None)
    assert caught.value.response.status_code == 403


def test_too_long_a_message_ends_the_connection(server: PolicyServer, observe: Callable[..., Any]) -> None:
    client = RemotePolicy(server.url, deadline=20)
    with pytest.raises(RemoteLostError, match="1009"):
        client._link.ask("act", {"proprio": np.zeros(1_000_000, np.float32)}, 20)
    with pytest.raises(RemoteLostError, match="not asked any more"):
        client.act(observe(client.spec))
    client.reconnect()
    client.act(observe(client.spec))
    client.close()


@pytest.mark.parametrize("words", [b"garbage", "text", b"TBRP\xff\xff\xff\xff"])
def test_garbage_from_a_client(server: PolicyServer, observe: Callable[..., Any], words: bytes | str) -> None:
    from websockets.sync.client import connect

    from toto_bench.deploy.remote.wire import decode

    with connect(server.url, proxy=None) as rogue:
        rogue.send(words)
        answer = decode(rogue.recv(timeout=10))
        assert (answer.kind, answer.body["code"]) == ("error", "protocol")
    client = RemotePolicy(server.url, deadline=20)
    client._link._connection.send(words)
    with pytest.raises(RemoteProtocolError, match=r"server refused: A message cannot be read"):
        client.act(observe(client.spec))
    with RemotePolicy(server.url, deadline=20) as third:
        third.act(observe(third.spec))


def test_another_version(server: PolicyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toto_bench.deploy.remote.connecting.VERSION", 2)
    with pytest.raises(RemoteProtocolError, match=r"server speaks version 1 .* client 2: install the same"):
        RemotePolicy(server.url)


def test_a_port_that_is_taken(server: PolicyServer, make_puppet: Any) -> None:
    with pytest.raises(RequestError, match=r"cannot listen on 127\.0\.0\.1, port .*Address already in use"):
        PolicyServer(make_puppet(), port=server.port)


def test_nobody_there(puppet: Any) -> None:
    server = PolicyServer(puppet, port=0)
    server.close()
    server.close()
    with pytest.raises(RemoteUnreachableError, match=r"no policy server at ws://127\.0\.0\.1"):
        RemotePolicy(server.url)
    for url in ("gpu:8765", "http://gpu:1", "ws://", ""):
        with pytest.raises(RequestError, match="is no address of a policy server"):
            RemotePolicy(url)


def test_the_server_ends(puppet: Any, observe: Callable[..., Any]) -> None:
    with PolicyServer(puppet, port=0) as server:
        client = RemotePolicy(server.url, deadline=20)
        client.act(observe(client.spec))
    with pytest.raises(RemoteLostError, match="ended"):
        client.act(observe(client.spec))
    with pytest.raises(RemoteUnreachableError):
        client.reconnect()
    with pytest.raises(RemoteLostError, match="not asked any more"):
        client.act(observe(client.spec))
    client.close()
    client.close()


def test_reconnecting_to_another_policy(make_puppet: Any, spec_of: Callable[..., Any]) -> None:
    with PolicyServer(make_puppet(), port=0) as first:
        client = RemotePolicy(first.url)
    with (
        PolicyServer(make_puppet(spec_of(chunk=3)), port=first.port),
        pytest.raises(RemoteMismatchError, match="was trained or served anew"),
    ):
        client.reconnect()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, puppet: Any) -> None:
    import importlib

    def fails(name: str) -> None:
        raise ImportError("No module named 'websockets'")

    monkeypatch.setattr(importlib, "import_module", fails)
    for begin in (lambda: PolicyServer(puppet, port=0), lambda: RemotePolicy("ws://gpu:1")):
        with pytest.raises(RequestError, match=r"pip install --upgrade 'toto-bench\[serve\]'"):
            begin()
