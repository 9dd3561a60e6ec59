"""What a trial must survive: servers that are late, wrong, hang, freeze or die."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.remote import (
    PolicyServer,
    RemoteError,
    RemoteLostError,
    RemotePolicy,
    RemoteProtocolError,
    RemoteTimeoutError,
    RemoteUnreachableError,
)
from toto_bench.deploy.remote.wire import Message, encode

PATIENCE = 20.0
GOOD = np.ones((2, 8), np.float32)


def actions(number: int, values: np.ndarray = GOOD, **changes: Any) -> bytes:
    return encode(Message(**{"kind": "actions", "id": number, "arrays": {"actions": values}, **changes}))


def refused_for_good(client: RemotePolicy, observe: Callable[..., Any]) -> None:
    """After an error nothing is asked any more."""
    with pytest.raises(RemoteLostError, match="not asked any more"):
        client.act(observe(client.spec))
    with pytest.raises(RemoteLostError, match="not asked any more"):
        client.reset()
    client.close()


def changed(place: tuple[int, int], value: float) -> np.ndarray:
    values = GOOD.copy()
    values[place] = value
    return values


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda number: actions(number, changed((1, 3), np.nan)), "not finite"),
        (lambda number: actions(number, changed((0, 0), np.inf)), "not finite"),
        (lambda number: actions(number, GOOD[:1]), r"float32 \[1, 8\] instead of float32 \[2, 8\]"),
        (lambda number: actions(number, GOOD.astype(np.uint8)), r"uint8 \[2, 8\] instead"),
        (lambda number: actions(number, kind="done"), "answered `done` to an observation"),
        (lambda number: actions(number, arrays={"other": GOOD}), "answered `actions` to an observation"),
        (lambda number: actions(number - 1), "An answer to question 0 came to question 1"),
        (lambda number: actions(number + 1), "An answer to question 2 came to question 1"),
        (lambda number: b"garbage", "cannot be read"),
        (lambda number: "text", "cannot be read"),
        (lambda number: b"", "cannot be read"),
        (lambda number: actions(number)[:-1], "cut off"),
    ],
)
def test_wrong_answers(
    rogue: Callable[..., str], observe: Callable[..., Any], answer: Callable[[int], bytes | str], said: str
) -> None:
    client = RemotePolicy(rogue(lambda question: [answer(question.id)]), deadline=PATIENCE)
    with pytest.raises(RemoteProtocolError, match=said):
        client.act(observe(client.spec))
    refused_for_good(client, observe)


def test_an_answer_too_many(rogue: Callable[..., str], observe: Callable[..., Any]) -> None:
    url = rogue(lambda question: [actions(question.id), actions(question.id)])
    client = RemotePolicy(url, deadline=PATIENCE)
    client.act(observe(client.spec))
    with pytest.raises(RemoteProtocolError, match="An answer to question 1 came to question 2"):
        client.act(observe(client.spec))
    refused_for_good(client, observe)


def test_too_long_an_answer(rogue: Callable[..., str], observe: Callable[..., Any]) -> None:
    url = rogue(lambda question: [actions(question.id, np.ones((2**20, 8), np.float32))])
    client = RemotePolicy(url, deadline=PATIENCE)
    with pytest.raises(RemoteLostError, match="1009"):
        client.act(observe(client.spec))
    refused_for_good(client, observe)


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ({"protocol": 2}, "server speaks version 2 of the protocol, this computer 1"),
        ({"spec": {"version": 1}}, "cannot be understood here"),
        ({"spec": None}, "cannot be understood here"),
        ({"spec_digest": "0"}, "means something else here"),
    ],
)
def test_wrong_greetings(rogue: Callable[..., str], greeting: dict[str, Any], said: str) -> None:
    with pytest.raises(RemoteProtocolError, match=said):
        RemotePolicy(rogue(lambda question: [], **greeting))


@pytest.mark.parametrize(
    ("version", "said"), [("HTTP/1.1", "it says HTTP 501"), ("HTTP/1.0", "not receive a valid HTTP response")]
)
def test_what_is_no_policy_server(version: str, said: str) -> None:
    handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {"protocol_version": version})
    web = http.server.HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with pytest.raises(RemoteProtocolError, match=f"no policy server: .*{said}"):
        RemotePolicy(f"ws://127.0.0.1:{web.server_port}")
    web.shutdown()
    web.server_close()


def test_a_late_answer_is_never_taken(puppet: Any, observe: Callable[..., Any]) -> None:
    """The policy answers the first question after its deadline; the second one must not get that answer."""
    free = threading.Event()
    with PolicyServer(puppet, port=0) as server:
        client = RemotePolicy(server.url, deadline=0.2)
        puppet.does = lambda: free.wait(PATIENCE) and None
        with pytest.raises(RemoteTimeoutError, match=r"has not answered within 0\.2 s"):
            client.act(observe(client.spec, seed=1))
        puppet.does = None
        free.set()
        refused_for_good(client, observe)
        again = connect_again(client)
        again.deadline = PATIENCE
        second = observe(client.spec, seed=2)
        assert np.array_equal(again.act(second).actions, puppet.act(second).actions)
        again.close()


def connect_again(client: RemotePolicy) -> RemotePolicy:
    """The server notices after a moment that the first connection is gone."""
    for _ in range(200):
        try:
            client.reconnect()
        except RemoteError:
            threading.Event().wait(0.05)
            continue
        return client
    pytest.fail("the server did not let it in again")


CHILD = """
import runpy, sys, threading
names = runpy.run_path(sys.argv[1])
from toto_bench.deploy.remote import serve
puppet = names["Puppet"](names["make_spec"](int(sys.argv[2])))
def ready(url):
    if not puppet.spec.cameras:
        puppet.does = threading.Event().wait  # the warm-up is over: hang
    print(url, flush=True)
