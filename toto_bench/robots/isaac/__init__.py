"""Between gymnasium's vector environments and the tasks of Isaac Gym and Isaac Lab."""

from toto_bench.robots.isaac.bridge import BridgedTask, BridgedVectorEnv, BridgeError
from toto_bench.robots.isaac.env import IsaacGymVectorEnv
from toto_bench.robots.isaac.view import IsaacGymView

__all__ = ["BridgeError", "BridgedTask", "BridgedVectorEnv", "IsaacGymVectorEnv", "IsaacGymView"]
