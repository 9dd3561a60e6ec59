"""Policies that do as they are told, and servers that do not."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.remote import PolicyServer, RemotePolicy
from toto_bench.deploy.remote.identity import spec_digest
from toto_bench.deploy.remote.wire import VERSION, Message, decode, encode
from toto_bench.robots.policy import ActionChunk, ActionSpec, CameraSpec, Observation, PolicySpec, Readout

JOINTS = tuple(f"q{joint}" for joint in range(1, 8))


def make_spec(side: int = 0, chunk: int = 2, **changes: Any) -> PolicySpec:
    """Without cameras, or with one of `side` pixels."""
    readout = Readout(
        backbone="pixels",
        weights="none",
        state="s",
        architecture="a",
        preprocessing="p",
        layer=1,
        resolution=32,
        width=4,
    )
    return PolicySpec(
        cameras=(CameraSpec(name="wrist", height=side, width=side),) if side else (),
        readout=readout if side else None,
        proprio=(*JOINTS, "gripper"),
        action=ActionSpec(kind="joint-delta", names=(*JOINTS, "gripper")),
        rate_hz=10,
        chunk=chunk,
        **changes,
    )


@dataclass(eq=False)
class Puppet:
    """Answers its proprioception, plus the mean of its picture in the last row."""

    spec: PolicySpec = field(default_factory=make_spec)
    does: Callable[[], Any] | None = None
    """Called by `act`; what it gives, if anything, takes the place of the actions."""
    resets: int = 0
    seen: list[Observation] = field(default_factory=list)

    def reset(self) -> None:
        self.resets += 1

    def act(self, observation: Observation) -> ActionChunk:
        self.seen.append(observation)
        actions = np.tile(observation.proprio, (self.spec.chunk, 1))
        for picture in observation.images.values():
            actions[-1] += picture.mean(dtype=np.float64)
        if self.does is not None and (other := self.does()) is not None:
            actions = other
        return ActionChunk(actions, "joint-delta", 0.1)


def observation(spec: PolicySpec, seed: int = 0, time: float = 7.5) -> Observation:
    random = np.random.default_rng(seed)
    images = {
        camera.name: random.integers(0, 255, (camera.height, camera.width, 3), dtype=np.uint8)
        for camera in spec.cameras
    }
    return Observation(images, random.normal(size=len(spec.proprio)).astype(np.float32), time)


@pytest.fixture
def puppet() -> Puppet:
    return Puppet()


@pytest.fixture
def server(puppet: Puppet) -> Iterator[PolicyServer]:
    with PolicyServer(puppet, port=0) as running:
        yield running


@pytest.fixture
def client(server: PolicyServer) -> Iterator[RemotePolicy]:
    with RemotePolicy(server.url, deadline=20) as policy:
        yield policy


@pytest.fixture
def make_puppet() -> type[Puppet]:
    return Puppet


@pytest.fixture
def spec_of() -> Callable[..., PolicySpec]:
    return make_spec


@pytest.fixture
def observe() -> Callable[..., Observation]:
    return observation


Answer = Callable[[Message], list[bytes | str]]


@pytest.fixture
def rogue() -> Iterator[Callable[[Answer], str]]:
    """Gives the address of a server that greets well and then answers what the test says; or greets ill."""
    from websockets.sync.server import ServerConnection, serve

    running = []

    def start(answer: Answer, **greeting: Any) -> str:
        def handle(connection: ServerConnection) -> None:
            hello = decode(connection.recv())
            assert hello.kind == "hello"
            spec = make_spec()
            welcome = {
                "protocol": VERSION,
                "version": "0",
                "spec": spec.model_dump(mode="json"),
                "spec_digest": spec_digest(spec),
                "identity": "i" * 64,
            }
            connection.send(encode(Message("welcome", 0, {**welcome, **greeting})))
            for content in connection:
                for one in answer(decode(content)):
                    connection.send(one)

        server = serve(handle, "127.0.0.1", 0, compression=None)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"ws://127.0.0.1:{server.socket.getsockname()[1]}"

    yield start
    for server in running:
        server.shutdown()
