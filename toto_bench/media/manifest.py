"""Which files decode: looked at once, in parallel, and remembered for as long as a file has its size and time."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath
from typing import NamedTuple

from toto_bench.files import DiskError, digest, write_json
from toto_bench.media.sources import Source
from toto_bench.paths import cache_folder

_SAVED_EVERY = 5000
"""Files between two savings: what an interrupted check found is not lost."""
_VERSION = 1
"""Of the files' format."""


class Known(NamedTuple):
    """What was found out about a file."""

    size: int
    """Bytes of it, or of the part that was looked at."""
    time: int
    """Of its last change, in nanoseconds."""
    problem: str | None
    """Why it cannot be decoded; None where it can."""
    facts: tuple[float, ...] = ()
    """Numbers that its kind has: of a video frames, frames per second, height and width."""


Probe = Callable[[Source], tuple[str | None, tuple[float, ...]]]
"""Looks at a file: its problem and its facts."""


class Manifest:
    """What is known about the files of a data set; it lies in the cache, not beside the data."""

    def __init__(self, root: Path, kind: str) -> None:
        """That of a data set.

        Args:
            root: of the data set.
            kind: of what was looked at: `videos`, `images`.
        """
        self.root = root.absolute()
        self.path = (
            cache_folder() / "manifests" / f"{kind}-{digest([str(self.root), kind, _VERSION])[:32]}.json"
        )
        self._known = self._load()

    def problems(self, sources: Mapping[str, Source]) -> dict[str, str]:
        """Of these items those that are known not to decode, with the reason; files that changed are unknown."""
        broken = [key for key, known in self._known.items() if known.problem]
        files = {PurePath(each).name for key in broken for each in (key, key.rpartition("@")[0])}
        suspects = ((name, source) for name, source in sources.items() if source.path.name in files)
        found = ((name, self._recall(source)) for name, source in suspects)
        return {name: known.problem for name, known in found if known is not None and known.problem}

    def probe(
        self, sources: Mapping[str, Source], look: Probe, workers: int | None = None
    ) -> dict[str, Known]:
        """Look at files that are not known yet, several at once, and remember them.

        Args:
            sources: item to its file; all exist.
            look: reads one of them.
            workers: threads; None = one for each processor.

        Returns:
            What is known about each item now.
        """
        found: dict[str, Known] = {}
        unsaved = 0
        with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
            looks = pool.map(lambda source: self._look(source, look), sources.values())
            for name, (key, known, new) in zip(sources, looks, strict=True):
                found[name] = known
                if new:
                    self._known[key] = known
                    unsaved += 1
                if unsaved >= _SAVED_EVERY:
                    self._save()
                    unsaved = 0
        if unsaved:
            self._save()
        return found

    def _look(self, source: Source, look: Probe) -> tuple[str, Known, bool]:
        if (known := self._recall(source)) is not None:
            return self._key(source), known, False
        try:
            size, time = self._state(source)
        except OSError as error:
            return self._key(source), Known(-1, 0, f"it cannot be read ({error.strerror})"), False
        problem, facts = look(source)
        return self._key(source), Known(size, time, problem, facts), True

    def _recall(self, source: Source) -> Known | None:
        known = self._known.get(self._key(source))
        try:
            return known if known and (known.size, known.time) == self._state(source) else None
        except OSError:
            return None

    @staticmethod
    def _state(source: Source) -> tuple[int, int]:
        state = source.path.stat()
        return state.st_size if source.length is None else source.length, state.st_mtime_ns

    def _key(self, source: Source) -> str:
        path = source.path.absolute()
        name = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        return name.as_posix() if source.length is None else f"{name.as_posix()}@{source.offset}"

    def _load(self) -> dict[str, Known]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return dict(_entries(content))
        except (OSError, ValueError, TypeError, AttributeError):  # absent, or not ours: look again
            return {}

    def _save(self) -> None:
        try:
            write_json(self.path, {key: list(known) for key, known in self._known.items()})
        except DiskError:  # a full disk costs time at the next check, not this one
            return


def _entries(content: Mapping[str, list[object]]) -> Iterator[tuple[str, Known]]:
    for key, (size, time, problem, facts) in content.items():
        if not (isinstance(size, int) and isinstance(time, int) and isinstance(facts, list)):
            raise TypeError(f"`{key}` is not as it was written")
        yield key, Known(size, time, None if problem is None else str(problem), tuple(facts))
