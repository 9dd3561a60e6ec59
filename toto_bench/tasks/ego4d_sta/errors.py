"""Why annotations, frames or submissions cannot be used: one class per cause."""

from toto_bench.errors import DataError


class AnnotationError(DataError):
    """An annotation file is damaged, or not laid out as one."""


class MixedSizesError(DataError):
    """Boxes and pictures are of different frame sizes."""


class FrameError(DataError):
    """A frame that an annotation needs cannot be read."""


class SubmissionError(DataError):
    """Predictions that cannot be scored."""


class DamagedSubmissionError(SubmissionError):
    """A submission file is cut off, or no JSON."""


class SubmissionLayoutError(SubmissionError):
    """A submission is not laid out as the official format says, or is of another challenge or version."""


class MissingImagesError(SubmissionError):
    """Annotated images are not in the submission."""


class PropertyError(DataError):
    """An annotated or predicted object lacks a property, or one is of a wrong type."""


class NotFiniteError(DataError):
    """A number of an annotated or predicted object is NaN or infinite."""


class UnknownCategoryError(SubmissionError):
    """A noun or verb is not in the annotation file's lists."""


class OutsideFrameError(SubmissionError):
    """Boxes are not those of these frames."""


class NoPredictionsError(SubmissionError):
    """No image has a prediction, and images without predictions are not to count."""


class NoTruthError(SubmissionError):
    """No image that counts has an annotated object."""
