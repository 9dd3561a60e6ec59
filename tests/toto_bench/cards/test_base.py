"""Errors of cards name file and key and say what would be right; every key of every model is described."""

import inspect
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from toto_bench.cards import backbone, task
from toto_bench.cards.base import Strict, parse, read_toml
from toto_bench.cards.errors import CardError
from toto_bench.results import record
from toto_bench.tasks.davis.protocol import DavisProtocol

FILE = Path("cards") / "thing.toml"


class Wheel(Strict):
    """A table inside a table."""

    size: int = Field(ge=1)
    """Inches."""
    colour: str = "black"
    """Of the tyre."""


class Car(Strict):
    """A small card."""

    title: str
    """A name."""
    wheels: dict[str, Wheel] = Field(default_factory=dict)
    """By place."""
    spares: tuple[Wheel, ...] = ()
    """In order."""
    best: Wheel | None = None
    """Of all."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Words."""

    @model_validator(mode="after")
    def _not_cursed(self) -> "Car":
        if self.title == "cursed":
            raise ValueError("a cursed car is not sold")
        return self


def error_of(content: dict[str, object], where: str = "") -> str:
    """What is said about a wrong card."""
    with pytest.raises(CardError) as caught:
        parse(Car, content, FILE, where)
    return str(caught.value)


def models_of(*modules: ModuleType) -> list[type[BaseModel]]:
    """The pydantic models that modules define."""
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__
    ]


MODELS = [*models_of(backbone, task, record), DavisProtocol]


def test_a_good_card_is_read() -> None:
    """Tables become models."""
    card = parse(Car, {"title": "x", "wheels": {"left": {"size": 3}}}, FILE)
    assert card.wheels["left"] == Wheel(size=3)


def test_a_card_cannot_be_changed() -> None:
    """Cards are cached and shared."""
    card = Car(title="x")
    with pytest.raises(ValidationError, match="frozen"):
        card.title = "y"


@pytest.mark.parametrize(
    ("content", "key", "nearest"),
    [
        ({"titel": "y"}, "titel", "title"),
        ({"wheels": {"left": {"size": 3, "color": "red"}}}, "wheels.left.color", "colour"),
        ({"spares": [{"size": 3}, {"size": 3, "color": "red"}]}, "spares.1.color", "colour"),
        ({"best": {"size": 3, "color": "red"}}, "best.color", "colour"),
        ({"wheels": {"size": {"size": 3, "color": "red"}}}, "wheels.size.color", "colour"),
    ],
)
def test_a_misspelt_key_gives_file_key_and_the_nearest(
    content: dict[str, object], key: str, nearest: str
) -> None:
    """Also inside tables, lists and optional tables, and below a name that is a key elsewhere."""
    message = error_of({"title": "x"} | content)
    assert message == f"{FILE}: `{key}` is not a known key. Did you mean `{nearest}`?"


def test_a_key_like_no_other_gives_the_keys_there_are() -> None:
    """A wrong guess leads to the list."""
    message = error_of({"title": "x", "best": {"size": 3, "zzz": 1}})
    assert message.endswith("`best.zzz` is not a known key. There are: `colour`, `size`.")


def test_where_stands_before_the_key() -> None:
    """The path of a key starts at the top of the file."""
    message = error_of({"title": "x", "best": {"colour": "red"}}, where="variants.fast")
    assert message == f"{FILE}: `variants.fast.best.size` is missing: add it."


def test_a_missing_key_is_named() -> None:
    """The empty card lacks its title."""
    assert error_of({}) == f"{FILE}: `title` is missing: add it."


def test_a_wrong_type_gives_what_was_found() -> None:
    """The value is shown as it stands in the file."""
    message = error_of({"title": "x", "best": {"size": "many"}})
    assert message.startswith(f"{FILE}: `best.size` = 'many': ")
    assert "integer" in message
    assert message.endswith(".")


def test_a_value_out_of_bounds_gives_the_bound() -> None:
    """What would be right is said."""
    assert "`best.size` = 0: Input should be greater than or equal to 1." in error_of(
        {"title": "x", "best": {"size": 0}}
    )


def test_a_long_value_is_shortened() -> None:
    """An error stays a paragraph."""
    assert len(error_of({"title": ["many words"] * 100})) < 250


def test_all_problems_are_told_at_once() -> None:
    """One round of mending is enough."""
    message = error_of({"titel": "x", "best": {}})
    for part in ("`title` is missing", "`best.size` is missing", "`titel` is not a known key"):
        assert part in message
    assert "?." not in message


def test_a_rule_over_several_keys_is_told_without_the_whole_card() -> None:
    """The words of the rule stand alone."""
    assert error_of({"title": "cursed"}) == f"{FILE}: a cursed car is not sold."
    assert error_of({"title": "cursed"}, where="a.b") == f"{FILE}: `a.b`: a cursed car is not sold."


@pytest.mark.parametrize("content", [b"title = ", b"title = 'x'\ntitle = 'y'", b"\xff\xfe", b"just words"])
def test_a_file_that_is_not_toml(tmp_path: Path, content: bytes) -> None:
    """The file is named, with what to do."""
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(CardError, match=r"bad\.toml: cannot be read as a card: .*Mend the file"):
        read_toml(path)


@pytest.mark.parametrize("name", ["absent.toml", "folder.toml"])
def test_a_file_that_cannot_be_opened(tmp_path: Path, name: str) -> None:
    """A missing file and a folder are errors of the card."""
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(CardError, match=name):
        read_toml(tmp_path / name)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_every_field_and_model_is_described(model: type[BaseModel]) -> None:
    """Generated pages of keys have no holes."""
    without = [name for name, field in model.model_fields.items() if not (field.description or "").strip()]
    assert not without
    assert (model.__doc__ or "").strip() or model.__name__.startswith("_")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_every_model_refuses_unknown_keys_and_changes(model: type[BaseModel]) -> None:
    """No model forgets to be strict."""
    assert model.model_config.get("extra") == "forbid"
    assert model.model_config.get("frozen") is True


def test_the_models_are_those_meant() -> None:
    """The two tests above look at something."""
    assert {"TaskCard", "BackboneCard", "RunRecord", "Metric", "DavisProtocol"} <= {
        m.__name__ for m in MODELS
    }
