"""Errors of the simulated robots."""

from toto_bench.errors import RequestError, TotoBenchError


class AssetsError(TotoBenchError):
    """The robot models that were asked for are not there."""


class AssetsNameError(RequestError):
    """There is no such source of robot models, or no such robot."""


class ActionError(RequestError, ValueError):
    """Actions have the wrong shape or are not finite."""


class ResetNeededError(RequestError, ValueError):
    """An environment was stepped before it was reset."""
