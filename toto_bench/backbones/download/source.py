"""What is to be fetched."""

from dataclasses import dataclass
from urllib.parse import urlparse

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
        """Refuse an address that is not on the web: a card must not read files of this machine.

        Raises:
            DownloadError: names the address.
        """
        if urlparse(self.url).scheme not in ("http", "https"):
            raise DownloadError(
                f"The card's address `{self.url}` is neither `https://` nor `http://`: nothing is fetched from it. "
                "Mend the card, or pass the file with `--checkpoint FILE`."
            )
