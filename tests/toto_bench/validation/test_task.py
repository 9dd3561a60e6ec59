"""Task cards: a right one passes, and each thing that can be wrong is said with its key."""

import pytest


def test_a_right_card_has_no_problems(plugin, found) -> None:
    """Its sample is written and read."""
    plugin.task()
    assert found("hoot") == ([], [])


METRIC = {"name": "heard", "title": "Heard", "description": "Share of hoots."}
WRONG = [
    ({"title": ""}, "`title` is empty"),
    ({"entry": "PACKAGE.gone:Hoot"}, "`PACKAGE.gone:Hoot` of the task `hoot` cannot be imported"),
    ({"entry": "PACKAGE.hoots:NoTask"}, "is not a task: make it a subclass"),
    ({"entry": "PACKAGE.hoots:HOOT"}, "has no attribute 'HOOT'"),
    ({"entry": "PACKAGE.hoots:Dumb"}, "has no protocol model"),
    ({"entry": "PACKAGE.hoots:Unfinished"}, "cannot be made from the card. TypeError: Can't instantiate"),
    ({"entry": "PACKAGE.hoots:Silent"}, "`presets.sample` is there, but the task writes no sample"),
    ({"entry": "PACKAGE.hoots:Empty"}, "writes an empty sample"),
    ({"entry": "PACKAGE.hoots:Crash"}, "fails to write its sample. ZeroDivisionError: owls."),
    ({"entry": "PACKAGE.hoots:Garbled"}, "cannot read the sample that it wrote. there is no owl.txt"),
    ({"entry": "PACKAGE.hoots:Asleep"}, "finds problems in the sample that it wrote. owl: asleep"),
    ({"presets/sample": None}, "`presets.sample` is missing, but the task writes a sample"),
    ({"presets/paper/values": {"count": 4}}, "`presets.paper.values` changes `count`"),
    ({"presets/paper/source": ""}, "`presets.paper` has an empty `description` or `source`"),
    ({"presets/sample/values": {"count": 0}}, "`presets.sample` is not allowed."),
    ({"protocol/count/value": "many"}, "`presets.paper` is not allowed."),
    ({"protocol/count/source": " "}, "`protocol.count.source` is empty"),
    (
        {"protocol/owl": {"value": 1, "source": "s"}},
        "`protocol.owl` is no field of the protocol model. Did you mean",
    ),
    ({"protocol/owls": None}, "`protocol.owls` is missing: the protocol model has it"),
    ({"data/url": "example.org"}, "`data.url` = `example.org` is no address"),
    ({"data/licence": ""}, "`data.licence` is empty"),
    ({"metrics": [METRIC, METRIC]}, "`metrics` has `heard` 2 times"),
    ({"primary": "seen"}, "`primary` is `seen`, but `metrics` has only heard"),
    ({"presets/paper": None}, "the preset `paper` is missing"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=lambda value: str(value)[:60])
def test_a_wrong_card_is_told_what_is_wrong(changes, message, plugin, found) -> None:
    """One thing is broken in a card that is right otherwise."""
    plugin.task(changes)
    problems, _ = found("hoot")
    assert any(message.replace("PACKAGE", plugin.folder.name) in text for text in problems), problems


def test_an_announced_task_is_a_note(plugin, found) -> None:
    """Nothing stands behind it that could be checked."""
    plugin.task({"entry": None})
    problems, notes = found("hoot")
    assert problems == []
    assert "the task is announced" in notes[0]


def test_a_task_without_sample_and_without_its_preset_is_right(plugin, found) -> None:
    """Both are left out together."""
    plugin.task({"entry": "PACKAGE.hoots:Silent", "presets/sample": None})
    assert found("hoot") == ([], [])


def test_data_that_code_makes_has_no_page(plugin, found) -> None:
    """Then the card says so."""
    plugin.task({"data/url": "none: made by the task"})
    assert found("hoot") == ([], [])
