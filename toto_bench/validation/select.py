"""From the words on the command line to cards."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from toto_bench.cards import UnknownNameError, did_you_mean
from toto_bench.validation.sources import CardFile, Entry, read_card_file


class Selection(NamedTuple):
    """What was asked for."""

    files: list[CardFile]
    """Files whose state as a whole is told."""
    entries: list[Entry]
    """Cards that are checked."""


def select(words: Sequence[str], files: list[CardFile]) -> Selection:
    """The cards that words name; all of them when there are none. Files beside the search path join `files`.

    Raises:
        UnknownNameError: a word is neither a card, a family, nor a path.
    """
    if not words:
        return Selection(list(files), [entry for file in files for entry in file.entries])
    chosen = [_chosen(word, files) for word in dict.fromkeys(words)]
    entries = [entry for selection in chosen for entry in selection.entries]
    return Selection(
        list({id(file): file for selection in chosen for file in selection.files}.values()),
        list({id(entry): entry for entry in entries}.values()),
    )


def _chosen(word: str, files: list[CardFile]) -> Selection:
    if word.endswith(".toml"):
        file = _file_at(Path(word), files)
        return Selection([file], file.entries)
    found = [(file, entry) for file in files for entry in file.entries if entry.subject.name == word]
    if found:
        return Selection([file for file, _ in found], [entry for _, entry in found])
    families = [file for file in files if file.path.stem == word]
    if not families:
        known = [name for file in files for name in (file.path.stem, *(e.subject.name for e in file.entries))]
        raise UnknownNameError(f"There is no task, backbone or family `{word}`{did_you_mean(word, known)}")
    return Selection(families, [entry for file in families for entry in file.entries])


def _file_at(path: Path, files: list[CardFile]) -> CardFile:
    place = path.expanduser().resolve()
    if not place.is_file():
        raise UnknownNameError(f"{path}: there is no such card file. Check the path, or name the card.")
    for file in files:
        if file.path.resolve() == place:
            return file
    files.append(read_card_file(path, searched=False))
    return files[-1]
