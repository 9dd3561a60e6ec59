"""What every card shares: strictness, and errors that give file, key and the way out."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from toto_bench.cards.errors import CardError
from toto_bench.cards.suggest import did_you_mean

CardType = TypeVar("CardType", bound=BaseModel)
_LONGEST_VALUE = 80


class Strict(BaseModel):
    """A model that refuses keys it does not know, and cannot be changed once made."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        CardError: the file cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardError(f"{path}: cannot be read as a card: {error}. Mend the file, or remove it.") from error


def parse(model: type[CardType], content: dict[str, Any], path: Path, where: str = "") -> CardType:
    """A validated card; `where` is the table inside the file.

    Raises:
        CardError: names the file, the key, what was found and what would be right.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = [_explain(model, problem, where) for problem in error.errors()]
        raise CardError(f"{path}: " + " ".join(lines)) from error


def problems_of(model: type[BaseModel], content: dict[str, Any], where: str = "") -> list[tuple[str, str]]:
    """What `parse` would refuse: each wrong key with its sentence; empty when the card is right."""
    try:
        model.model_validate(content)
    except ValidationError as error:
        return [(_key(problem, where), _explain(model, problem, where)) for problem in error.errors()]
    return []


def _key(problem: Any, where: str) -> str:
    return ".".join([*filter(None, [where]), *(str(part) for part in problem["loc"])]) or "the card"


def _explain(model: type[BaseModel], problem: Any, where: str) -> str:
    key = _key(problem, where)
    if problem["type"] == "missing":
        return f"`{key}` is missing: add it."
    if problem["type"] == "extra_forbidden":
        known = _fields_at(model, problem["loc"][:-1])
        return f"`{key}` is not a known key{did_you_mean(str(problem['loc'][-1]), known)}"
    if problem["type"] == "value_error":
        place = f"`{key}`: " if problem["loc"] or where else ""
        return f"{place}{problem['ctx']['error']}."
    return f"`{key}` = {_shortened(problem['input'])}: {problem['msg']}."


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _fields_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """Names of the fields that could stand at a place inside a model, as far as its types tell."""
    parts = iter(location)
    for part in parts:
        field = model.model_fields.get(str(part))
        inner = _model_types(field.annotation) if field else []
        if field is None or not inner:
            return []
        if get_origin(field.annotation) in (dict, tuple):
            next(parts, None)
        model = inner[0]
    return list(model.model_fields)


def _model_types(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [kind for part in getattr(annotation, "__args__", ()) for kind in _model_types(part)]
