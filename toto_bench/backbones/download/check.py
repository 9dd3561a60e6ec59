"""Whether a file that came whole is the one that was meant."""

import hashlib
from pathlib import Path

from toto_bench.backbones.download.errors import DownloadError, by_hand
from toto_bench.backbones.download.source import Source
from toto_bench.backbones.pages import is_web_page
from toto_bench.files import sha256_of


def check_file(path: Path, source: Source, target: Path) -> str:
    """What was checked, in words.

    Args:
        path: the file as it came.
        source: its digests, where they are known.
        target: where it is to go, for messages.

    Raises:
        DownloadError: it is empty or a web page, or has another digest.
    """
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        raise DownloadError(
            f"{source.url} gave an empty file, which was not kept. Repeat the command later, or {by_hand(target)}."
        )
    if is_web_page(head):
        raise DownloadError(
            f"{source.url} gave a web page instead of weights, perhaps to log in or to agree to terms. It was not "
            f"kept. Open the address: {by_hand(target)}."
        )
    checked = []
    if source.sha256 is not None:
        _compare("sha256", sha256_of(path), source.sha256, source, target)
        checked.append("sha256")
    if source.md5 is not None:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        _compare("md5", found, source.md5, source, target)
        checked.append("md5")
    return f"its {' and '.join(checked)} is right" if checked else "its card has no digest to check it by"


def _compare(kind: str, found: str, expected: str, source: Source, target: Path) -> None:
    if not found.startswith(expected):
        begins = "" if len(expected) == len(found) else "one that begins with "
        raise DownloadError(
            f"{source.url} gave another file than the card means: its {kind} is {found}, expected was "
            f"{begins}{expected}. It was not kept; repeat the command to fetch it anew. If the authors have "
            f"replaced the file and you trust it, {by_hand(target)}."
        )
