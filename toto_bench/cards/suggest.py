"""Suggestions for names that do not exist."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str], *, listed: int = 12) -> str:
    """A sentence to end an error with: the closest names, else the names there are.

    >>> did_you_mean("davs", ["davis", "cater"])
    '. Did you mean `davis`?'
    """
    names = sorted(set(known))
    folded = {known_name.casefold(): known_name for known_name in names}
    close = get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    if close:
        return ". Did you mean " + " or ".join(f"`{folded[match]}`" for match in close) + "?"
    if not names:
        return "."
    more = f" and {len(names) - listed} more" if len(names) > listed else ""
    return ". There are: " + ", ".join(f"`{known_name}`" for known_name in names[:listed]) + more + "."
