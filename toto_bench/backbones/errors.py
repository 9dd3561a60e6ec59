"""What can be wrong with weights. Importing this imports no torch."""

from collections.abc import Iterable

from toto_bench.errors import WeightsError


class MissingWeightsError(WeightsError):
    """No file with the weights was found; the message says where they come from and the ways on."""

    exit_code = 2


class UnreadableWeightsError(WeightsError):
    """A weights file is damaged, not a weights file, not the expected one, or holds more than tensors."""


class WrongFileError(UnreadableWeightsError):
    """A file that is damaged, or not the one that was meant: another copy of it is needed."""

    def __init__(self, fault: str, way: str) -> None:
        super().__init__(fault, way)
        self.fault = fault

    def __str__(self) -> str:
        return " ".join(self.args)


class FolderError(UnreadableWeightsError):
    """A folder was given where a file is wanted."""

    exit_code = 2


class MismatchedWeightsError(WeightsError):
    """The tensors of a weights file do not fit the model."""


class InvalidWeightsError(WeightsError):
    """Weights hold NaN or infinite values."""


def listed(what: str, items: Iterable[str]) -> str:
    """`what (count): every item`, or nothing if there are none."""
    names = list(items)
    if not names:
        return ""
    return f"{what} ({len(names)}): {', '.join(names)}"
