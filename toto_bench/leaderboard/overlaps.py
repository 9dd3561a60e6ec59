"""Which rows have seen data of the task in pre-training, and what of it: a task's card says how data sets overlap."""

from functools import cache

from toto_bench.cards import TaskCard, backbone_cards
from toto_bench.cards.backbone import UNKNOWN_DATA
from toto_bench.cards.task import Overlap
from toto_bench.leaderboard.rows import Row
from toto_bench.results.record import SAMPLE

UNTRAINED = ("none", "random")
"""What a record says of the checkpoint where nothing was trained."""
SAMPLE_WORLD = "toto-bench-sample"
"""Pre-training data that `toto-bench data make-sample` made."""
_SAME_WORLD = Overlap(
    split="training",
    how="clips of the simulated world that the bundled sample shows; not those that are scored",
)
_SAME_NAME = Overlap(split="unknown", how="has the name of this data set; which split was seen is not stated")


def overlaps_of(row: Row, card: TaskCard) -> dict[str, Overlap]:
    """Pre-training data of the row's backbone that overlaps with the task's, by name."""
    found = {name: overlap_with(name, card) for name in pretraining_of(row)}
    if row.provenance is not None and row.provenance.data == SAMPLE:
        found |= {name: _SAME_WORLD for name in found if name == SAMPLE_WORLD}
    return {name: overlap for name, overlap in found.items() if overlap is not None}


def overlap_with(name: str, card: TaskCard) -> Overlap | None:
    """What the card says of this pre-training data; where it says nothing, whether it is the same data by name."""
    return card.data.overlaps.get(name) or (_SAME_NAME if same_data(name, card) else None)


def pretraining_of(row: Row) -> tuple[str, ...]:
    """Data that the weights have seen: of the record, or for a published row of the backbone's card."""
    if row.provenance is not None:
        return row.provenance.pretraining
    card = backbone_cards().get(row.backbone)
    return card.pretraining.data if card and card.pretraining else ()


def data_unknown(row: Row) -> bool:
    """Whether the row's weights were trained on data that is not known here, or only in part."""
    if row.provenance is not None:
        trained = not row.floor and row.provenance.checkpoint not in UNTRAINED
    else:
        card = backbone_cards().get(row.backbone)
        trained = card is None or not card.floor
    seen = pretraining_of(row)
    return trained and (not seen or UNKNOWN_DATA in seen)


def same_data(name: str, card: TaskCard) -> bool:
    """Whether a name of pre-training data (`davis`) begins the card's data set (`DAVIS-2017`)."""
    plain = _letters(name)
    return bool(plain) and _letters(card.data.name).startswith(plain)


@cache
def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
