"""Turning the files of a source into shards of token ids: once, resumable, in any number of processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch

from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.errors import DataError
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.shard_folder import ShardFolder
from toto_bench.pretraining.shards import Ids, Shards
from toto_bench.pretraining.views import Pixels, Viewing, views_of

FRAMES_AT_ONCE = 64
"""Frames that the tokenizer reads at once."""
_LARGEST_ID = 2**16 - 1


def tokenise(folder: ShardFolder, tokenizer: Tokenizer, viewing: Viewing, session: Session) -> Shards:
    """The shards of some files, made where they are not there yet; what was made is kept when this is stopped.

    Files that cannot be read are left out, counted and named.

    Args:
        folder: their place, and the files.
        tokenizer: on the device of the session.
        viewing: how views are cut.
        session: each of its processes makes a part of the parts.

    Raises:
        DataError: the shards that were made before are damaged.
        DiskError: the disk is full, or cannot be written.
    """
    ranks = session.ranks
    # One look for all: another training may finish the same shards between the looks of two processes.
    finished = ranks.total([float(ranks.first and folder.finished)], session.device)[0] > 0
    if not finished:
        _Maker(folder, tokenizer, viewing, session).run()
        ranks.barrier()
        if ranks.first:
            folder.finish()
    ranks.barrier()
    shards = folder.open()
    _report(folder, shards, session)
    return shards


class _Maker(NamedTuple):
    folder: ShardFolder
    tokenizer: Tokenizer
    viewing: Viewing
    session: Session

    def run(self) -> None:
        """Make this process's parts that are not there."""
        ranks, progress, parts = self.session.ranks, self.session.reporter, self.folder.parts()
        own = range(ranks.rank, len(parts), ranks.world_size)
        todo = [number for number in own if not self.folder.has(number)]
        progress.start(
            f"Tokens of {self.folder.listing.root.name}", sum(len(parts[number]) for number in todo)
        )
        try:
            with ThreadPoolExecutor(max(self.session.workers, 1)) as pool:
                for number in todo:
                    files = [self.folder.listing.files[index] for index in parts[number]]
                    rows, skipped = self._part(files, pool)
                    self.folder.write(number, rows, skipped)
        finally:
            progress.stop()

    def _part(self, files: list[str], pool: ThreadPoolExecutor) -> tuple[Ids, dict[str, str]]:
        """Rows of some files, and why others have none."""
        rows: list[Ids] = []
        skipped: dict[str, str] = {}
        waiting: list[Pixels] = []
        # A few at a time: the frames of all files of a part would fill the memory.
        for file, loaded in zip(files, few_ahead(pool, self._load, files), strict=True):
            self.session.reporter.advance()
            if isinstance(loaded, str):
                skipped[file] = loaded
                continue
            waiting.append(loaded)
            if sum(views.shape[0] * views.shape[1] for views in waiting) >= FRAMES_AT_ONCE:
                rows.append(self._encode(waiting))
        if waiting:
            rows.append(self._encode(waiting))
        side = self.viewing.size // self.tokenizer.stride
        frames = self.viewing.frames if self.folder.kind == "videos" else 1
        return np.concatenate([np.empty((0, frames, side, side), np.uint16), *rows]), skipped

    def _load(self, file: str) -> Pixels | str:
        """All views of a file, or why there are none."""
        try:
            return views_of(self.folder.listing.root, file, self.folder.kind, self.viewing)
        except DataError as error:
            return str(error)

    def _encode(self, waiting: list[Pixels]) -> Ids:
        ids = encode(np.concatenate(waiting), self.tokenizer, self.session.device)
        waiting.clear()
        return ids


def encode(views: Pixels, tokenizer: Tokenizer, device: torch.device) -> Ids:
    """Ids of uint8 [N, T, R, R, 3]: uint16 [N, T, h, w]."""
    assert tokenizer.vocabulary is not None
    assert tokenizer.vocabulary <= _LARGEST_ID + 1
    frames = torch.from_numpy(views).flatten(0, 1)
    codes = [
        tokenizer.encode(chunk.to(device).permute(0, 3, 1, 2).float().div_(255)).cpu()
        for chunk in torch.split(frames, FRAMES_AT_ONCE)
    ]
    ids = torch.cat(codes).numpy().astype(np.uint16)
    return ids.reshape(*views.shape[:2], *ids.shape[1:])


def few_ahead(
    pool: ThreadPoolExecutor, load: Callable[[str], Pixels | str], files: list[str], depth: int = 4
) -> Iterator[Pixels | str]:
    """`map(load, files)` in the threads of a pool, never more than `depth` ahead of what was taken."""
    coming = [pool.submit(load, file) for file in files[:depth]]
    for file in [*files[depth:], *[None] * min(depth, len(files))]:
        done = coming.pop(0)
        if file is not None:
            coming.append(pool.submit(load, file))
        yield done.result()


def _report(folder: ShardFolder, shards: Shards, session: Session) -> None:
    skipped = shards.manifest["skipped"]
    if skipped and session.ranks.first:
        reason = next(iter(skipped.values()))
        session.reporter.say(
            f"Note: {len(skipped)} of {shards.manifest['files']} files below {folder.listing.root} are left out; the "
            f"first: {reason}. {folder.path / 'manifest.json'} names all."
        )
