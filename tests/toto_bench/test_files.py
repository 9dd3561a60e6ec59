"""Files are whole or absent, errors of the disk have a way out, and digests depend on content alone."""

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from toto_bench import files
from toto_bench.files import (
    DiskError,
    digest,
    move_into,
    not_written,
    replacing,
    sha256_of,
    write_bytes,
    write_json,
    write_text,
)


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(os.listdir(folder))  # noqa: PTH208  hidden files are the point


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file that is there already."""
    path = tmp_path / "numbers.json"
    path.write_text("old")
    return path


def test_a_block_that_ends_well_replaces_the_file(old: Path) -> None:
    """The new content is in place, and nothing else is left."""
    with replacing(old) as temporary:
        temporary.write_text("new")
        assert old.read_text() == "old"
    assert old.read_text() == "new"
    assert names(old.parent) == [old.name]


def test_a_failure_inside_the_block_leaves_the_old_file(old: Path) -> None:
    """An error of the writer passes unchanged, without a trace on disk."""
    with pytest.raises(ZeroDivisionError), replacing(old) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert old.read_text() == "old"
    assert names(old.parent) == [old.name]


def test_an_interruption_leaves_the_old_file(old: Path) -> None:
    """Ctrl-C inside the block is no error of the disk."""
    with pytest.raises(KeyboardInterrupt), replacing(old) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert old.read_text() == "old"
    assert names(old.parent) == [old.name]


def test_the_temporary_file_has_the_suffix_and_the_folder_of_the_file(tmp_path: Path) -> None:
    """Writers that look at the suffix work, and the rename stays on one disk."""
    with replacing(tmp_path / "picture.png") as temporary:
        assert temporary.suffix == ".png"
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".writing-")


def test_folders_are_made(tmp_path: Path) -> None:
    """A file in a folder that does not exist yet can be written."""
    write_bytes(tmp_path / "a" / "b" / "c.bin", b"\x00\xff")
    assert (tmp_path / "a" / "b" / "c.bin").read_bytes() == b"\x00\xff"


def test_others_may_read_the_file(tmp_path: Path) -> None:
    """The private mode of temporary files does not stay."""
    write_text(tmp_path / "open.txt", "")
    assert (tmp_path / "open.txt").stat().st_mode & 0o777 == 0o644


def test_text_is_utf8(tmp_path: Path) -> None:
    """Whatever the locale, text is written as UTF-8."""
    write_text(tmp_path / "text", "J&F ± 1 %, 日本")
    assert (tmp_path / "text").read_bytes() == "J&F ± 1 %, 日本".encode()


def test_json_keeps_every_digit(tmp_path: Path) -> None:
    """A float read back is the same float."""
    values = [0.1 + 0.2, 1e-300, -0.0, 1 / 3]
    write_json(tmp_path / "x.json", {"values": values})
    assert json.loads((tmp_path / "x.json").read_text()) == {"values": values}


def test_content_that_is_not_json_leaves_the_old_file(old: Path) -> None:
    """Nothing is touched before the content is known to be good."""
    with pytest.raises(TypeError):
        write_json(old, {"a": object()})
    assert old.read_text() == "old"


def test_a_full_disk_is_an_error_with_a_way_out(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the file and what to do; the old file stays, the half-written one goes."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(DiskError) as caught:
        write_text(old, "new")
    message = str(caught.value)
    assert str(old) in message
    assert "No space left on device" in message
    assert "Free some space" in message
    assert "another folder" in message
    monkeypatch.undo()
    assert old.read_text() == "old"
    assert names(old.parent) == [old.name]


def test_no_permission_is_an_error_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be written to is named."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    with pytest.raises(
        DiskError, match=r"x\.txt could not be written: Permission denied\. Choose another folder"
    ):
        write_text(tmp_path / "x.txt", "new")


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize(
    ("number", "way_out"),
    [
        (errno.EROFS, "Set TOTO_BENCH_HOME to another folder"),
        (errno.EDQUOT, "Free some space or set TOTO_BENCH_HOME to another folder"),
    ],
)
def test_the_way_out_of_the_home_is_its_variable(
    number: int, way_out: str, relative: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Space helps where there is none left, and nowhere else."""
    monkeypatch.chdir(home.parent)
    if relative:
        monkeypatch.setenv("TOTO_BENCH_HOME", home.name)
    error = not_written(home / "weights" / "x.pth", OSError(number, os.strerror(number)))
    assert f": {os.strerror(number)}. {way_out}, then repeat" in str(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_an_error(tmp_path: Path) -> None:
    """The same, refused by the operating system itself."""
    tmp_path.chmod(0o500)
    with pytest.raises(DiskError, match="Permission denied"):
        write_text(tmp_path / "x.txt", "new")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("below", ["x.txt", "deep/er/x.txt"])
def test_a_path_below_a_regular_file_is_an_error(old: Path, below: str) -> None:
    """A folder cannot be made where a file is, and the file stays."""
    with pytest.raises(DiskError, match="could not be written"):
        write_text(old / below, "new")
    assert old.read_text() == "old"


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    """A folder is never replaced by a file."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(DiskError, match="Is a directory"):
        write_text(tmp_path / "taken", "new")
    assert names(tmp_path) == ["taken"]


def test_digest_does_not_depend_on_the_order_of_keys() -> None:
    """Two tables with equal content have one digest, at every depth."""
    one = {"a": 1, "b": {"c": [1, 2], "d": None}}
    other = {"b": {"d": None, "c": [1, 2]}, "a": 1}
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"), [([1, 2], [2, 1]), (1, 1.0), (0, False), ("1", 1), ({"a": None}, {}), ("a", "á")]
)
def test_digest_tells_values_apart(one: object, other: object) -> None:
    """The order of lists and the type of values count."""
    assert digest(one) != digest(other)


def test_digest_is_stable_over_versions() -> None:
    """Identities on disk hang on this value."""
    assert digest({"b": 1, "a": "x"}) == hashlib.sha256(b'{"a":"x","b":1}').hexdigest()


def test_sha256_of_is_that_of_the_bytes(tmp_path: Path) -> None:
    """A file larger than one read is digested whole."""
    content = os.urandom(3_000_001)
    (tmp_path / "big").write_bytes(content)
    assert sha256_of(tmp_path / "big") == hashlib.sha256(content).hexdigest()


def test_files_move_to_the_same_places(tmp_path: Path) -> None:
    """What is there already stays, or is replaced where the name is the same."""
    source, target = tmp_path / "source", tmp_path / "target"
    for path, text in ((source / "a/b/new", "new"), (source / "same", "after"), (target / "same", "before")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (target / "other").write_text("other")
    move_into(source, target)
    found = {p.relative_to(target).as_posix(): p.read_text() for p in target.rglob("*") if p.is_file()}
    assert found == {"a/b/new": "new", "same": "after", "other": "other"}
    assert not [path for path in source.rglob("*") if path.is_file()]


def test_a_place_that_cannot_be_moved_to_is_said(tmp_path: Path) -> None:
    """A file stands where a folder should be."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_text("a")
    (tmp_path / "target").write_text("in the way")
    with pytest.raises(DiskError, match="target could not be written"):
        move_into(tmp_path / "source", tmp_path / "target")
