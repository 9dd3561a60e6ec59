"""Where weights are looked for, and the ways on where there are none."""

from pathlib import Path

import pytest

from toto_bench.backbones.sources import how_to_get, local_places
from toto_bench.cards import Weights, find_backbone


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://example.org/weights/..", "http://[example/e.pth"]
)
def test_an_address_without_a_file_names_no_place(url):
    """Least of all the folder above the weights folder."""
    assert local_places(Weights(url=url, licence="x")) == []
    assert local_places(Weights(url=url, filename="..", licence="x")) == []


def test_the_files_name_is_looked_for_before_the_addresss(home):
    weights = Weights(url="https://example.org/a/e.pth?x=1", filename="eye.pth", licence="x")
    assert local_places(weights) == [home / "weights" / "eye.pth", home / "weights" / "e.pth"]


@pytest.mark.parametrize("filename", ["mine.safetensors", None])
def test_weights_that_nobody_published_are_not_said_to_come_from_somewhere(
    filename: str | None, home: Path
) -> None:
    """Each way can be gone: there is nothing to fetch, and a place only where a file has a name."""
    card = find_backbone("dino-s16")
    weights = Weights(public=False, filename=filename, page="https://example.org/paper", licence="x")
    text = how_to_get(card, weights)
    assert text.startswith(
        "No weights of `dino-s16` are public. Ways on: make some with `toto-bench pretrain`"
    )
    assert "`--checkpoint PATH`" in text and "`--random-init`" in text
    assert "--download" not in text and "example.org" not in text
    assert (str(home / "weights" / "mine.safetensors") in text) == (filename is not None)
