"""What a number or a name is marked with in Markdown, and the numbered notes under a table."""

from toto_bench.cards.task import Overlap
from toto_bench.leaderboard.overlaps import data_unknown, overlaps_of
from toto_bench.leaderboard.rows import Number, Row
from toto_bench.leaderboard.table import TaskTable

BEST_ON_VAL_MARK = "†"
SEEN_MARK = "‡"
"""The data that is scored was, or may have been, seen in pre-training."""
TRAINING_SEEN_MARK = "§"
"""Only the task's training split was seen in pre-training."""
UNKNOWN_MARK = "?"
"""What the weights were trained on is not known, or only in part."""

SEEN = "contamination: data that is scored here was, or may have been, seen in pre-training"
TRAINING_SEEN = (
    "pre-training saw the training split of this task, self-supervised methods without its labels; the data that is "
    "scored is not known to be among it"
)

UNKNOWN = "what these weights were trained on is not known here, or only in part: data that is scored may be among it"


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
        self.overlaps: dict[str, Overlap] = {}
        """Pre-training data of any row that overlaps with the task's data."""
        for row in table.rows:
            self.overlaps |= overlaps_of(row, table.card)
        self.asks = not table.sample and bool(table.card.data.overlaps or self.overlaps)
        """Whether the table asks what its rows have seen: only then does not knowing it matter."""
        self.any_unknown = any(map(self._unknown, table.rows))
        """Whether any name needs the question mark."""

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
        splits = {overlap.split for overlap in overlaps_of(row, self.card).values()}
        if splits - {"training"}:
            return SEEN_MARK
        return (TRAINING_SEEN_MARK if splits else "") + (UNKNOWN_MARK if self._unknown(row) else "")

    def seen(self) -> list[str]:
        """The reasons of the marks on names: each data set, and how it overlaps; and what is not known."""
        training = {name: o for name, o in self.overlaps.items() if o.split == "training"}
        scored = {name: o for name, o in self.overlaps.items() if name not in training}
        lines = [
            f"{mark} {words}: {reasons}."
            for mark, words, those in (
                (SEEN_MARK, SEEN, scored),
                (TRAINING_SEEN_MARK, TRAINING_SEEN, training),
            )
            if (reasons := "; ".join(f"{name} ({overlap.how})" for name, overlap in sorted(those.items())))
        ]
        return [*lines, *([f"{UNKNOWN_MARK} {UNKNOWN}."] if self.any_unknown else [])]

    def _unknown(self, row: Row) -> bool:
        """Whether the row is asked about, and there is no answer; ‡ is graver, and stands alone."""
        if not self.asks or not data_unknown(row):
            return False
        return all(overlap.split == "training" for overlap in overlaps_of(row, self.card).values())


def _shared_note(row: Row) -> str:
    notes = {number.note for number in row.numbers.values()}
    return notes.pop() if len(notes) == 1 else ""
