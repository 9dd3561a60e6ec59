"""A task in a process of its own is served through a socket, and its end is always one clear error."""

import ast
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from toto_bench.robots.errors import ActionError
from toto_bench.robots.isaac import BridgedTask, BridgedVectorEnv, BridgeError, bridge_server

FAKE = '''
"""Live buffers, a reset in the step after the end, as IsaacGymEnvs has it."""
import os, time
LIBRARY

class Task:
    num_envs, num_acts, rl_device = 3, 2, "cpu"

    def __init__(self):
        self.obs_buf, self.states_buf = zeros((3, 2, 4)), zeros((3, 5))
        self.progress, self.reset_buf = zeros((3,)), ones((3,))
        self.last = zeros((3, 2))

    def reset(self):
        return {"obs": self.obs_buf, "states": self.states_buf}

    def step(self, actions):
        assert type(actions) is type(self.obs_buf), type(actions)
        if actions[0, 0] == 99:
            raise ValueError("PhysX is out of memory")
        if actions[0, 0] == 98:
            time.sleep(60)
        self.progress[self.reset_buf == 1] = 0
        self.progress += 1
        self.obs_buf[:, 0, 0] = self.progress
        self.states_buf[:, :2] = actions
        self.reset_buf = 1 * (self.progress >= 3)
        self.reset_buf[0] = self.progress[0] == 2
        extras = {"time_outs": self.progress >= 3, "successes": 1.0 * (self.progress == 2), "note": "text"}
        return {"obs": self.obs_buf, "states": self.states_buf}, actions.sum(1), self.reset_buf, extras

def make():
    return Task()

class Bare:
    """As PixMC: pixels alone, the state apart."""
    num_envs, num_actions = 2, 9

    def reset(self):
        return full((2, 3, 8, 8), 7, "uint8")

    def get_state(self):
        return ones((2, 18))

    def step(self, actions):
        return full((2, 3, 8, 8), 8, "uint8"), zeros((2,)), zeros((2,)), {"successes": zeros((2,))}

class Lab(Bare):
    """As Isaac Lab: five results."""

    def reset(self):
        return {"policy": ones((2, 3))}, {}

    def step(self, actions):
        ends = full((2,), 0, "bool"), full((2,), 0, "bool")
        ends[0][0] = ends[1][1] = True
        return {"policy": ones((2, 3))}, zeros((2,)), ends[0], ends[1], {}
'''
NUMPY = "from numpy import full, ones, zeros"
TORCH = """
import torch
from torch import ones, zeros

def full(shape, value, kind):
    return torch.full(shape, value, dtype=getattr(torch, kind))
"""


class Server:
    """The script in a process of its own."""

    def __init__(self, folder: Path, make: str = "make", library: str = NUMPY) -> None:
        (folder / "fake.py").write_text(FAKE.replace("LIBRARY", library))
        self.path = folder / "task.sock"
        command = [sys.executable, "-I", bridge_server.__file__, str(self.path), "--make", f"fake:{make}"]
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)

    def end(self, how: int = signal.SIGTERM) -> str:
        self.process.send_signal(how)
        return self.process.communicate(timeout=30)[1]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.process.kill()
    server.process.communicate()


def ones(value: float = 1.0) -> torch.Tensor:
    return torch.full((3, 2), value)


