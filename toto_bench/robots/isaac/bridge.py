"""A task of Isaac Gym that `bridge_server` serves from another process, with another Python."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from toto_bench.robots.errors import ActionError
from toto_bench.robots.isaac.bridge_link import BridgeError, Link
from toto_bench.robots.isaac.env import IsaacGymVectorEnv

__all__ = ["BridgeError", "BridgedTask", "BridgedVectorEnv"]

_OBSERVATION = "observation."


class BridgedTask:
    """A `VecTask` that is served elsewhere: `num_envs`, `num_acts`, `reset()` and `step(actions)`.

    What it hands out are copies. After an error it stays closed, and every call says so.
    """

    def __init__(
        self, path: Path, *, token: str | None = None, timeout: float = 60.0, device: str = "cpu"
    ) -> None:
        """Connect.

        Args:
            path: of the server's socket.
            token: that the server wrote; read from the file beside the socket if None.
            timeout: seconds for the server to come up, and later for every answer.
            device: of the tensors.

        Raises:
            BridgeError: there is no server, it refuses, or it speaks another protocol.
        """
        self._link = Link(path, token, timeout)
        self.num_envs, self.num_acts, self.rl_device = self._link.num_envs, self._link.num_actions, device

    def reset(self) -> dict[str, Tensor]:
        """The present observations; a `VecTask` starts episodes only the first time.

        Raises:
            BridgeError: the server has gone, does not answer in time, or its task failed.
        """
        self._link.ask("reset")
        return self._observations()

    def step(self, actions: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor, dict[str, Tensor]]:
        """One step, as the task makes it.

        Args:
            actions: [N, A].

        Returns:
            Observations; rewards float32 [N]; where an episode ended, int64 [N]; extras, of which `time_outs` bool [N]
            and `successes` float32 [N] come through.

        Raises:
            BridgeError: the server has gone, does not answer in time, or its task failed.
            ActionError: wrong shape.
        """
        expected = (self.num_envs, self.num_acts)
        if actions.shape != expected:
            raise ActionError(f"Actions have shape {tuple(actions.shape)}, not {expected}.")
        if "actions" in self._link.arrays:
            self._link.arrays["actions"][:] = actions.detach().cpu().numpy()
        given = self._link.ask("step")
        extras: dict[str, Tensor] = {
            name: self._copy(name) for name in ("time_outs", "successes") if name in given
        }
        return self._observations(), self._copy("reward"), self._copy("reset").long(), extras

    def close(self) -> None:
        """Leave; the server waits for the next client. A second time does nothing."""
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _observations(self) -> dict[str, Tensor]:
        names = [name for name in self._link.arrays if name.startswith(_OBSERVATION)]
        return {name.removeprefix(_OBSERVATION): self._copy(name) for name in names}

    def _copy(self, name: str) -> Tensor:
        return torch.tensor(self._link.arrays[name], device=self.rl_device)


class BridgedVectorEnv(IsaacGymVectorEnv):
    """A served task as a vector environment; closing it leaves the server.

    ```python
    # elsewhere: python3.8 bridge_server.py /tmp/isaac.sock --make my_tasks:make_task
    env = BridgedVectorEnv(Path("/tmp/isaac.sock"))
    observation, _ = env.reset()
    ```
    """

    def __init__(
        self,
        path: Path,
        *,
        token: str | None = None,
        timeout: float = 60.0,
        device: str = "cpu",
        **options: Any,
    ) -> None:
        """Connect; `options` are those of `IsaacGymVectorEnv`, the others those of `BridgedTask`.

        Raises:
            BridgeError: there is no server, it refuses, or it speaks another protocol.
            RequestError: the task has no such observation.
        """
        task = BridgedTask(path, token=token, timeout=timeout, device=device)
        try:
            super().__init__(task, **options)
        except BaseException:
            task.close()
            raise

    def close_extras(self, **kwargs: Any) -> None:
        """Leave the server."""
        del kwargs
        self.task.close()
