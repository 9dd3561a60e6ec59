"""What can go wrong when labels are propagated."""

from toto_bench.errors import RequestError


class PropagationError(RequestError, ValueError):
    """Settings, features or masks that labels cannot be propagated with."""
