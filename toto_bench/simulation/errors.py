"""Errors of simulation and rendering."""

from toto_bench.errors import RequestError, TotoBenchError


class RenderingError(TotoBenchError):
    """What should render does not work on this machine."""


class BackendNameError(RequestError):
    """There is no rendering backend of this name."""
