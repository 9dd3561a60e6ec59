"""Frames that the policies of all layers see alike: where the expert alone acts, their policies change nothing."""

from collections.abc import Mapping, Sequence

import torch

from toto_bench.robots.learning import Dagger, Learning
from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.tasks.manipulation.work import Work


def shared_rounds(settings: Learning) -> list[int]:
    """The rounds in which the expert alone acts: the first, and in behaviour cloning all."""
    return [number for number in range(settings.rounds) if number == 0 or settings.share_of(number) >= 1]


def share_frames(work: Work, learners: Mapping[int, Dagger]) -> None:
    """Visit them once, each picture passing the backbone once for all layers, and give every learner its part.

    Args:
        work: of the run.
        learners: by layer.
    """
    if len(learners) < 2:
        return
    visitor = work.visitor()
    for number in shared_rounds(work.settings()):
        if all(learner.frames_file(number).is_file() for learner in learners.values()):
            continue
        frames = visitor.visit(number, None)
        widths = [_width(learner) for learner in learners.values()]
        for learner, seen in zip(learners.values(), torch.split(frames.seen, widths, 1), strict=True):
            Demonstrations(seen, frames.proprio, frames.actions).save(learner.frames_file(number))


def frames_seen(rounds: Sequence[Sequence[int]], settings: Learning) -> int:
    """Frames that were visited, those that layers share counted once.

    Args:
        rounds: of each layer, its frames up to and with each round.
        settings: of the learners.
    """
    first = rounds[0]
    steps = [after - before for before, after in zip((0, *first[:-1]), first, strict=True)]
    shared = sum(steps[number] for number in shared_rounds(settings))
    return sum(each[-1] for each in rounds) - (len(rounds) - 1) * shared


def _width(learner: Dagger) -> int:
    assert learner.readout is not None
    return learner.readout.width