def wait_until(condition, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def reached(path: Path) -> socket.socket:
    """A bare connection, as soon as the server listens."""
    found = socket.socket(socket.AF_UNIX)
    wait_until(lambda: found.connect_ex(str(path)) == 0)
    return found


def answer_once(listener: socket.socket, content: bytes) -> None:
    with listener.accept()[0] as connection:
        bridge_server.receive(connection)
        connection.sendall(content)


def mapped(process: int) -> int:
    """How many of a process's mappings are ours."""
    return Path(f"/proc/{process}/maps").read_text().count("toto-bench-bridge")


def test_the_server_is_written_for_python_3_8_and_numpy() -> None:
    text = Path(bridge_server.__file__).read_text()
    tree = ast.parse(text, feature_version=(3, 8))
    nodes = list(ast.walk(tree))
    imported = {
        alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported <= {"numpy"} | set(sys.stdlib_module_names)
    assert "pickle" not in text
    later = {"removeprefix", "removesuffix", "send_fds", "recv_fds", "is_relative_to", "pairwise", "readlink"}
    assert not later & {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert "annotations" in {
        alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }


@pytest.mark.parametrize("library", [NUMPY, TORCH], ids=["numpy", "torch"])
def test_a_served_task_is_a_vector_environment(tmp_path: Path, library: str) -> None:
    server = Server(tmp_path, library=library)
    env = BridgedVectorEnv(server.path)
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert env.single_observation_space["obs"].shape == (2, 4)
    assert env.single_observation_space["proprio"].shape == (5,)
    first, _ = env.reset()
    steps = [env.step(ones(number)) for number in range(5)]
    assert first["obs"][:, 0, 0].tolist() == [0, 0, 0]
    assert [step[0]["obs"][:, 0, 0].tolist() for step in steps] == [
        [1, 1, 1],
        [2, 2, 2],
        [1, 3, 3],
        [2, 1, 1],
        [1, 2, 2],
    ]
    assert [step[0]["proprio"][1].tolist() for step in steps] == [[n, n, 0, 0, 0] for n in range(5)]
    assert [step[1].tolist() for step in steps] == [[2.0 * n] * 3 for n in range(5)]
    assert [step[2].tolist() for step in steps[:3]] == [[False] * 3, [True, False, False], [False] * 3]
    assert [step[3].tolist() for step in steps[1:4]] == [[False] * 3, [False, True, True], [False] * 3]
    assert steps[1][4]["success"].tolist() == [True] * 3
    env.close()
    assert server.end() == ""
    assert not list(tmp_path.glob("task.sock*"))


def test_pixels_and_state_of_pixmc_come_through(tmp_path: Path) -> None:
    server = Server(tmp_path, "Bare")
    env = BridgedVectorEnv(server.path, image_key="obs")
    observation, *_, info = env.step(torch.zeros(2, 9))
    assert observation["image"].dtype == torch.uint8
    assert observation["image"].unique().tolist() == [8]
    assert observation["proprio"].shape == (2, 18)
    assert info["success"].tolist() == [False, False]
    env.close()
    server.end()


def test_isaac_labs_five_results_keep_their_meaning(tmp_path: Path) -> None:
    server = Server(tmp_path, "Lab")
    env = BridgedVectorEnv(server.path, obs_key="policy", autoreset_mode="SameStep")
    _, _, terminated, truncated, info = env.step(torch.zeros(2, 9))
    assert (terminated.tolist(), truncated.tolist(), info) == ([True, False], [False, True], {})
    env.close()
    server.end()


def test_a_client_that_was_killed_leaves_nothing_and_the_next_one_is_served(server: Server) -> None:
    script = (
        "import sys, time, torch; from pathlib import Path; from toto_bench.robots.isaac import BridgedTask\n"
        "task = BridgedTask(Path(sys.argv[1])); task.step(torch.ones(3, 2)); print('up', flush=True); time.sleep(99)"
    )
    client = subprocess.Popen([sys.executable, "-c", script, server.path], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    assert client.stdout.readline() == "up\n"
    assert mapped(server.process.pid) == 1
    client.kill()
    client.communicate()
    wait_until(lambda: mapped(server.process.pid) == 0)
    with BridgedTask(server.path) as task:
        assert task.step(ones())[0]["obs"][0, 0, 0].item() == 2  # the task went on


def test_a_server_that_was_killed_is_one_clear_error_and_can_be_started_again(
    server: Server, tmp_path: Path
) -> None:
    task = BridgedTask(server.path)
    kept = task.step(ones())[0]["obs"]
    server.end(signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(BridgeError, match=r"has gone.*start it again, and connect anew"):
            task.step(ones())
    with pytest.raises(BridgeError, match="has gone"):
        task.reset()
    assert kept[0, 0, 0].item() == 1
    assert mapped(os.getpid()) == 0
    task.close()
    again = Server(tmp_path)  # over the socket that the dead one left
    with BridgedTask(server.path) as task:
        assert task.step(ones())[0]["obs"][0, 0, 0].item() == 1
    again.end()


def test_a_server_that_hangs_is_given_up(server: Server) -> None:
    task = BridgedTask(server.path)
    task._link._socket.settimeout(0.3)
    with pytest.raises(BridgeError, match="did not answer within"):
        task.step(ones(98))
    with pytest.raises(BridgeError, match="did not answer within"):
        task.step(ones())


def test_a_task_that_fails_says_why(server: Server) -> None:
    task = BridgedTask(server.path)
    with pytest.raises(BridgeError, match="ValueError: PhysX is out of memory"):
        task.step(ones(99))
    said = server.process.communicate(timeout=30)[1]
    assert "PhysX is out of memory" in said
    assert server.process.returncode == 1


def test_without_the_token_nobody_is_served(server: Server) -> None:
    with pytest.raises(BridgeError, match="the token is wrong"):
        BridgedTask(server.path, token="guessed")
    with BridgedTask(server.path) as task:
        task.reset()
    for path in (server.path, Path(f"{server.path}.token")):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, None),
        ({"shape": [1 << 62, 4]}, "`reward` reaches beyond"),
        ({"shape": [-3]}, "`reward` reaches beyond"),
        ({"offset": -64}, "`reward` reaches beyond"),
        ({"offset": 320}, "`reward` reaches beyond"),
        ({"dtype": "O"}, "`reward` is O"),
        ({"shape": None}, "no bridge server"),
    ],
)
def test_what_a_server_says_is_held_against_its_memory(
    tmp_path: Path, changes: dict[str, object], message: str | None
) -> None:
    names = ("reset", "time_outs", "reward", "successes", "actions")
    layout, size = bridge_server.plan(dict.fromkeys(names, ("bool", (3,))))
    layout["reward"].update(changes)
    descriptor = os.memfd_create("toto-bench-bridge")
    os.ftruncate(descriptor, size)
    assert size == 320

    def answer(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            bridge_server.receive(connection)
            about = {"num_envs": 3, "num_actions": 2, "layout": layout}
            bridge_server.send(connection, about, descriptor)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "strange.sock"))
        listener.listen()
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        with pytest.raises(BridgeError, match=message) if message else contextlib.nullcontext():
            BridgedTask(tmp_path / "strange.sock", token="any")
    os.close(descriptor)


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("!I", 1 << 31),
        struct.pack("!I", 4) + b"null",
        struct.pack("!I", 4) + b"\x80\x04N.",
        b"\0",
    ],
)
def test_noise_on_the_socket_does_not_end_the_server(server: Server, content: bytes) -> None:
    with reached(server.path) as noise:
        noise.sendall(content)
        noise.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert noise.recv(100) == b""
    with BridgedTask(server.path) as task:
        task.reset()