serve(puppet, port=0, ready=ready)
"""


@pytest.fixture
def child() -> Iterator[Callable[[int], tuple[subprocess.Popen[str], str]]]:
    """A server in a process of its own, whose camera has so many pixels at a side."""
    running: list[subprocess.Popen[str]] = []

    def start(side: int) -> tuple[subprocess.Popen[str], str]:
        conftest = Path(__file__).with_name("conftest.py")
        command = [sys.executable, "-c", CHILD, str(conftest), str(side)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_a_server_that_freezes_and_one_that_is_killed(
    child: Callable[[int], tuple[subprocess.Popen[str], str]], observe: Callable[..., Any]
) -> None:
    process, url = child(1600)
    client = RemotePolicy(url, deadline=PATIENCE)
    seen = observe(client.spec)
    client.act(seen)
    os.kill(process.pid, signal.SIGSTOP)
    client.deadline = 0.3
    with pytest.raises(RemoteTimeoutError, match="has not answered"):
        client.act(seen)  # 7.7 MB do not fit into the buffers of a socket: it is the sending that blocks
    refused_for_good(client, observe)
    end = time.monotonic() + PATIENCE
    while any(thread.name.startswith("remote policy") for thread in threading.enumerate()):
        assert time.monotonic() < end, "the thread that sends is stuck"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGCONT)
    connect_again(client)
    client.deadline = PATIENCE
    client.act(seen)

    threading.Timer(0.2, process.kill).start()
    with pytest.raises(RemoteLostError, match="ended"):
        while True:
            client.act(seen)
    refused_for_good(client, observe)
    with pytest.raises(RemoteUnreachableError):
        client.reconnect()


def test_ctrl_c_ends_a_server_whose_policy_hangs(
    child: Callable[[int], tuple[subprocess.Popen[str], str]], observe: Callable[..., Any]
) -> None:
    process, url = child(0)
    client = RemotePolicy(url, deadline=0.2)
    with pytest.raises(RemoteTimeoutError):
        client.act(observe(client.spec))
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) != 0
