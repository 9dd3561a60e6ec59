"""What is to be fetched."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlparse

from toto_bench.backbones.download.errors import DownloadError


@dataclass(frozen=True)
class Source:
    """A file on the web, and what is known of it beforehand."""

    url: str
    """Its address."""
    sha256: str | None = None
    """Hex digest of the whole file."""
    md5: str | None = None
    """Beginning of the hex digest of the whole file."""
    megabytes: float | None = None
    """Its size, about."""

    def expect_web(self) -> None:
        """Refuse what is no address on the web: a card must not read files of this machine.

        Raises:
            DownloadError: names the address.
        """
        if fault := fault_of(self.url):
            raise DownloadError(
                f"The card's address `{self.url}` {fault}: nothing is fetched from it. Mend the card, or pass the "
                "file with `--checkpoint FILE`."
            )


def fault_of(url: str) -> str | None:
    """Why nothing can be fetched from an address, as the rest of a sentence; None: it has the right form."""
    try:
        parts = urlparse(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"is no address ({error})"
    if parts.scheme not in ("http", "https"):
        return "is neither `https://` nor `http://`"
    if not host:
        return "names no host"
    if strange := re.search(r"[^!-~]", url):
        return f"holds {strange[0]!r}, which addresses write as `{quote(strange[0])}`"
    return None
