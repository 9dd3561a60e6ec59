"""Asks how trials went; the one who answers is not told which backbone drove."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from toto_bench.deploy.errors import TrialOrderError
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.operator import Operator
from toto_bench.deploy.trials import Ledger, Standing
from toto_bench.files import DiskError

HELP = (
    "s = success, f = failure, a note may follow (`f cube slipped`); u = take the last label back, l = later. Every "
    "answer is on disk at once."
)
_SUCCESS = {"s": True, "success": True, "f": False, "failure": False}
_UNDO, _LATER = ("u", "undo"), ("l", "later")


class Labeller(NamedTuple):
    """Who judges, and where the videos lie."""

    name: str
    operator: Operator
    folder: TrialsFolder


def headline(ledger: Ledger, standing: Standing) -> str:
    """A trial without the name of its backbone."""
    trial = standing.trial
    who = ledger.plan.blind_name(trial.backbone)
    return f"Trial {trial.number} of {len(ledger.plan.trials)}, start pose {trial.pose}, {who}"


def label_all(ledger: Ledger, labeller: Labeller) -> int:
    """Ask for every label that is missing, once; those left for later stay missing.

    Returns:
        How many are still missing.

    Raises:
        KeyboardInterrupt: the one who labels stops; all given labels are kept.
        DiskError: a label could not be written.
    """
    if ledger.unlabelled:
        labeller.operator.say(HELP)
    left: set[int] = set()
    while (standing := _next(ledger.unlabelled, left)) is not None:
        if not label_one(ledger, standing, labeller):
            left.add(standing.trial.number)
    return len(ledger.unlabelled)


def label_one(ledger: Ledger, standing: Standing, labeller: Labeller) -> bool:
    """Ask how one trial went, until there is a label; False where it is left for later.

    Raises:
        KeyboardInterrupt: the one who labels stops.
        DiskError: it could not be written.
    """
    number, operator = standing.trial.number, labeller.operator
    while ledger.standings[number].needs_label:
        answer, _, note = _ask(ledger, standing, labeller).partition(" ")
        word = answer.casefold()
        if word in _SUCCESS:
            label = partial(ledger.label, success=_SUCCESS[word], labeller=labeller.name, note=note.strip())
            _write(partial(label, number), operator)
        elif word in _LATER:
            return False
        elif word in _UNDO:
            _undo(ledger, labeller)
        else:
            operator.say(f"`{answer}` is no answer. {HELP}")
    return True


def _write(label: Callable[[], None], operator: Operator) -> None:
    """Write a label; one that the disk does not take is kept, and tried again, while there is somebody to ask."""
    while True:
        try:
            label()
        except DiskError as error:
            if not operator.present:
                raise
            operator.say(f"The label is not on disk: {error}")
            operator.ask("Free some space; Enter tries again.")
        else:
            return


def _ask(ledger: Ledger, standing: Standing, labeller: Labeller) -> str:
    ended = standing.ended
    video = labeller.folder.path / ended.video if ended is not None and ended.video is not None else None
    where = f" ({video})" if video is not None and video.is_file() else ""
    return labeller.operator.ask(f"{headline(ledger, standing)}{where}: success or failure? [s/f/u/l]")


def _undo(ledger: Ledger, labeller: Labeller) -> None:
    """Take back the last label, and ask for that one first."""
    try:
        standing = ledger.undo(labeller=labeller.name)
    except TrialOrderError as error:
        labeller.operator.say(str(error))
        return
    labeller.operator.say(f"The label of trial {standing.trial.number} is taken back.")
    label_one(ledger, standing, labeller)


def _next(waiting: Iterable[Standing], left: set[int]) -> Standing | None:
    return next((standing for standing in waiting if standing.trial.number not in left), None)
