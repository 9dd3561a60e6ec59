"""The transformers library: imported when it is needed, and kept quiet."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from toto_bench.errors import RequestError

HfModel: TypeAlias = Any
"""A transformers model: a torch module, with attributes that only the library's convention promises."""
HfConfig: TypeAlias = Any
"""Its configuration."""


def model_class(name: str) -> Any:
    """A model class of the installed transformers.

    Raises:
        RequestError: this version has no such class.
    """
    library = importlib.import_module("transformers")
    try:
        return getattr(library, name)
    except AttributeError as error:
        raise RequestError(
            f"transformers {library.__version__}, which is installed, has no `{name}`: "
            "`pip install --upgrade transformers`."
        ) from error


def refusals() -> tuple[type[Exception], ...]:
    """What transformers raises for a configuration that it cannot take."""
    strict: type[Exception] = importlib.import_module("huggingface_hub.errors").StrictDataclassError
    return (TypeError, ValueError, AttributeError, strict)


def one_line(error: Exception) -> str:
    """What an error says, in one line without a full stop."""
    return " ".join(str(error).split()).rstrip(".")[:300] or type(error).__name__


@contextmanager
def quiet() -> Iterator[None]:
    """No reports and progress bars of transformers inside the block: what is wrong, we say ourselves."""
    logging = importlib.import_module("transformers.utils.logging")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
