"""What a number or a name is marked with in Markdown, and the numbered notes under a table."""

from functools import cache

from toto_bench.cards import TaskCard, backbone_cards
from toto_bench.leaderboard.rows import Number, Row
from toto_bench.leaderboard.table import TaskTable

BEST_ON_VAL_MARK = "†"
SEEN_MARK = "‡"


class Marks:
    """The marks of one table."""

    def __init__(self, table: TaskTable) -> None:
        self.card = table.card
        notes = dict.fromkeys(
            number.note for row in table.rows for number in row.numbers.values() if number.note
        )
        self.notes = {note: index for index, note in enumerate(notes, start=1)}
        """Note to its number, in the order of rows."""
        self.any_best_on_val = any(
            number.best_on_val for row in table.rows for number in row.numbers.values()
        )
        """Whether any number needs the dagger."""
        self.any_seen = any(self.seen(row) for row in table.rows)
        """Whether any backbone has seen the data set."""

    def of_number(self, number: Number, row: Row) -> str:
        """What is put behind a number: a note that all numbers of the row share stands behind its source."""
        note = f" [{self.notes[number.note]}]" if number.note and number.note != _shared_note(row) else ""
        return (BEST_ON_VAL_MARK if number.best_on_val else "") + note

    def of_row(self, row: Row) -> str:
        """What is put behind a source: the note of the row's numbers, if they share one."""
        note = _shared_note(row)
        return f" [{self.notes[note]}]" if note else ""

    def of_method(self, row: Row) -> str:
        """What is put behind a name."""
        return SEEN_MARK if self.seen(row) else ""

    def seen(self, row: Row) -> bool:
        """Whether the pre-training data of the row's backbone names the task's data set."""
        return any(same_data(name, self.card) for name in pretraining_of(row))


def _shared_note(row: Row) -> str:
    notes = {number.note for number in row.numbers.values()}
    return notes.pop() if len(notes) == 1 else ""


def pretraining_of(row: Row) -> tuple[str, ...]:
    """Data that the weights have seen: of the record, or for a published row of the backbone's card."""
    if row.provenance is not None:
        return row.provenance.pretraining
    card = backbone_cards().get(row.backbone)
    return card.pretraining.data if card and card.pretraining else ()


def same_data(name: str, card: TaskCard) -> bool:
    """Whether a name of pre-training data (`imagenet-1k`) begins the card's data set (`ImageNet-1k (ILSVRC 2012)`)."""
    plain = _letters(name)
    return bool(plain) and _letters(card.data.name).startswith(plain)


@cache
def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
