"""What can be wrong with demonstrations."""

from toto_bench.errors import DataError, RequestError, WrongDataError


class DemonstrationError(DataError):
    """A demonstration is damaged, or does not hold what it should."""


class WrongDemonstrationsError(WrongDataError):
    """What was named is no set of demonstrations in a format that is known."""


class RecordingError(RequestError, ValueError):
    """A step, or the order in which a recorder is called, is not as the recording was declared."""
