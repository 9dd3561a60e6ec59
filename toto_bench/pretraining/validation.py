"""The validation loss: of the first sequences of files that training never sees."""

from torch import nn

from toto_bench.pretraining.data import Ready
from toto_bench.pretraining.positions import PositionLosses, position_losses
from toto_bench.pretraining.recipe import Recipe
from toto_bench.pretraining.sequences import Sequences, rows_of_sequence
from toto_bench.pretraining.session import Session


class Validation:
    """Losses of each source, on what was kept for validation."""

    def __init__(self, objective: nn.Module, ready: Ready, recipe: Recipe, session: Session) -> None:
        self.objective, self.ready, self.recipe, self.session = objective, ready, recipe, session
        self.last: dict[str, PositionLosses] | None = None

    @property
    def possible(self) -> bool:
        """Whether there is anything to validate on."""
        return bool(self.ready.validation)

    def losses(self) -> dict[str, float]:
        """Mean loss of each source, `validation_NAME`."""
        self.last = self.details()
        return {f"validation_{name}": found.mean for name, found in self.last.items()}

    def details(self) -> dict[str, PositionLosses]:
        """Losses of each source by position."""
        return {
            name: position_losses(
                self.objective,
                sequences,
                count_of(sequences, self.recipe.validation_sequences),
                grid=self.ready.grid,
                device=self.session.device,
                batch=self.recipe.micro_batch,
                autocast=self.session.dtype == "bfloat16",
            )
            for name, sequences in self.ready.validation.items()
        }


def count_of(sequences: Sequences, limit: int) -> int:
    """Sequences of one pass through the only source, up to a limit: each row once."""
    [part] = sequences.parts.values()
    return max(1, min(limit, len(part.rows) // rows_of_sequence(part.kind, sequences.frames)))
