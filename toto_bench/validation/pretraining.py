"""Checks of pre-training data: one data set, one name, or marks of what was seen before go missing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from toto_bench.cards import BackboneCard, TaskCard
from toto_bench.validation.findings import Finding, note, problem

FORM = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
ALIKE = 0.88
"""Similarity of letters from which two names are taken for spellings of one."""


def data_names(cards: Iterable[TaskCard | BackboneCard]) -> Counter[str]:
    """Names of pre-training data, each with the number of families and tasks that have it."""
    return Counter(name for _, name in {(_owner(card), name) for card in cards for name in _names(card)})


def check_pretraining(card: BackboneCard, used: Counter[str]) -> Iterator[Finding]:
    """What is wrong with what a card says of its data; `used` are the names of all cards."""
    if card.pretraining is None:
        if card.weights is not None and not card.floor:
            yield problem(
                "pretraining", "is missing: say what the weights have seen, so that results on it are marked."
            )
        elif card.quoted is not None and not card.floor:
            yield note(
                "pretraining",
                "is not said: tables mark quoted results as of weights whose data is not known.",
            )
        return
    if not card.pretraining.data:
        yield _nameless(card.pretraining.method)
    if not card.pretraining.method.strip():
        yield problem("pretraining.method", "is empty: say how the weights were trained.")
    yield from check_spelling("pretraining.data", card.pretraining.data, used)


def check_spelling(key: str, names: Iterable[str], used: Counter[str]) -> Iterator[Finding]:
    """Names that are not of the agreed form, and those that other cards seem to spell otherwise."""
    for name in names:
        if not FORM.fullmatch(name):
            yield problem(key, f"= `{name}`: write it in lower case with dashes, `{_dashed(name)}`.")
        elif other := next((o for o in sorted(used) if alike(name, o) and used[o] >= used[name]), None):
            yield note(key, f"= `{name}`. Did you mean `{other}`, which other cards have?")


def _nameless(method: str) -> Finding:
    """Authors who keep their data to themselves are no fault of the card, which has to say so."""
    if "not stated" in method:
        return note(
            "pretraining.data",
            "is empty and not stated: results are marked as of weights whose data is not known.",
        )
    return problem(
        "pretraining.data", "is empty: name what the weights have seen, or say `not stated` in the method."
    )


def alike(one: str, other: str) -> bool:
    """Whether two names may be spellings of one data set: other dashes, a slip, or the end left out.

    >>> alike("imagenet1k", "imagenet-1k"), alike("imagenet", "imagenet-1k"), alike("imagenet-1k", "imagenet-21k")
    (True, True, False)
    """
    if one == other:
        return False
    if _plain(one) == _plain(other) or other.startswith(f"{one}-"):
        return True
    same_numbers = re.findall(r"\d+", one) == re.findall(r"\d+", other)
    return same_numbers and SequenceMatcher(None, _plain(one), _plain(other)).ratio() >= ALIKE


def _names(card: TaskCard | BackboneCard) -> Iterable[str]:
    if isinstance(card, TaskCard):
        return card.data.overlaps
    return card.pretraining.data if card.pretraining else ()


def _owner(card: TaskCard | BackboneCard) -> tuple[str, str]:
    return ("task", card.name) if isinstance(card, TaskCard) else ("family", card.family)


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _dashed(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "name-of-the-data"
