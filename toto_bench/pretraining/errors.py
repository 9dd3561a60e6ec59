"""What can be wrong with a request for pre-training."""

from toto_bench.errors import RequestError, WrongDataError


class RecipeError(RequestError):
    """A recipe does not exist, or a value in it is wrong."""


class SourceError(WrongDataError):
    """A folder of the mixture is missing, empty, or holds nothing of its kind."""
