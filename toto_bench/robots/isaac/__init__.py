"""Between gymnasium's vector environments and the tasks of Isaac Gym and Isaac Lab."""

from toto_bench.robots.isaac.env import IsaacGymVectorEnv
from toto_bench.robots.isaac.view import IsaacGymView

__all__ = ["IsaacGymVectorEnv", "IsaacGymView"]
