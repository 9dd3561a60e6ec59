"""From a task's name to its code, and from preset and overrides to its protocol."""

import tomllib
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from toto_bench.cards import TaskCard, did_you_mean, find_task
from toto_bench.cards.code import calling
from toto_bench.cards.entries import import_entry
from toto_bench.cards.errors import CardError
from toto_bench.errors import RequestError
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.base import ProtocolModel, Task


def load_task(name: str) -> Task[Any]:
    """The task of that name.

    Raises:
        UnknownNameError: there is none.
        RequestError: it is announced only.
        CardError: its entry cannot be imported, or is no task.
    """
    card = find_task(name)
    if card.entry is None:
        raise RequestError(
            f"`{name}` is announced: its card says what it will measure (`toto-bench show task {name}`), the code is "
            "not there yet. `toto-bench list tasks` shows what runs."
        )
    of = f"the task `{name}`"
    found = import_entry(card.entry, of)
    if not (isinstance(found, type) and issubclass(found, Task)):
        raise CardError(
            f"The entry `{card.entry}` of {of} is no class of `Task`: name the one that evaluates."
        )
    with calling(card.entry, of):
        task: Task[Any] = found(card)
    return task


def preset_of(request: RunRequest, card: TaskCard) -> str:
    """The preset in force: the one asked for, else `sample` for the sample, else `paper`."""
    if request.preset is not None:
        return request.preset
    return "sample" if request.on_sample and "sample" in card.presets else "paper"


def build_protocol(task: Task[Any], preset: str, values: dict[str, Any]) -> ProtocolModel:
    """Preset and overrides as the task's protocol model.

    Raises:
        RequestError: a name does not exist, or a value is not allowed.
    """
    known = task.protocol.model_fields
    for name in values:
        if name not in known:
            raise RequestError(
                f"`{task.card.name}` has no protocol value `{name}`{did_you_mean(name, known)}"
            )
    try:
        return task.protocol.model_validate(task.card.values(preset) | values)
    except ValidationError as error:
        problems = "; ".join(_explain(problem) for problem in _worth_showing(error))
        raise RequestError(
            f"The protocol of `{task.card.name}` (preset `{preset}`) does not allow this: {problems}. "
            f"{_way_out(error, task.card.name)}"
        ) from error


def parse_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Every `--set` of a command line; the last of several for one name counts.

    Raises:
        RequestError: one is not of the form `name=value`.
    """
    return dict(parse_setting(text) for text in texts)


def parse_setting(text: str) -> tuple[str, Any]:
    """`name=value` with a TOML value, or a bare word.

    >>> parse_setting("top_k=5"), parse_setting("resize=square")
    (('top_k', 5), ('resize', 'square'))

    Raises:
        RequestError: there is no `=`.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise RequestError(f"`--set {text}` is not of the form `name=value`, for example `--set top_k=10`.")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def _worth_showing(error: ValidationError) -> list[Any]:
    """One problem per value: the first of a union's alternatives says enough."""
    seen: dict[Any, Any] = {}
    for problem in error.errors():
        seen.setdefault(problem["loc"][:1], problem)
    return list(seen.values())


def _explain(problem: Any) -> str:
    if not problem["loc"]:
        return str(problem["msg"]).removeprefix("Value error, ")
    name = problem["loc"][0]
    if _is_of_names(problem):
        missing = problem["type"] == "missing"
        return (
            f"the card has no `{name}`" if missing else f"`{name}` of the card is not in the protocol class"
        )
    return f"`{name}` = {problem['input']!r}: {problem['msg']!s}"


def _is_of_names(problem: Any) -> bool:
    """Whether card and protocol class name different values, which no value mends."""
    return problem["type"] in ("missing", "extra_forbidden") and len(problem["loc"]) == 1


def _way_out(error: ValidationError, task: str) -> str:
    if any(_is_of_names(problem) for problem in error.errors()):
        return f"`toto-bench validate {task}` compares the card with the class."
    return f"`toto-bench show task {task}` lists the values."
