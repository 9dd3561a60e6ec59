"""What can go wrong with a download, and what a user can do about it."""

from pathlib import Path
from urllib.parse import urlparse

from toto_bench.errors import WeightsError

MEGABYTE = 1_000_000
"""Bytes of a MB, as cards count them."""


class DownloadError(WeightsError):
    """Weights could not be fetched."""


class Refused(Exception):  # noqa: N818  never reaches a user: `refused` says what to do
    """The server answers with an error."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status


class Dropped(Exception):  # noqa: N818  never reaches a user: it is what another attempt is made for
    """The connection ended before the file did."""


class BadAddress(Exception):  # noqa: N818  never reaches a user: `bad_address` says what to do
    """No server can be asked for such an address."""


class NoConnection(Dropped):
    """There was no connection at all: no network, no such host, nobody who answers, no trust in who does."""


def refused(url: str, target: Path, error: Refused, size: int) -> DownloadError:
    """The server does not give the file."""
    default = "its redirects lead nowhere" if 300 <= error.status < 400 else "it does not give the file"
    meaning = {
        401: "it wants a log-in",
        403: "it does not give the file to us: it may want a log-in or consent to its terms",
        404: "there is no such file any more",
    }.get(error.status, "it cannot answer now" if error.status >= 500 else default)
    return DownloadError(
        f"{url} answers {error}: {meaning}. {_kept(size)} Repeat the command later, or {by_hand(target)}."
    )


def bad_address(url: str, target: Path, fault: str) -> DownloadError:
    """The card's address, or one that a server sends us to, is none."""
    return DownloadError(
        f"The card's address `{url}` {fault}: nothing is fetched from it. Mend the card, or {by_hand(target)}."
    )


def offline(url: str, target: Path, error: Exception, size: int) -> DownloadError:
    """There is no connection."""
    return DownloadError(
        f"There is no connection to {urlparse(url).netloc} ({error}). {_kept(size)} Check the network, then repeat "
        f"the command; or {by_hand(target)}. The address is {url}."
    )


def given_up(url: str, target: Path, reason: str, size: int) -> DownloadError:
    """Too many connections in a row brought too little."""
    again = "The same command goes on where it was" if size else "Repeat the command later"
    return DownloadError(
        f"The connection to {urlparse(url).netloc} drops again and again (the last time: {reason.rstrip('.')}). "
        f"{_kept(size)} {again}; or {by_hand(target)}. The address is {url}."
    )


def too_much(url: str, target: Path, total: int) -> DownloadError:
    """The server does not keep to the length that it said."""
    return DownloadError(
        f"{url} sent more than the {total:,} bytes that it had announced: what came is damaged, and was not kept. "
        f"Repeat the command, or {by_hand(target)}."
    )


def by_hand(target: Path) -> str:
    """The way that needs no download by us."""
    return (
        "download it in a browser, or on another machine, and pass it with `--checkpoint FILE` or put it at "
        f"`{target}`"
    )


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{size:,} bytes"


def _kept(size: int) -> str:
    return f"{megabytes(size)} are here and kept." if size else "Nothing was kept."
