"""Errors that a user can act on: one paragraph each, with the way out."""


class TotoBenchError(Exception):
    """Something a user can mend; its message is shown alone, and the command exits with 1."""

    exit_code = 1


class RequestError(TotoBenchError):
    """The request itself is wrong (a name, a value, a path); the command exits with 2."""

    exit_code = 2


class DataError(TotoBenchError):
    """The data is not as its layout promises: something is missing, unreadable or inconsistent."""


class WrongDataError(DataError, RequestError):
    """What was named is not the data set that was asked for; the command exits with 2."""


class WeightsError(TotoBenchError):
    """Weights are missing, damaged, or do not fit the model."""
