"""The store of ids: what was put is got, whole or not at all, by any number of processes."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import torch

from toto_bench.features.ids import IdStore
from toto_bench.features.store import FeatureStore
from toto_bench.files import DiskError


@pytest.fixture
def store(tmp_path: Path) -> IdStore:
    """Empty; its folder does not exist yet."""
    return IdStore(tmp_path / "cache" / "ids.sqlite")


def grid(seed: int, *shape: int) -> torch.Tensor:
    """Ids of all sizes that fit."""
    return torch.randint(0, 2**16, shape, generator=torch.Generator().manual_seed(seed))


def test_grids_come_back_as_they_went(store: IdStore) -> None:
    """Shape and every id, the largest too, as int32; unknown keys are left out."""
    put = {
        "a": grid(1, 16, 16),
        "b": grid(2, 1, 4, 6),
        "c": torch.tensor([[0, 2**16 - 1]], dtype=torch.int32),
    }
    store.put(put)
    found = IdStore(store.path).get(["c", "a", "none", "b"])
    assert set(found) == {"a", "b", "c"}
    for key, ids in put.items():
        assert found[key].dtype == torch.int32
        assert torch.equal(found[key], ids.int())


def test_asking_an_empty_store_leaves_nothing_behind(store: IdStore) -> None:
    """Nor does counting."""
    assert store.get(["a"]) == {}
    assert store.size() == (0, 0)
    assert not store.path.parent.exists()


def test_a_frame_takes_little_more_than_two_bytes_a_token(store: IdStore) -> None:
    """512 bytes of ids, a key, and what the database needs."""
    store.put({f"{number:064x}": grid(number, 16, 16) for number in range(1000)})
    count, size = store.size()
    assert count == 1000
    assert 512_000 < size < 1_000_000
    assert len(store.get([f"{number:064x}" for number in range(0, 2000)])) == 1000


def test_a_damaged_grid_is_not_there(store: IdStore) -> None:
    """So that it is made again."""
    store.put({"a": grid(1, 4, 4), "b": grid(2, 4, 4)})
    with sqlite3.connect(store.path) as database:
        database.execute("update grids set ids = ? where key = 'a'", (bytes(32),))
    database.close()
    assert list(store.get(["a", "b"])) == ["b"]
    store.put({"a": grid(1, 4, 4)})
    assert torch.equal(store.get(["a"])["a"], grid(1, 4, 4).int())


def _garbled(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _overwritten(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _of_another_kind(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table grids (key text primary key, other blob)")


@pytest.mark.parametrize("damage", [_garbled, _cut, _overwritten, _of_another_kind])
@pytest.mark.parametrize("use", ["get", "put", "size"])
def test_a_damaged_file_is_removed_and_said(damage: Callable[[Path], None], use: str, store: IdStore) -> None:
    """In one paragraph; the next one begins anew, and nothing but time is lost."""
    store.put({f"{number:064x}": grid(number, 16, 16) for number in range(300)})
    damage(store.path)
    uses = {
        "get": lambda: store.get([f"{number:064x}" for number in range(300)]),
        "put": lambda: store.put({f"{number:064x}": grid(number, 16, 16) for number in range(300)}),
        "size": lambda: (store.size(), store.get(["a"])),
    }
    with pytest.raises(DiskError, match=r"ids\.sqlite.* is damaged.*was removed.*made anew") as caught:
        uses[use]()
    assert "Free some space" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(store.path.parent.glob("ids.sqlite*"))
    assert store.get(["a"]) == {}
    store.put({"a": grid(1, 4, 4)})
    assert list(store.get(["a"])) == ["a"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("shape", None), ("shape", b"\xff\xfe"), ("shape", 5), ("ids", None), ("ids", "text"), ("sum", "x")],
)
def test_a_row_of_the_wrong_kind_is_not_there(column: str, value: object, store: IdStore) -> None:
    """As one whose sum is wrong."""
    store.put({"a": grid(1, 4, 4), "b": grid(2, 4, 4)})
    with closing(sqlite3.connect(store.path)) as database, database:
        database.execute(f"update grids set {column} = ? where key = 'a'", (value,))
        database.execute("update grids set shape = cast(shape as text) where key = 'a'")
    assert list(store.get(["a", "b"])) == ["b"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """With the way out."""
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DiskError, match="TOTO_BENCH_HOME"):
        IdStore(tmp_path / "cache" / "ids.sqlite").put({"a": grid(1, 4, 4)})


def test_a_put_that_fails_puts_nothing(store: IdStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full in the middle of it."""
    store.put({"a": grid(1, 4, 4)})
    with store._open() as database:
        database.execute(
            "create trigger full before insert on grids when new.key = 'c' "
            "begin select raise(abort, 'disk full'); end"
        )
    with pytest.raises(DiskError, match="disk full"):
        store.put({"b": grid(2, 4, 4), "c": grid(3, 4, 4)})
    assert list(store.get(["a", "b", "c"])) == ["a"]


def test_many_writers_lose_nothing(store: IdStore) -> None:
    """Each has its own connection, as processes have."""

    def write(number: int) -> None:
        IdStore(store.path).put({f"{number}-{key}": grid(number, 4, 4) for key in range(5)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    assert store.size()[0] == 100


def test_ids_are_counted_and_cleared_with_the_features(tmp_path: Path) -> None:
    """They are in the same cache."""
    features = FeatureStore(tmp_path / "cache")
    features.ids.put({"a": grid(1, 4, 4), "b": grid(2, 4, 4)})
    count, size = features.size()
    assert (count, size > 0) == (2, True)
    assert features.clear() == 2
    assert features.size() == (0, 0)
    assert features.ids.get(["a"]) == {}