def test_a_client_that_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_server, "HELLO_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        bridge_server._attend(ours, None, {}, 64, "token")


def test_another_version_and_other_servers_are_told(server: Server, tmp_path: Path) -> None:
    with reached(server.path) as old:
        token = Path(f"{server.path}.token").read_text()
        bridge_server.send(old, {"version": 0, "token": token})
        assert "speaks version 1" in bridge_server.receive(old)["error"]
    strange = tmp_path / "strange.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(strange))
        listener.listen()
        answer = json.dumps({"num_envs": 3, "layout": {}}).encode()
        framed = struct.pack("!I", len(answer)) + answer
        threading.Thread(target=answer_once, args=(listener, framed), daemon=True).start()
        with pytest.raises(BridgeError, match="no bridge server of this version"):
            BridgedTask(strange, token="any")
    with pytest.raises(BridgeError, match=r"No server of a task answers at .*No such file"):
        BridgedTask(tmp_path / "nothing.sock", timeout=0.1)


def test_a_second_server_does_not_take_the_place_of_the_first(server: Server, tmp_path: Path) -> None:
    reached(server.path).close()
    assert "give another path" in Server(tmp_path).process.communicate(timeout=30)[1]
    with BridgedTask(server.path) as task:
        task.reset()


def test_files_of_others_are_not_removed(tmp_path: Path) -> None:
    for name in ("task.sock", "task.sock.token"):
        (tmp_path / name).write_text("mine")
        assert f"{name} is there already" in Server(tmp_path).process.communicate(timeout=30)[1]
        assert (tmp_path / name).read_text() == "mine"
        (tmp_path / name).unlink()


def test_a_path_that_no_socket_can_have_is_told_at_once(tmp_path: Path) -> None:
    far = tmp_path / ("d" * 100)
    far.mkdir()
    assert "longer than the 107 bytes" in Server(far).process.communicate(timeout=30)[1]
    with pytest.raises(BridgeError, match="too long"):
        BridgedTask(far / "task.sock")


def test_what_is_handed_out_is_a_copy(server: Server) -> None:
    with BridgedTask(server.path) as task:
        kept, reward, ended, extras = task.step(ones())
        task.step(ones(5))
        assert kept["obs"][:, 0, 0].tolist() == [1, 1, 1]
        assert kept["states"][0, :2].tolist() == [1, 1]
        assert (reward.tolist(), ended.tolist()) == ([2.0] * 3, [0] * 3)
        assert extras["successes"].tolist() == [0.0] * 3


def test_wrong_actions_are_told_and_the_bridge_stays(server: Server) -> None:
    env = BridgedVectorEnv(server.path)
    with pytest.raises(ActionError, match="not finite"):
        env.step(np.full((3, 2), np.nan))
    with pytest.raises(ActionError, match=r"\(2,\), not \(3, 2\)"):
        env.task.step(torch.zeros(2))
    env.step(np.zeros((3, 2)))
    env.close()


def test_an_observation_that_is_not_there_leaves_the_server_free(server: Server) -> None:
    with pytest.raises(Exception, match="no observation `rgb`"):
        BridgedVectorEnv(server.path, image_key="rgb")
    with BridgedTask(server.path) as task:
        task.reset()
