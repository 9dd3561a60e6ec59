"""What the hub's client raises, in words."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toto_bench.backbones.download.errors import DownloadError
from toto_bench.files import not_written


@contextmanager
def in_words(repository: str, folder: Path) -> Iterator[None]:
    """Say what an error of the hub's client inside the block means, and the ways on.

    Raises:
        DownloadError: no connection, no such repository, it is gated, or the hub cannot answer.
        DiskError: the disk is full, or the folder cannot be written.
    """
    errors: Any = importlib.import_module("huggingface_hub.errors")
    host = importlib.import_module("huggingface_hub.constants").ENDPOINT
    page = f"{host}/{repository}"
    by_hand = f"fetch its files in a browser, or on another machine, and put them at `{folder}`"
    try:
        yield
    except errors.GatedRepoError as error:
        raise DownloadError(
            f"`{repository}` is gated: its authors want you to agree to terms first. Do so on {page}, log in with "
            f"`hf auth login`, and repeat the command; or {by_hand}."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise DownloadError(
            f"The hub shows no repository `{repository}`: there is none, or it is private. Check the name on {page}; "
            "if it is yours, log in with `hf auth login`."
        ) from error
    except errors.HfHubHTTPError as error:
        raise DownloadError(
            f"{page} answers {error.response.status_code}. What came is kept: repeat the command later, or {by_hand}."
        ) from error
    except (errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError, errors.HTTPError) as error:
        raise DownloadError(
            f"There is no connection to {host} ({type(error).__name__}). What came is kept: check the network, and "
            f"that `HF_HUB_OFFLINE` is not set, then repeat the command; or {by_hand}."
        ) from error
    except OSError as error:
        if error.errno is not None:
            raise not_written(folder, error) from error
        raise DownloadError(
            f"{page} sent less than it had announced, or something else. What came is kept: repeat the command, or "
            f"{by_hand}."
        ) from error
