"""`run:FOLDER`: the backbone that a training made, as a folder: `card.toml`, weights, of a Toto its tokenizer too."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toto_bench.cards import BackboneCard, backbone_cards
from toto_bench.cards.base import parse, read_toml
from toto_bench.errors import RequestError

CARD_FILE = "card.toml"
RUNS = Path("runs")
"""Where `run:ID` looks for `ID/backbone`."""
INNER = "backbone"
ENTRY = "toto_bench.backbones.toto.build:build"
"""Builds a Toto, whose weights are all files of the folder."""
WEIGHTS_FILE = "model.safetensors"
"""Weights, of other backbones the only file."""
_PREFIX = "run:"


def find_trained(target: str) -> Path | None:
    """The folder that is meant: of a backbone, of a training that has one, or with `run:` also an id in `runs`."""
    plain = target.removeprefix(_PREFIX)
    given = Path(plain).expanduser()
    by_id = [RUNS / plain / INNER] if plain != target else []
    for place in (given, given / INNER, *by_id):
        if (place / CARD_FILE).is_file():
            return place
    return None


def trained_card(target: str) -> BackboneCard:
    """The card of a trained backbone, by what follows `run:`; its weights are in its folder.

    Raises:
        RequestError: there is no such folder.
        CardError: its card is damaged.
    """
    folder = find_trained(f"{_PREFIX}{target}")
    if folder is None:
        raise RequestError(
            f"`run:{target}`: there is no trained backbone (a folder with `{CARD_FILE}`) at {target}, nor at "
            f"{RUNS / target / INNER}. Give the folder that `toto-bench pretrain` named at its end, or its run's id."
        )
    path = folder / CARD_FILE
    content = read_toml(path)
    entry = _known_entry(content.get("entry", ENTRY), path)
    place = folder if entry == ENTRY else folder / WEIGHTS_FILE
    weights = {**content.get("weights", {}), "folder": str(place.absolute())}
    card = parse(BackboneCard, {**content, "entry": entry, "weights": weights}, path)
    return card.model_copy(update={"name": f"{_PREFIX}{target}"})


def _known_entry(entry: str, path: Path) -> str:
    """A folder from elsewhere must not name any code that happens to be installed.

    Raises:
        RequestError: no backbone card names it.
    """
    if entry in {ENTRY, *(card.entry for card in backbone_cards().values())}:
        return entry
    raise RequestError(
        f"{path}: the backbone is built by `{entry}`, which no backbone card names: install the plug-in that it comes "
        "from, or give its cards with `--plugin-dir`."
    )


def card_toml(card: BackboneCard) -> str:
    """A card as the text of its file."""
    content = card.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return "\n".join(_lines(content, ())) + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += ["", f"[{'.'.join((*path, key))}]", *_lines(value, (*path, key))]
    return lines


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # Texts, numbers and truths are written alike in JSON and TOML, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
