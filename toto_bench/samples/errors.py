"""Errors of making and showing samples."""

from toto_bench.errors import DataError, RequestError, TotoBenchError


class SampleError(TotoBenchError):
    """A sample could not be made."""


class UnitError(SampleError):
    """One unit of a sample could not be made; the others are not concerned."""


class BusyFolderError(RequestError):
    """Another process works in the folder."""


class OtherSampleError(RequestError):
    """The folder holds something else than what was asked for."""


class UnknownLayoutError(DataError, RequestError):
    """A folder has the layout of no data set that can be shown."""
