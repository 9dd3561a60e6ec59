"""Making a folder of token ids: uint16 arrays in parts, each whole or absent, at last the manifest."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from toto_bench.files import digest, write_bytes, write_json
from toto_bench.pretraining.listing import Listing
from toto_bench.pretraining.recipe import Kind
from toto_bench.pretraining.shards import MANIFEST, Ids, Shards
from toto_bench.pretraining.views import Viewing

FILES_PER_PART: dict[Kind, int] = {"images": 2048, "videos": 64, "frames": 64}


class ShardFolder:
    """`KEY/part-N.npy` (rows [T, h, w]), `part-N.json` (what was left out), and at last the manifest."""

    def __init__(self, store: Path, listing: Listing, kind: Kind, tokenizer: str, viewing: Viewing) -> None:
        """The place of the tokens of some files.

        Args:
            store: folder of all shard folders.
            listing: the files.
            kind: what they are.
            tokenizer: its identity.
            viewing: how views are cut.
        """
        self.listing, self.kind = listing, kind
        self.facts: dict[str, Any] = {
            "kind": kind,
            "tokenizer": tokenizer,
            "size": viewing.size,
            "views": viewing.views,
            "seed": viewing.seed,
            "files": len(listing.files),
            "listing": listing.stamp,
        }
        if kind == "videos":
            self.facts |= {"frames": viewing.frames, "stride": viewing.stride}
        if viewing.zoom > 1:
            self.facts["zoom"] = viewing.zoom
        self.path = store / digest(self.facts)[:24]

    def parts(self) -> list[range]:
        """The files of each part."""
        size, count = FILES_PER_PART[self.kind], len(self.listing.files)
        return [range(at, min(at + size, count)) for at in range(0, count, size)]

    @property
    def finished(self) -> bool:
        """Whether all parts are there."""
        return (self.path / MANIFEST).is_file()

    def has(self, number: int) -> bool:
        """Whether a part is there."""
        return self._array(number).is_file()

    def write(self, number: int, rows: Ids, skipped: dict[str, str]) -> None:
        """Keep a part; two processes that make the same one write the same.

        Raises:
            DiskError: the operating system refused.
        """
        content = io.BytesIO()  # numpy's own writer says nothing of a full disk
        np.save(content, rows, allow_pickle=False)
        sha256 = hashlib.sha256(content.getvalue()).hexdigest()
        write_json(self._note(number), {"skipped": skipped, "sha256": sha256})
        write_bytes(self._array(number), content.getvalue())

    def finish(self) -> None:
        """Write the manifest.

        Raises:
            DiskError: the operating system refused.
        """
        numbers = range(len(self.parts()))
        notes = [json.loads(self._note(number).read_text()) for number in numbers]
        skipped: dict[str, str] = {}
        for note in notes:
            skipped |= note["skipped"]
        rows = [len(np.load(self._array(number), mmap_mode="r")) for number in numbers]
        ids = digest([note["sha256"] for note in notes])
        write_json(self.path / MANIFEST, self.facts | {"rows": rows, "ids": ids, "skipped": skipped})

    def _note(self, number: int) -> Path:
        return self.path / f"part-{number:06d}.json"

    def _array(self, number: int) -> Path:
        return self.path / f"part-{number:06d}.npy"

    def open(self) -> "Shards":
        """All rows.

        Raises:
            DataError: the folder is damaged.
        """
        return Shards(self.path)
