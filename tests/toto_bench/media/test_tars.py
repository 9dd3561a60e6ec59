"""Members of tars, read where they lie."""

import io
import tarfile
from pathlib import Path

import pytest

from toto_bench.errors import DataError
from toto_bench.media.sources import Source
from toto_bench.media.tars import members_of


def write_tar(path: Path | io.BytesIO, files: dict[str, bytes]) -> None:
    """An uncompressed tar."""
    stream = path.open("wb") if isinstance(path, Path) else path
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    if isinstance(path, Path):
        stream.close()


def packed(files: dict[str, bytes]) -> bytes:
    """The bytes of a tar."""
    stream = io.BytesIO()
    write_tar(stream, files)
    return stream.getvalue()


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """A tar of tars, as the official training set is."""
    files = {
        f"n{c}.tar": packed({f"n{c}_{i}.JPEG": f"{c} {i}".encode() * 300 for i in range(3)}) for c in (7, 8)
    }
    write_tar(tmp_path / "train.tar", files)
    return tmp_path / "train.tar"


def test_a_flat_archive(tmp_path: Path) -> None:
    """Names and bytes, in order."""
    write_tar(tmp_path / "val.tar", {"b.JPEG": b"second", "a.JPEG": b"first" * 200})
    members = members_of(tmp_path / "val.tar")
    assert [(m.name, m.source.read()) for m in members] == [("b.JPEG", b"second"), ("a.JPEG", b"first" * 200)]


def test_archives_within_an_archive(nested: Path) -> None:
    """Each member's bytes come straight out of the outer file."""
    members = {member.name: member.source for member in members_of(nested)}
    assert list(members) == [f"n{c}.tar/n{c}_{i}.JPEG" for c in (7, 8) for i in range(3)]
    assert members["n8.tar/n8_2.JPEG"].read() == b"8 2" * 300
    assert {source.path for source in members.values()} == {nested}


def test_the_index_is_kept_until_the_archive_changes(nested: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time no header is read; another archive of that name is read anew."""
    first = members_of(nested)
    with monkeypatch.context() as patched:
        patched.setattr("toto_bench.media.tars._members", lambda *_: pytest.fail("read again"))
        assert members_of(nested) == first
    write_tar(nested, {"x.JPEG": b"x"})
    assert [member.name for member in members_of(nested)] == ["x.JPEG"]


def test_an_empty_archive(tmp_path: Path) -> None:
    """No members, from the kept index too."""
    write_tar(tmp_path / "empty.tar", {})
    assert members_of(tmp_path / "empty.tar") == members_of(tmp_path / "empty.tar") == []


@pytest.mark.parametrize("keep", [700, 5000])
def test_a_cut_off_archive_is_an_error(nested: Path, keep: int) -> None:
    """In an inner one too: a part of the training set is not taken for all of it."""
    nested.write_bytes(nested.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"train\.tar cannot be read"):
        members_of(nested)


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    """A page of the server that refused the download, for example."""
    (tmp_path / "val.tar").write_bytes(b"<html>" * 200)
    with pytest.raises(DataError, match=r"val\.tar cannot be read as an uncompressed tar"):
        members_of(tmp_path / "val.tar")


def test_a_source_is_a_range_of_bytes(tmp_path: Path) -> None:
    """Size and text of both kinds."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    whole, part = Source(path), Source(path, 3, 4)
    assert (whole.read(), part.read(), whole.size(), part.size()) == (b"0123456789", b"3456", 10, 4)
    assert (str(whole), str(part)) == (str(path), f"{path} (byte 3)")
