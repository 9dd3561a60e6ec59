"""Large arrays on a CPU: the memory of one that is let go is given to the next."""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""Parameters of glibc's `mallopt`."""
_NEVER = 2**31 - 1


def reuse_freed_memory() -> bool:
    """Let this process keep what it frees, for its next arrays; whether that could be arranged (glibc only).

    Otherwise an array of more than 32 MiB is handed back to the system as it is freed, and each page of the next one
    is cleared as it is first touched: a sixth of the time of a step of stacked linear probes. For a process that makes
    arrays of the same sizes again and again; its peak memory stays with it.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    return bool(libc.mallopt(_MMAP_MAX, 0)) and bool(libc.mallopt(_TRIM_THRESHOLD, _NEVER))
