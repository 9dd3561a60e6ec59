"""What a number or a name is marked with in Markdown, and the numbered notes under a table."""

from toto_bench.cards.task import Overlap
from toto_bench.leaderboard.overlaps import overlaps_of
from toto_bench.leaderboard.rows import Number, Row
from toto_bench.leaderboard.table import TaskTable

BEST_ON_VAL_MARK = "†"
SEEN_MARK = "‡"
"""The data that is scored was, or may have been, seen in pre-training."""
TRAINING_SEEN_MARK = "§"
"""Only the task's training split was seen in pre-training."""

SEEN = "contamination: data that is scored here was, or may have been, seen in pre-training"
TRAINING_SEEN = (
    "pre-training saw the training split of this task, self-supervised methods without its labels; the data that is "
    "scored is not known to be among it"
)


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
        if not splits:
            return ""
        return TRAINING_SEEN_MARK if splits == {"training"} else SEEN_MARK

    def seen(self) -> list[str]:
        """The reasons of both marks: each data set, and how it overlaps."""
        training = {name: o for name, o in self.overlaps.items() if o.split == "training"}
        scored = {name: o for name, o in self.overlaps.items() if name not in training}
        return [
            f"{mark} {words}: {reasons}."
            for mark, words, those in (
                (SEEN_MARK, SEEN, scored),
                (TRAINING_SEEN_MARK, TRAINING_SEEN, training),
            )
            if (reasons := "; ".join(f"{name} ({overlap.how})" for name, overlap in sorted(those.items())))
        ]


def _shared_note(row: Row) -> str:
    notes = {number.note for number in row.numbers.values()}
    return notes.pop() if len(notes) == 1 else ""
