"""A tar stream costs what the reader asks of it, whatever its headers claim."""

import io
import tarfile

import pytest

from toto_bench.results.tar import is_plain, members

MANY = 1_000_000_000


class Watched(io.BytesIO):
    """Keeps the largest number of bytes that was asked for at once."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0
        self.largest = max(self.largest, size)
        return super().read(size)


def header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    """One block."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.USTAR_FORMAT)


def padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % 512)


def records(content: bytes) -> bytes:
    """A header for a long name, as it stands before the header of the file."""
    return header("x", tarfile.XHDTYPE, len(content)) + padded(content)


def read(stream: bytes) -> list[tuple[str, bytes]]:
    return [(info.name, b"".join(content)) for info, content in members(Watched(stream))]


@pytest.mark.parametrize(
    "name", ["a", "a/b.png", "a/" * 40 + "b" * 90, "x" * 200 + "/y", "ä/日本 b", "line\nfeed"]
)
@pytest.mark.parametrize("size", [0, 1, 512, 513, 2_500_000])
def test_what_python_writes_is_read(name, size):
    """Short names, long ones, others than ASCII; whole blocks and parts of them."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for own in (name, "last"):
            info = tarfile.TarInfo(own)
            info.size = size
            tar.addfile(info, io.BytesIO(b"x" * size))
    assert read(stream.getvalue()) == [(name, b"x" * size), ("last", b"x" * size)]


def test_a_file_too_large_for_its_header_has_its_size_before_it():
    """From 8 GB on; here a small one does."""
    stream = records(b"10 size=3\n") + header("a") + padded(b"abc") + b"\0" * 512
    assert read(stream) == [("a", b"abc")]


def test_content_that_is_not_read_is_passed_over():
    """All of it or a part."""
    stream = Watched(header("a", size=3_000_000) + padded(b"x" * 3_000_000) + header("b") + b"\0" * 512)
    found = []
    for info, content in members(stream):
        next(content, None)
        found.append(info.name)
    assert found == ["a", "b"]


@pytest.mark.parametrize(
    "stream",
    [
        header("x", tarfile.XHDTYPE, MANY),
        records(b"19 size=1000000000\n") + header("x", tarfile.XHDTYPE),
        header("a", size=MANY),
        records(b"19 size=1000000000\n") + header("a"),
    ],
    ids=["a header", "a header's header", "a file", "a file by its header"],
)
def test_no_claim_is_taken_into_memory(stream):
    """Not more than a megabyte is asked for at once, whatever a header says is there."""
    watched = Watched(stream + b"\0" * 1024)
    with pytest.raises((tarfile.TarError, EOFError)):
        for _, content in members(watched):
            for piece in content:
                assert len(piece) <= 1 << 20
    assert watched.largest <= 1 << 20


def test_a_large_header_is_refused_before_it_is_read():
    """It is all there, and none of it is taken."""
    content = b"%d path=%s\n" % (1_000_013, b"a" * 1_000_000)
    watched = Watched(records(content) + header("a") + b"\0" * 512)
    with pytest.raises(tarfile.ReadError, match=r"a header of 1000014 bytes, the largest allowed has 65536"):
        list(members(watched))
    assert watched.tell() == 512


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"10 path=a",
        b"9 path=a",
        b"0 path=a\n",
        b"-9 path=a\n",
        b"9 path a\n",
        b"9" * 5000 + b" path=a\n",
    ],
    ids=lambda content: content[:12].decode(),
)
def test_headers_that_cannot_be_read(content):
    """Each is an error of the stream, not of the program."""
    with pytest.raises(tarfile.TarError, match="a header"):
        read(records(content) + header("a") + b"\0" * 512)


@pytest.mark.parametrize("value", ["", "x", "-1", "²", "1" * 20])
def test_sizes_that_are_none(value):
    """In the header before that of the file."""
    record = f" size={value}\n".encode()
    with pytest.raises(tarfile.TarError, match="something else for a number"):
        read(records(b"%d%s" % (len(record) + 2, record)) + header("a") + b"\0" * 512)


def test_headers_one_after_the_other_are_refused():
    """However many: nothing calls itself."""
    with pytest.raises(tarfile.TarError, match="describes no file"):
        read(records(b"10 path=b\n") * 5000 + header("a") + b"\0" * 512)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE, tarfile.XGLTYPE],
)
def test_other_kinds_are_named_and_hold_nothing(kind):
    """The reader goes on as if they were empty."""
    [(info, content)] = members(Watched(header("a", kind, MANY) + b"\0" * 512))
    assert not is_plain(info)
    assert list(content) == []


@pytest.mark.parametrize("kept", [0, 100, 511, 512, 600, 1024])
def test_cut_off(kept):
    """Between blocks too: an end has to be there."""
    with pytest.raises((tarfile.TarError, EOFError)):
        read((header("a", size=600) + padded(b"x" * 600))[:kept])


def test_a_damaged_header():
    """Its sum is wrong."""
    with pytest.raises(tarfile.TarError):
        read(header("a").replace(b"a", b"b", 1) + b"\0" * 512)
