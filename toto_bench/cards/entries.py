"""From the `entry` of a card to the code behind it."""

import importlib
from typing import Any

from toto_bench.cards.errors import CardError


def import_entry(entry: str, of: str) -> Any:
    """What `module:name` means.

    Args:
        entry: as the card has it.
        of: whose entry it is, for the error: "the backbone `eye`".

    Raises:
        CardError: the module cannot be imported, whatever it raises, or has no such name.
    """
    module, _, name = entry.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:
        reason = str(error) if isinstance(error, AttributeError) else f"{type(error).__name__}: {error}"
        raise CardError(
            f"The entry `{entry}` of {of} cannot be imported ({reason.rstrip('.: ')}). Mend the module or the card; "
            "the same command as `toto-bench --debug ...` shows the whole traceback."
        ) from error
