"""Protocols that are not allowed: each problem in words, with the command that helps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toto_bench
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.errors import RequestError
from toto_bench.runner.tasks import build_protocol
from toto_bench.scaffold.write import write_new
from toto_bench.tasks.base import Task


@pytest.fixture
def make_task(tmp_path: Path) -> Callable[[str], Task[Any]]:
    """The task that `toto-bench new` writes, `count-shapes`, with another field in the place of `similarity`."""

    def make(field: str) -> Task[Any]:
        folder = tmp_path / "protocol_plugins"
        write_new("task", "count-shapes", folder)
        code = folder / "count_shapes.py"
        text = code.read_text()
        assert "    similarity: " in text
        code.write_text(text.replace("    similarity: ", f"    {field}: "))
        add_plugin_folder(folder)
        return toto_bench.load_task("count-shapes")

    return make


def test_card_and_class_that_name_different_values(make_task: Callable[[str], Task[Any]]) -> None:
    """Both names are said, no value is, and `validate` is the command."""
    with pytest.raises(RequestError) as caught:
        build_protocol(make_task("similarty"), "paper", {})
    assert str(caught.value) == (
        "The protocol of `count-shapes` (preset `paper`) does not allow this: the card has no `similarty`; "
        "`similarity` of the card is not in the protocol class. `toto-bench validate count-shapes` compares the card "
        "with the class."
    )


def test_a_value_that_is_not_allowed(make_task: Callable[[str], Task[Any]]) -> None:
    """It is shown, and `show` is the command."""
    with pytest.raises(
        RequestError, match=r"`similarity` = 'dot': .*`toto-bench show task count-shapes` lists"
    ):
        build_protocol(make_task("similarity"), "paper", {"similarity": "dot"})
