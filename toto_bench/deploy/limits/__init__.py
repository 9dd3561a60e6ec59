"""What an arm may do: the manufacturer's tables, and ours, which are stricter and always on."""

from toto_bench.deploy.limits.model import JOINTS, ArmLimits, CartesianLimits, JointRange, Joints, Vector
from toto_bench.deploy.limits.tables import FER, FR3, FR3_RECTANGULAR, FR3_WIDE, FRANKY_SELECTS, PUBLISHED
from toto_bench.deploy.limits.working import OURS, CollisionThresholds, WorkingLimits, strictest

__all__ = [
    "FER",
    "FR3",
    "FR3_RECTANGULAR",
    "FR3_WIDE",
    "FRANKY_SELECTS",
    "JOINTS",
    "OURS",
    "PUBLISHED",
    "ArmLimits",
    "CartesianLimits",
    "CollisionThresholds",
    "JointRange",
    "Joints",
    "Vector",
    "WorkingLimits",
    "strictest",
]
