"""What environments another process shall make."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from toto_bench.progress import Progress
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.tasks import make_task
from toto_bench.simulation.backends import choose_backend


@dataclass(frozen=True)
class EnvSettings:
    """Environments as words and numbers, which can be sent to a process.

    ```python
    env = EnvSettings("franka-pick", num_envs=4, changes={"horizon": 200}).make()
    ```
    """

    task: str
    """Name of the card."""
    num_envs: int = 8
    """Of each process; also how many episodes it plays at a time."""
    preset: str = "paper"
    """Of the card."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Values that replace the card's."""
    images: bool = True
    """Whether observations hold pictures."""
    image_size: int | None = None
    """Side of the pictures; the card's if None."""
    render_backend: str = "auto"
    """`egl`, `osmesa`, `ray` or `auto`."""

    def make(self) -> MujocoVectorEnv:
        """The environments, which do not reset themselves.

        Raises:
            AssetsNameError: no such task or value.
        """
        task = make_task(self.task, self.num_envs, preset=self.preset, **self.changes)
        return MujocoVectorEnv(
            task,
            images=self.images,
            image_size=self.image_size,
            autoreset_mode="Disabled",
            render_backend=self.render_backend,
        )

    def with_backend(self, progress: Progress) -> Self:
        """The same with a backend that works here instead of `auto`, so that all processes draw alike.

        Raises:
            RenderingError: the one asked for does not work.
        """
        if not self.images:
            return self
        return replace(self, render_backend=choose_backend(self.render_backend, progress))
