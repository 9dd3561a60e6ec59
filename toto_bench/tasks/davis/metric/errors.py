"""Why a pair of mask sequences cannot be scored: one class per cause."""

from toto_bench.errors import DataError, RequestError, TotoBenchError


class MetricError(TotoBenchError):
    """The DAVIS metric cannot score what it was given."""


class MaskError(MetricError, DataError):
    """Two sequences of masks that cannot be scored against each other."""


class LabelTypeError(MaskError):
    """Labels are not integers."""


class LabelRangeError(MaskError):
    """A label is negative or does not fit the 8-bit PNG files of DAVIS."""


class MaskShapeError(MaskError):
    """Masks are not one label map per frame."""


class FrameCountError(MaskError):
    """Truth and result have different numbers of frames."""


class FrameSizeError(MaskError):
    """Truth and result have frames of different sizes."""


class TooFewFramesError(MaskError):
    """Nothing is left once the first and the last frame are dropped."""


class NoObjectsError(MaskError):
    """The first frame of the truth names no object."""


class BinaryMasksError(NoObjectsError):
    """The truth looks like the 0/255 masks of DAVIS-2016 instead of object labels."""


class VoidInResultError(MaskError):
    """A result uses the void label 255."""


class UnknownObjectsError(MaskError):
    """A result names objects that the first frame of the truth does not have."""


class NoScoresError(MetricError, DataError):
    """There is no object to average over."""


class BoundThresholdError(MetricError, RequestError):
    """The boundary tolerance is not a distance."""


class DecayBinsError(MetricError, RequestError):
    """The way to cut frames into decay bins is not one of the known ones."""
