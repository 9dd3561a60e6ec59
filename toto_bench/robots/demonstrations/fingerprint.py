"""Which demonstrations these are: a digest of their files."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from toto_bench.files import sha256_of


def fingerprint_of(path: Path, read: Sequence[str] = ()) -> str:
    """Hash of the sorted (name, byte size) of every file, and of the content of those whose numbers were read.

    Args:
        path: a file or a folder; names that begin with a dot do not count.
        read: patterns of names of files whose content counts too.
    """
    if path.is_file():
        return hashlib.sha256(f"{path.name} {sha256_of(path)}".encode()).hexdigest()
    lines = []
    for file in path.rglob("*"):
        name = file.relative_to(path)
        if file.is_file() and not any(part.startswith(".") for part in name.parts):
            whole = any(name.match(pattern) for pattern in read)
            lines.append(f"{name.as_posix()} {sha256_of(file) if whole else file.stat().st_size}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
