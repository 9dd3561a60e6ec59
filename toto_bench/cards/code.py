"""Calling the code behind a card: what goes wrong in a plug-in is said to be the plug-in's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from toto_bench.cards.errors import CardError
from toto_bench.cards.plugins import plugins
from toto_bench.errors import TotoBenchError


class PluginError(TotoBenchError):
    """The code of a plug-in failed."""


@contextmanager
def calling(entry: str, of: str) -> Iterator[None]:
    """Around a call of an entry; our own entries fail as they fail.

    Args:
        entry: `module:name`, as the card has it.
        of: whose entry it is, for the error: "the backbone `eye`".

    Raises:
        CardError: the code of a plug-in raised something that it did not mean for users.
    """
    try:
        yield
    except TotoBenchError:
        raise
    except Exception as error:
        if entry.startswith("toto_bench."):
            raise
        place = f" ({where})" if (where := place_of(error)) else ""
        raise CardError(
            f"The code of {of} (`{entry}`) failed: {type(error).__name__}: {error}{place}. `toto-bench validate` says "
            "what an entry has to be; `toto-bench --debug ...` shows the whole traceback."
        ) from error


def failed_in_plugin(error: BaseException) -> PluginError | None:
    """The error of a plug-in whose code, or something that it called, raised; None where no plug-in is involved."""
    if (place := place_of(error)) is None:
        return None
    return PluginError(
        f"The code of a plug-in failed ({place}): {type(error).__name__}: {error}. `toto-bench --debug ...` shows the "
        "whole traceback; what was finished is kept."
    )


def place_of(error: BaseException) -> str | None:
    """File and line of the innermost frame that lies in a plug-in."""
    folders = [str(plugin.folder) for plugin in plugins()]
    found, trace = None, error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if any(file.is_relative_to(folder) for folder in folders):
            found = _where(trace, file)
        trace = trace.tb_next
    return found


def _where(trace: TracebackType, file: Path) -> str:
    return f"{file}, line {trace.tb_lineno}"
