"""What can go wrong in a process beside this one."""

from toto_bench.errors import TotoBenchError


class WorkerError(TotoBenchError):
    """A process that plays episodes was ended from outside, or met something unforeseen."""
