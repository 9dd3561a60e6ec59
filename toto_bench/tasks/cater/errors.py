"""Why scores, labels or scene files cannot be used: one class per cause."""

from toto_bench.errors import DataError


class LocalizationError(DataError):
    """Scores and labels that cannot be scored against each other."""


class ScoreShapeError(LocalizationError):
    """Labels are not [N], or scores are not [N, C]."""


class NoScoresError(LocalizationError):
    """There is no video to score."""


class LabelTypeError(LocalizationError):
    """Labels are not whole numbers."""


class NotNumbersError(LocalizationError):
    """Scores are NaN, or no real numbers at all."""


class GridError(LocalizationError):
    """The number of classes is not that of a square grid."""


class ClassCountError(LocalizationError):
    """There are more or fewer scores in a row than classes."""


class ViewsError(LocalizationError):
    """A video has no scores, or scores belong to no video."""


class SceneError(DataError):
    """A scene file does not say where the snitch ends."""
