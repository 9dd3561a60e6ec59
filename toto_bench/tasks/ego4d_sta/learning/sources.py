"""What the model of a run reads: kept ids or maps, or frames that are decoded each time."""

from typing import NamedTuple

from toto_bench.errors import DataError
from toto_bench.tasks.ego4d_sta.learning.batches import FromFrames, FromKept, Inputs
from toto_bench.tasks.ego4d_sta.learning.clips import ClipReader
from toto_bench.tasks.ego4d_sta.learning.encoder import Encoder, kind_of
from toto_bench.tasks.ego4d_sta.learning.examples import Example
from toto_bench.tasks.ego4d_sta.learning.kept import Kept, KeptClips, make
from toto_bench.tasks.ego4d_sta.learning.work import Work
from toto_bench.tasks.ego4d_sta.model.model import StaModel

_UNREAD = "its frames could not be read when they were kept"


class Sources(NamedTuple):
    """For training and for scoring, with the examples that are there."""

    train: tuple[Example, ...]
    """What is trained on."""
    training: Inputs
    """Of it."""
    val: tuple[Example, ...]
    """What is predicted."""
    scoring: Inputs
    """Of it."""


def open_sources(work: Work, model: StaModel) -> Sources:
    """Keep what is kept, and open it.

    Raises:
        DataError: frames cannot be decoded, and that was not allowed; or none can.
        DiskError: the disk is full.
    """
    kind = kind_of(work.protocol, work.backbone)
    encoder = Encoder(model, work.backbone, kind, work.context)
    found = list[tuple[tuple[Example, ...], Inputs]]()
    for training, examples in ((True, work.train), (False, work.val)):
        split = work.trained if training else work.scored
        reader = ClipReader(split, work.protocol)
        leave_out = work.leave_out if work.context.allow_missing else None
        stills = work.protocol.still_branch
        frames = FromFrames(
            reader, work.context.workers, clips=kind == "pixels", stills=stills, leave_out=leave_out
        )
        if kind == "pixels":
            found.append((examples, frames))
            continue
        where = work.kept(kind, training=training)
        make(where, reader, encoder, clips=work.clips, leave_out=leave_out)
        work.context.barrier()
        kept = KeptClips(where)
        found.append((_there(work, where, kept), FromKept(kept, frames if stills else None)))
    (train, training_inputs), (val, scoring) = found
    return Sources(train, training_inputs, val, scoring)


def _there(work: Work, where: Kept, kept: KeptClips) -> tuple[Example, ...]:
    """Examples that could be read; others are noted.

    Raises:
        DataError: none could.
    """
    there = tuple(example for example in where.examples if kept.has(example))
    for example in where.examples:
        if not kept.has(example):
            work.left_out.setdefault(example.uid, _UNREAD)
    if not there:
        raise DataError(
            f"None of the {len(where.examples):,} clips in {work.report.path} can be decoded: "
            f"{work.left_out[where.examples[0].uid]}"
        )
    return there
