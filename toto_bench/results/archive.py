"""Writing an archive of runs, so that the same runs give the same bytes."""

import gzip
import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from toto_bench.errors import RequestError
from toto_bench.files import replacing
from toto_bench.results.folder import RECORD_FILE
from toto_bench.results.manifest import LARGEST_MANIFEST, MANIFEST_FILE, Manifest


def write_archive(path: Path, manifest: Manifest, sources: Mapping[str, Path | bytes]) -> None:
    """Write an archive: the manifest, the records, then the other files, without times and owners.

    Args:
        path: the archive to be.
        manifest: describes every source.
        sources: name in the archive to a file, or to content.

    Raises:
        RequestError: there are more files than a manifest may list.
        DiskError: it cannot be written.
    """
    listed = (manifest.model_dump_json(indent=1) + "\n").encode()
    if len(listed) > LARGEST_MANIFEST:
        raise RequestError(
            f"{len(sources)} files are too many for one archive: export fewer runs at once, or with `--light`."
        )
    with (
        replacing(path) as temporary,
        temporary.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, MANIFEST_FILE, listed)
        for name in sorted(sources, key=lambda name: (not is_record(name), name)):
            _add(tar, name, sources[name])


def _add(tar: tarfile.TarFile, name: str, source: Path | bytes) -> None:
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream:
        info.size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        tar.addfile(info, stream)


def is_record(name: str) -> bool:
    """Whether a file of this name in an archive is the record of a run."""
    return name.split("/")[1:] == [RECORD_FILE]
