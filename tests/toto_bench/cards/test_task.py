"""The rules of task cards; texts of errors in general are tested with `base`."""

import copy
from pathlib import Path
from typing import Any

import pytest

from toto_bench.cards import CardError, TaskCard, UnknownNameError
from toto_bench.cards.base import parse

FILE = Path("jump.toml")
CONTENT: dict[str, Any] = {
    "name": "jump",
    "title": "Jumps",
    "version": 1,
    "summary": "How high.",
    "paper": "Table 1",
    "primary": "height",
    "unit": "videos",
    "metrics": [
        {"name": "height", "title": "H", "description": "How high."},
        {"name": "error", "title": "E", "description": "How wrong.", "higher_is_better": False},
    ],
    "data": dict.fromkeys(["name", "url", "licence", "size", "layout", "how_to_get"], "x"),
    "protocol": {
        "radius": {"value": 12, "source": "the paper"},
        "value": {"value": True, "source": "ours", "inferred": True},
    },
    "presets": {
        "paper": {"description": "The paper.", "source": "Table 1"},
        "sample": {"description": "Quick.", "source": "ours", "values": {"radius": 3}},
    },
}


def read(change: Any = lambda content: None) -> TaskCard:
    """The card, after a change of its content."""
    content = copy.deepcopy(CONTENT)
    change(content)
    return parse(TaskCard, content, FILE)


def put(path: str, value: Any) -> Any:
    """A change that puts a value at a dotted place."""
    *parents, last = path.split(".")

    def change(content: Any) -> None:
        for parent in parents:
            content = content[int(parent) if isinstance(content, list) else parent]
        content[last] = value

    return change


@pytest.mark.parametrize(
    ("place", "nearest"),
    [
        ("titel", "title"),
        ("metrics.1.higher_is_beter", "higher_is_better"),
        ("data.licens", "licence"),
        ("protocol.radius.sorce", "source"),
        ("protocol.value.sorce", "source"),
        ("presets.sample.vals", "values"),
    ],
)
def test_a_misspelt_key_gives_its_whole_path_and_the_nearest(place: str, nearest: str) -> None:
    """At every depth of the card."""
    with pytest.raises(CardError) as caught:
        read(put(place, "x"))
    assert f"{FILE}: `{place}` is not a known key. Did you mean `{nearest}`?" in str(caught.value)


def test_a_value_without_a_source_is_refused() -> None:
    """Every protocol value says where it comes from."""
    with pytest.raises(CardError, match=r"`protocol\.radius\.source` is missing"):
        read(put("protocol.radius", {"value": 12}))


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("version", 0, "greater than or equal to 1"),
        ("version", "one", "integer"),
        ("metrics", [], "at least 1 item"),
        ("metrics.0.unit", "metres", "'%', 'mAP', 'steps', 'px' or ''"),
        ("metrics.0.name", "J&F", "pattern"),
        ("entry", "no colon", "pattern"),
        ("name", "Jump!", "pattern"),
        ("data", "somewhere", "dictionary"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_right(place: str, value: Any, message: str) -> None:
    """Type, bound, choice or pattern."""
    with pytest.raises(CardError) as caught:
        read(put(place, value))
    assert f"`{place}` = {value!r}: " in str(caught.value)
    assert message in str(caught.value)


def test_overlaps_say_what_was_seen_and_how() -> None:
    """By the names of pre-training data; a card without any has none."""
    overlap = {"split": "training", "how": "the same videos"}
    assert read().data.overlaps == {}
    assert (
        read(put("data.overlaps", {"jumps-1k": overlap})).data.overlaps["jumps-1k"].how == "the same videos"
    )


@pytest.mark.parametrize(
    ("overlap", "message"),
    [
        ({"split": "some", "how": "x"}, "'training', 'evaluation' or 'unknown'"),
        ({"split": "unknown"}, r"`data\.overlaps\.jumps-1k\.how` is missing"),
        ({"split": "unknown", "how": "x", "hwo": "x"}, r"overlaps\.jumps-1k\.hwo` is not a known key"),
    ],
)
def test_an_overlap_that_is_not_whole_is_refused(overlap: dict[str, str], message: str) -> None:
    """With the name of the data."""
    with pytest.raises(CardError, match=message):
        read(put("data.overlaps", {"jumps-1k": overlap}))


def test_the_primary_metric_is_one_of_the_metrics() -> None:
    """The metrics there are, are listed."""
    with pytest.raises(CardError) as caught:
        read(put("primary", "heigth"))
    assert str(caught.value) == f"{FILE}: `primary` is `heigth`, but `metrics` has only height, error."


def test_the_preset_paper_is_there() -> None:
    """It is the default of every task."""
    with pytest.raises(CardError, match=r"`paper` is missing: add `\[presets\.paper\]`\.$"):
        read(lambda content: content["presets"].pop("paper"))


def test_a_preset_changes_only_values_that_there_are() -> None:
    """A misspelt protocol value is told with the nearest one."""
    with pytest.raises(CardError) as caught:
        read(put("presets.sample.values", {"radios": 3}))
    message = str(caught.value)
    assert (
        "preset `sample` changes `radios`, which `[protocol]` does not have. Did you mean `radius`?"
        in message
    )


def test_values_of_a_preset_lie_over_the_protocol() -> None:
    """Only what it names is changed."""
    card = read()
    assert card.values() == card.values("paper") == {"radius": 12, "value": True}
    assert card.values("sample") == {"radius": 3, "value": True}


def test_values_are_the_caller_s_own() -> None:
    """A caller that changes them does not change the card."""
    card = read()
    card.values()["radius"] = 99
    assert card.values()["radius"] == 12


def test_an_unknown_preset_is_told_with_the_nearest() -> None:
    """As every unknown name."""
    with pytest.raises(UnknownNameError, match=r"`jump` has no preset `papper`\. Did you mean `paper`\?$"):
        read().values("papper")


@pytest.mark.parametrize("name", ["error", "error@held-out", "error@layer@3"])
def test_a_metric_is_found_by_the_name_before_the_at_sign(name: str) -> None:
    """Variants of a number share its description."""
    assert read().metric(name).name == "error"


@pytest.mark.parametrize("name", ["eror", "eror@held-out", "@held-out"])
def test_an_unknown_metric_is_an_error(name: str) -> None:
    """The name is given as it was asked for."""
    with pytest.raises(UnknownNameError, match=f"`jump` has no metric `{name}`"):
        read().metric(name)


def test_a_task_without_code_is_announced_only() -> None:
    """The entry decides."""
    assert not read().runnable
    assert read(put("entry", "toto_bench.tasks.jump:Jump")).runnable
