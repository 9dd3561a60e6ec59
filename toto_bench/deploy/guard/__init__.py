"""The safety guard: everything that is sent to the arm has passed it."""

from toto_bench.deploy.guard.guard import Counts, Passed, SafetyGuard
from toto_bench.deploy.guard.settings import GuardSettings

__all__ = ["Counts", "GuardSettings", "Passed", "SafetyGuard"]
