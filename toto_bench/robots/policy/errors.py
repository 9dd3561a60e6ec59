"""What can be wrong with a policy, its files and what it is shown."""

from toto_bench.errors import RequestError, TotoBenchError


class ObservationError(RequestError, ValueError):
    """An observation is not what the policy was trained on: a camera, a size, a length, a value."""


class PolicyFileError(TotoBenchError):
    """The files of a policy are damaged, or not those of a policy."""


class PolicyBackboneError(RequestError):
    """The backbone is not the one that the policy's head was trained on."""
