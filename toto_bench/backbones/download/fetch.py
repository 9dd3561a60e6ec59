"""The weights of a card: what, how much, from where, under which licence; then the file itself."""

from pathlib import Path

from toto_bench.backbones.download.errors import DownloadError
from toto_bench.backbones.download.lock import alone
from toto_bench.backbones.download.source import Source
from toto_bench.backbones.download.transfer import fetch_file
from toto_bench.backbones.sources import local_places, source_of
from toto_bench.cards import Weights
from toto_bench.progress import Progress


def fetch_weights(name: str, weights: Weights, progress: Progress) -> None:
    """Fetch the weights to where they are looked for first; the file is there whole and checked, or not at all.

    What came of an attempt that failed is kept, and the next one goes on from it. Of several processes that ask for
    the same file one fetches it, the others wait.

    Args:
        name: of the backbone, for messages.
        weights: of its card.
        progress: hears size, source and licence before anything is asked of a server, then how far it is.

    Raises:
        DownloadError: there is nothing to fetch, no connection, the server refuses, or what came is wrong.
        DiskError: the disk is full, or the folder cannot be written.
    """
    target = _target(name, weights)
    size = f"{weights.megabytes:.0f} MB" if weights.megabytes else "size not stated"
    progress.say(
        f"`{name}`: downloading {target.name} ({size}) from {weights.url or source_of(weights)} to {target}. "
        f"Licence: {weights.licence}."
    )
    if weights.repository:
        from toto_bench.backbones.hf.hub import fetch_repository  # noqa: PLC0415  only some cards need the hub

        fetch_repository(weights.repository, target, progress)
        return
    assert weights.url is not None
    source = Source(weights.url, weights.sha256, weights.md5, weights.megabytes)
    source.expect_web()
    with alone(target, progress):
        if not target.exists():  # else another process has fetched it meanwhile
            fetch_file(source, target, progress)


def _target(name: str, weights: Weights) -> Path:
    places = local_places(weights)
    if not (weights.url or weights.repository):
        raise DownloadError(
            f"The weights of `{name}` are no download: they come from {source_of(weights)}. Or pass them with "
            "`--checkpoint FILE`."
        )
    if not places:
        raise DownloadError(
            f"The address of the weights of `{name}`, {weights.url}, names no file. Add `filename` to its card, or "
            "pass the file with `--checkpoint FILE`."
        )
    return places[0]
