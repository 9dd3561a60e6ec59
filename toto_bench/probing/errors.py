"""What can go wrong in probing."""

from toto_bench.errors import DataError, RequestError


class ProbeError(RequestError):
    """A probe cannot read this backbone, or was asked for in a way that makes no sense."""


class ViewError(DataError):
    """An item was scored without all of its views."""
