"""Pictures and LMDB: where frames lie, and what is said where they do not."""

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from toto_bench.errors import RequestError
from toto_bench.tasks.ego4d_sta.errors import FrameError
from toto_bench.tasks.ego4d_sta.frames import choose_sources
from toto_bench.tasks.ego4d_sta.frames.databases import Databases
from toto_bench.tasks.ego4d_sta.frames.pictures import Pictures
from toto_bench.tasks.ego4d_sta.frames.source import Spot

from .conftest import SIDE, annotated, number_of, numbered, write_video


def jpeg(number: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(numbered(number)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def write_pictures(folder: Path, video: str, *frames: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        (folder / f"{video}_{frame:07d}.jpg").write_bytes(jpeg(frame % 256))


def write_database(folder: Path, video: str, *frames: int) -> None:
    lmdb = pytest.importorskip("lmdb")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        lmdb.open(str(folder / video), map_size=2**24) as environment,
        environment.begin(write=True) as writing,
    ):
        for frame in frames:
            writing.put(f"{video}_{frame:010d}".encode(), jpeg(frame % 256))


def test_pictures(tmp_path: Path) -> None:
    write_pictures(tmp_path, "v", 7, 300)
    source = Pictures(tmp_path)
    assert source.problem(annotated("v", 7)) is None
    assert "v_0000008.jpg is missing" in str(source.problem(annotated("v", 8)))
    found = dict(source.read("v", [7, 8, 300]))
    assert number_of(found[7]) == 7
    assert number_of(found[300]) == 300 - 256
    assert isinstance(found[8], FrameError)
    assert source.size(Spot("v", 7)) == (SIDE, SIDE)
    with pytest.raises(FrameError, match="cannot be read"):
        source.size(Spot("v", 8))


def test_a_cut_picture(tmp_path: Path) -> None:
    (tmp_path / "v_0000007.jpg").write_bytes(jpeg(7)[:300])
    [(_, found)] = Pictures(tmp_path).read("v", [7])
    assert isinstance(found, FrameError)


def test_databases(tmp_path: Path) -> None:
    write_database(tmp_path, "v", 1, 2, 4)
    source = Databases(tmp_path)
    assert source.problem(annotated("v", 1)) is None
    assert "data.mdb is missing" in str(source.problem(annotated("w", 1)))
    found = dict(source.read("v", [1, 2, 3, 4]))
    assert [number_of(found[number]) for number in (1, 2, 4)] == [1, 2, 4]
    assert isinstance(found[3], FrameError)
    assert "`v_0000000003`" in str(found[3])
    assert source.size(Spot("v", 4)) == (SIDE, SIDE)


def test_no_database(tmp_path: Path) -> None:
    pytest.importorskip("lmdb")
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "data.mdb").write_bytes(b"no database" * 1000)
    with pytest.raises(FrameError, match=r"cannot be read as LMDB .* Extract it again"):
        list(Databases(tmp_path).read("v", [1]))


def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(RequestError, match=r"pip install 'toto-bench\[ego4d\]'"):
        list(Databases(tmp_path).read("v", [1]))


def test_the_source_with_the_fewest_gaps_is_chosen(tmp_path: Path) -> None:
    order = [annotated("v", 7), annotated("w", 9)]
    assert choose_sources(tmp_path, "v1", order) == (None, None)
    write_pictures(tmp_path / "object_frames", "v", 7)
    write_video(tmp_path / "v1" / "full_scale" / "v.mp4", range(3))
    still, clip = choose_sources(tmp_path, "v1", order)
    assert (still.name, clip.name) == ("object_frames", "full_scale")  # one gap each
    write_video(tmp_path / "v1" / "full_scale" / "w.mp4", range(3))
    still, clip = choose_sources(tmp_path, "v1", order)
    assert still is clip
    assert clip.folder == tmp_path / "v1" / "full_scale"
    for video in ("v", "w"):
        write_video(tmp_path / "clips" / f"clip-{video}.mp4", range(3))
        (tmp_path / "lmdb" / video).mkdir(parents=True)
        (tmp_path / "lmdb" / video / "data.mdb").write_bytes(b"")
    still, clip = choose_sources(tmp_path, "v1", order)
    assert (still.name, clip.name) == ("full_scale", "lmdb")
