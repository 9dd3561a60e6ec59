"""What can be wrong with a card or a name."""

from toto_bench.errors import RequestError


class CardError(RequestError):
    """A card's file cannot be read, or a key in it is wrong."""


class UnknownNameError(RequestError):
    """A task, backbone, preset or metric of that name does not exist."""
