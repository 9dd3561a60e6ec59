"""Backbone cards: a right one passes, and each thing that can be wrong is said with its key."""

import pytest


def test_a_right_card_has_no_problems(plugin, found) -> None:
    """It is built, and its code sees that no memory is taken."""
    plugin.family()
    assert found("owl-eye") == ([], [])


WRONG = [
    ({"summary": " "}, "`summary` is empty"),
    ({"entry": "PACKAGE.gone:build"}, "`PACKAGE.gone:build` of the backbone `owl-eye` cannot be imported"),
    ({"entry": "PACKAGE.eyes:buidl"}, "has no attribute 'buidl'"),
    ({"entry": "PACKAGE.eyes:EYE"}, "cannot be imported"),
    ({"entry": "PACKAGE.eyes:__name__"}, "is a str, not a function"),
    ({"entry": "PACKAGE.eyes:narrow"}, "it is called as `build(card, seed=0, image_size=None)`"),
    ({"entry": "PACKAGE.eyes:fails"}, "does not build the model. ValueError: the owl is asleep."),
    ({"entry": "PACKAGE.eyes:stub"}, "does not build the model. NotImplementedError."),
    ({"entry": "PACKAGE.eyes:other"}, "returned a str, not a `Backbone`"),
    ({"entry": "PACKAGE.eyes:bare"}, "gives the backbone no usable `info`"),
    ({"architecture/layers": 3}, "`architecture.layers` = 3, but the model has 2."),
    ({"architecture/parameters_m": 0.5}, "`architecture.parameters_m` = 0.5, but the model has 0.3 million."),
    ({"architecture/parameters_m": 0}, "`architecture.parameters_m` = 0: give millions"),
    ({"architecture/image_size": 224}, "`architecture.image_size` = 224, but the model's native size is 32."),
    ({"architecture/image_size": None}, "`architecture.image_size` is not said, but the model's native size"),
    ({"architecture/image_size": 0}, "`architecture.image_size` = 0 is no side in pixels"),
    ({"architecture/model": ""}, "`architecture.model` is empty"),
    ({"architecture/mean": [0.5, 0.5, 0.5]}, "`architecture.std` is missing beside `architecture.mean`"),
    (
        {"architecture/mean": [123.7, 116.3, 103.5], "architecture/std": [0.5, 0.5, 0.5]},
        "`architecture.mean` = [123.7, 116.3, 103.5] is not of values in [0, 1]: divide it by 255.",
    ),
    (
        {"architecture/mean": [0.5, 0.5, 0.5], "architecture/std": [0.0, 0.5, 0.5]},
        "`architecture.std` = [0.0, 0.5, 0.5] is not",
    ),
    ({"weights": None}, "`weights` is missing"),
    ({"weights/url": None}, "`weights` says no source"),
    (
        {"weights/url": "ftp://example.org/owl.pth"},
        "`weights.url` = `ftp://example.org/owl.pth` is no address",
    ),
    (
        {"weights/url": "https://example.org/an owl.pth"},
        "`weights.url` = `https://example.org/an owl.pth` holds ' ', which addresses write as `%20`",
    ),
    ({"weights/url": "https://example.org:owl/owl.pth"}, "is no address"),
    ({"weights/url": "https://example.org/owl/"}, "give the name as `weights.filename`"),
    ({"weights/page": "example.org"}, "`weights.page` = `example.org` is no address"),
    ({"weights/filename": "../owl.pth"}, "`weights.filename` = '../owl.pth' is not the name of a file"),
    ({"weights/licence": ""}, "`weights.licence` is empty"),
    ({"weights/extra": "ego5d"}, "`weights.extra` = `ego5d` is no extra of toto-bench. Did you mean `ego4d`"),
    ({"weights/dialect": "dimo"}, "`weights.dialect` = `dimo` does not exist. Did you mean `dino`"),
    ({"weights/megabytes": 0.1}, "`weights.megabytes` = 0.1 is 0.33 bytes for each of 0.3 M parameters"),
    ({"weights/megabytes": 1200000}, "weights take 2 or 4"),
    ({"weights/package": "numpy"}, "`weights.filename` is missing: name the file inside `numpy`"),
    (
        {"weights/package": "numpy", "weights/filename": "owl.pth"},
        "`weights.filename` = `owl.pth` is not in the installed package `numpy`.",
    ),
    (
        {"weights/url": "https://example.org/dino_vitbase8_pretrain.pth"},
        "`dino_vitbase8_pretrain.pth` is also what `dino-b8` calls its file",
    ),
    ({"needs": {"module": "numpy", "extra": "eyes"}}, "`needs.extra` = `eyes` is no extra of toto-bench."),
    ({"pretraining": None}, "`pretraining` is missing"),
    ({"pretraining/data": []}, "`pretraining.data` is empty: name what the weights have seen"),
    ({"pretraining/method": ""}, "`pretraining.method` is empty"),
    ({"pretraining/data": ["ImageNet 1k"]}, "`pretraining.data` = `ImageNet 1k`: write it in lower case"),
    ({"entry": None, "quoted": " "}, "`quoted` is empty"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=lambda value: str(value)[:60])
def test_a_wrong_card_is_told_what_is_wrong(changes, message, plugin, found) -> None:
    """One thing is broken in a card that is right otherwise."""
    plugin.family(changes)
    problems, _ = found("owl-eye")
    assert any(message.replace("PACKAGE", plugin.folder.name) in text for text in problems), problems


NOTES = [
    ({"entry": None}, "the backbone is announced"),
    ({"needs": {"module": "owl_vision_of_nobody", "extra": "hf"}}, "`pip install 'toto-bench[hf]'`"),
    ({"weights/package": "owl-weights", "weights/filename": "o.pth"}, "`owl-weights` is not installed"),
    ({"weights/megabytes": 4.8}, "16 bytes for each of 0.3 M parameters: the file holds more than the model"),
    ({"weights/megabytes": None}, "`weights.megabytes` is not said"),
    ({"architecture/parameters_m": None}, "`architecture.parameters_m` is not said"),
    ({"pretraining/data": ["imagenet1k"]}, "Did you mean `imagenet-1k`"),
    ({"pretraining/data": [], "pretraining/method": "staring; data not stated"}, "not stated: results"),
]


@pytest.mark.parametrize(("changes", "message"), NOTES, ids=lambda value: str(value)[:60])
def test_what_is_worth_knowing_is_a_note(changes, message, plugin, found) -> None:
    """And no problem."""
    plugin.family(changes)
    problems, notes = found("owl-eye")
    assert problems == []
    assert any(message in text for text in notes), notes


@pytest.mark.parametrize(
    "weights",
    [
        {"repository": "owls/eyes", "licence": "MIT"},
        {"in_code": True, "licence": "MIT"},
        {"page": "https://example.org/owls", "filename": "owl.pth", "licence": "MIT"},
    ],
)
def test_weights_may_come_from_elsewhere_than_an_address(weights, plugin, found) -> None:
    """A hub, the code itself, or a page for people."""
    plugin.family({"weights": weights})
    assert found("owl-eye")[0] == []


def test_a_floor_needs_neither_weights_nor_data(plugin, found) -> None:
    """It has learnt nothing."""
    plugin.family({"floor": True, "weights": None, "pretraining": None})
    assert found("owl-eye") == ([], [])


def test_code_of_a_missing_extra_is_not_looked_at(plugin, found) -> None:
    """It could only fail to import what is not there."""
    plugin.family({"entry": "PACKAGE.gone:build", "needs": {"module": "owl_vision_of_nobody", "extra": "hf"}})
    assert found("owl-eye")[0] == []


def test_code_that_ends_the_process_is_a_problem_of_its_card(plugin, found) -> None:
    """The checks go on."""
    (plugin.folder / "quits.py").write_text("raise SystemExit(0)\n")
    plugin.family({"entry": "PACKAGE.quits:build"})
    problems, _ = found("owl-eye", "davis")
    assert len(problems) == 1
    assert "SystemExit" in problems[0]


def test_several_problems_are_all_said(plugin, found) -> None:
    """The first does not hide the others."""
    plugin.family({"weights/licence": "", "weights/dialect": "dimo", "architecture/layers": 3})
    assert len(found("owl-eye")[0]) == 3
