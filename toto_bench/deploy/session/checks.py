"""What is looked at before anything moves; nothing here moves the arm."""

import platform
import resource
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.session.policies import PolicySource
from toto_bench.deploy.session.speed import needed_speed

LEAST_FREE = 2e9
"""Bytes that the disk of the trials needs."""
_KERNEL = Path("/sys/kernel/realtime")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    words: str
    """What was found; where it is not good, what to do."""
    good: bool = True


def is_good(checks: Sequence[Check]) -> bool:
    """Whether nothing stands against a run."""
    return all(check.good for check in checks)


def disk_check(folder: Path) -> Check:
    """Room for logs and videos where the trials will lie."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    words = f"{free / 1e9:.1f} GB free for {folder}"
    if free < LEAST_FREE:
        return Check(
            "disk", f"{words}; {LEAST_FREE / 1e9:.0f} GB are needed: free some, or give another folder", False
        )
    return Check("disk", words)


def kernel_check(*, simulated: bool) -> Check:
    """Whether the kernel is a real-time one, which the 1 kHz loop of a real Franka needs."""
    real_time = _KERNEL.is_file() and _KERNEL.read_text().strip() == "1"
    priority = resource.getrlimit(resource.RLIMIT_RTPRIO)[1]
    words = (
        f"{platform.release()}, {'' if real_time else 'no '}PREEMPT_RT, real-time priorities up to {priority}"
    )
    if simulated:
        return Check("kernel", f"{words}; a simulated arm needs none")
    if not real_time:
        return Check("kernel", f"{words}: boot a kernel with PREEMPT_RT on the computer at the robot", False)
    if priority < 1:
        return Check("kernel", f"{words}: put the user into the group `realtime` (docs/robot.md)", False)
    return Check("kernel", words)


def policy_checks(policies: Sequence[PolicySource], guard: GuardSettings) -> Iterator[Check]:
    """Hash, rate and cameras of each policy, and whether it moves as fast as the limits let it."""
    for policy in policies:
        if policy.spec is None or policy.identity is None:
            yield Check(
                f"policy {policy.name}", f"{policy.source}; nothing is known of it before it is loaded"
            )
            continue
        spec = policy.spec
        eyes = (
            ", ".join(f"{camera.name} {camera.width}x{camera.height}" for camera in spec.cameras)
            or "no camera"
        )
        origin = f"run {policy.run.id}" if policy.run else "no finished run: its trials will make no row"
        words = f"{policy.identity[:12]}, {spec.action.kind} at {spec.rate_hz:g} Hz, {eyes}, {origin}"
        yield Check(f"policy {policy.name}", words)
        needed = needed_speed(spec)
        if needed is None:
            continue
        share = needed / np.array(guard.limits.velocity)
        worst = int(share.argmax())
        words = f"joint {worst + 1} needs {needed[worst]:.2f} rad/s in the mean, of {guard.limits.velocity[worst]:.2f}"
        if share[worst] > 1:
            words += ": its steps will be shortened and the trial stopped; give a larger `--speed`, or train slower"
        yield Check(f"speed of {policy.name}", words, bool(share[worst] <= 1))
