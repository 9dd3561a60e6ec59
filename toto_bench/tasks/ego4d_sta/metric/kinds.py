"""The twelve numbers: what a match needs, and whether nouns are averaged."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One number; a match always needs the box."""

    name: str
    """As the task's card has it."""
    noun: bool
    """A match needs the noun."""
    verb: bool
    """A match needs the verb."""
    ttc: bool
    """A match needs the time to contact, within the tolerance."""
    averaged: bool
    """The mean over nouns; else all predictions are of one class."""

    @property
    def needs(self) -> tuple[bool, bool, bool]:
        """Noun, verb, time to contact: kinds of equal needs have equal matches."""
        return self.noun, self.verb, self.ttc


AVERAGED = (
    Kind("noun", noun=True, verb=False, ttc=False, averaged=True),
    Kind("noun_verb", noun=True, verb=True, ttc=False, averaged=True),
    Kind("noun_ttc", noun=True, verb=False, ttc=True, averaged=True),
    Kind("overall", noun=True, verb=True, ttc=True, averaged=True),
)
"""Those of the challenge, in the order in which the official code prints them."""
UNAVERAGED = (
    Kind("ap_box", noun=False, verb=False, ttc=False, averaged=False),
    Kind("ap_box_noun", noun=True, verb=False, ttc=False, averaged=False),
    Kind("ap_box_verb", noun=False, verb=True, ttc=False, averaged=False),
    Kind("ap_box_ttc", noun=False, verb=False, ttc=True, averaged=False),
    Kind("ap_box_noun_verb", noun=True, verb=True, ttc=False, averaged=False),
    Kind("ap_box_noun_ttc", noun=True, verb=False, ttc=True, averaged=False),
    Kind("ap_box_verb_ttc", noun=False, verb=True, ttc=True, averaged=False),
    Kind("ap_box_noun_verb_ttc", noun=True, verb=True, ttc=True, averaged=False),
)
"""The official `OverallMeanAveragePrecision` has them too."""
KINDS = (*UNAVERAGED, *AVERAGED)
"""All twelve, in the official order."""
