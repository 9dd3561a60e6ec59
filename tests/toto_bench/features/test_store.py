"""The feature store: computed once, found by content, harmless when damaged."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from torch import Tensor

from toto_bench.features import store as module
from toto_bench.features.store import FeatureKey, FeatureStore
from toto_bench.files import DiskError, sha256_of

KEY = FeatureKey(
    architecture="timm:vit",
    weights="sha256:00",
    preprocessing="imagenet 224",
    item="aa",
    layer=3,
    norm="last",
    dtype="float32",
    libraries="torch 2",
    kind="tokens",
)
OTHER: dict[str, Any] = {
    "architecture": "timm:vit depth=3",
    "weights": "random:0",
    "preprocessing": "imagenet 256",
    "item": "ab",
    "layer": 4,
    "norm": "none",
    "dtype": "bfloat16",
    "libraries": "torch 3",
    "kind": "pooled",
}

DIGEST = """
import sys
from pathlib import Path
from toto_bench.features.store import FeatureStore
store = FeatureStore(Path(sys.argv[1]))
for path in sorted(Path(sys.argv[2]).iterdir()):
    print(store.digest_of(path))
"""


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    """An empty store whose folder does not exist yet."""
    return FeatureStore(tmp_path / "cache")


@pytest.fixture
def stored(store: FeatureStore) -> Path:
    """The file of a tensor in the store."""
    store.put(KEY, torch.arange(6.0))
    [path] = store.folder.rglob("*.safetensors")
    return path


def counted(value: Tensor) -> tuple[Callable[[], Tensor], list[int]]:
    """Something to compute, and a list that grows whenever it is."""
    calls: list[int] = []

    def compute() -> Tensor:
        calls.append(1)
        return value

    return compute, calls


def test_a_tensor_is_computed_once(store: FeatureStore) -> None:
    """Another store on the same folder, as in another process, finds it too."""
    compute, calls = counted(torch.randn(2, 3, 4))
    first = store.get(KEY, compute)
    second = FeatureStore(store.folder).get(KEY, compute)
    assert torch.equal(first, second)
    assert len(calls) == 1


@pytest.mark.parametrize("field", [field.name for field in fields(FeatureKey)])
def test_every_field_of_the_key_counts(store: FeatureStore, field: str) -> None:
    """Nothing that decides a feature can be mixed up."""
    other = replace(KEY, **{field: OTHER[field]})
    assert other.hash != KEY.hash
    store.put(KEY, torch.zeros(1))
    assert store.peek(other) is None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.int64, torch.bool])
def test_number_types_come_back(store: FeatureStore, dtype: torch.dtype) -> None:
    """To the last bit."""
    value = (torch.randn(3, 5) * 10).to(dtype)
    store.put(KEY, value)
    found = store.peek(KEY)
    assert found is not None
    assert found.dtype == dtype
    assert torch.equal(found, value)


def test_nan_and_infinity_come_back(store: FeatureStore) -> None:
    """Whoever reads decides what they mean."""
    value = torch.tensor([float("nan"), float("inf"), -0.0])
    store.put(KEY, value)
    torch.testing.assert_close(store.peek(KEY), value, equal_nan=True, rtol=0, atol=0)


@pytest.mark.parametrize(
    "value",
    [torch.arange(12.0).reshape(3, 4).T, torch.arange(1000.0)[10:12], torch.zeros(0, 3), torch.tensor(1.0)],
    ids=["transposed", "part", "empty", "scalar"],
)
def test_views_and_odd_shapes_come_back(store: FeatureStore, value: Tensor) -> None:
    """Only what is seen of a larger tensor is stored."""
    store.put(KEY, value)
    found = store.peek(KEY)
    assert found is not None
    assert found.shape == value.shape
    assert torch.equal(found, value)
    assert store.size()[1] < 500


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"not a tensor"])
def test_a_damaged_file_is_computed_again(store: FeatureStore, stored: Path, content: bytes) -> None:
    """And replaced by a good one."""
    stored.write_bytes(content)
    compute, calls = counted(torch.ones(2))
    assert torch.equal(store.get(KEY, compute), torch.ones(2))
    assert torch.equal(store.get(KEY, compute), torch.ones(2))
    assert len(calls) == 1


def test_a_cut_file_is_computed_again(store: FeatureStore, stored: Path) -> None:
    """The header alone is not enough."""
    stored.write_bytes(stored.read_bytes()[:-1])
    assert store.peek(KEY) is None
    assert not stored.exists()


def test_a_file_that_vanishes_while_it_is_looked_for_is_not_there(
    store: FeatureStore, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may empty the cache at any time."""

    def vanished(path: Path) -> dict[str, Tensor]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(module, "load_file", vanished)
    assert store.peek(KEY) is None


def test_a_file_that_may_not_be_read_is_an_error_of_the_disk(
    store: FeatureStore, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither removed nor computed again and again."""

    def refuse(path: Path) -> dict[str, Tensor]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "load_file", refuse)
    with pytest.raises(DiskError, match=r"Permission denied.*TOTO_BENCH_HOME"):
        store.peek(KEY)
    assert stored.exists()


def test_a_tensor_is_there_whole_or_not_at_all(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an interruption leaves is neither found nor counted."""

    def half(tensors: dict[str, Tensor], path: Path) -> None:
        path.write_bytes(b"half")
        assert store.peek(KEY) is None
        assert store.size() == (0, 0)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "save_file", half)
    with pytest.raises(KeyboardInterrupt):
        store.put(KEY, torch.ones(2))
    assert store.peek(KEY) is None
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "error",
    [SafetensorError("I/O error: No space left on device (os error 28)"), OSError(28, "No space left")],
)
def test_a_full_disk_is_an_error_with_a_way_out(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The way out of a full cache is another cache, or none; safetensors has an error of its own for it."""

    def full(tensors: dict[str, Tensor], path: Path) -> None:
        raise error

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(DiskError) as caught:
        store.get(KEY, lambda: torch.ones(2))
    message = str(caught.value)
    assert message.count("No space left") == 1
    for part in (str(store.folder), "TOTO_BENCH_HOME", "`--cache-features`"):
        assert part in message
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_an_unusable_folder_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """A regular file stands in its place."""
    (tmp_path / "cache").write_text("")
    store = FeatureStore(tmp_path / "cache")
    with pytest.raises(DiskError, match=r"cache cannot be used: .*TOTO_BENCH_HOME"):
        store.put(KEY, torch.ones(2))
    with pytest.raises(DiskError, match=r"cache cannot be used: .*TOTO_BENCH_HOME"):
        store.digest_of(Path(__file__))


def test_the_estimate_counts_bytes_and_asks_the_disk(store: FeatureStore) -> None:
    """Before the folder exists, and without making it."""
    needed, free = store.estimate(1000, 4096)
    assert needed == 4_096_000
    assert free > 0
    assert not store.folder.exists()


def test_size_and_clear(store: FeatureStore) -> None:
    """Tensors are counted, remembered digests are not."""
    assert store.size() == (0, 0)
    assert store.clear() == 0
    for layer in range(3):
        store.put(replace(KEY, layer=layer), torch.ones(100))
    store.digest_of(Path(__file__))
    count, size = store.size()
    assert count == 3
    assert 1200 < size < 3000
    assert store.clear() == 3
    assert store.size() == (0, 0)
    assert store.peek(KEY) is None


def test_a_store_is_usable_after_it_was_cleared(store: FeatureStore, stored: Path) -> None:
    """Tensors and digests alike."""
    digest = store.digest_of(Path(__file__))
    store.clear()
    assert store.digest_of(Path(__file__)) == digest
    store.put(KEY, torch.ones(1))
    assert store.size()[0] == 1


@pytest.fixture
def item(tmp_path: Path) -> Path:
    """A file to digest."""
    path = tmp_path / "item.jpg"
    path.write_bytes(b"one")
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read for a digest."""
    found: list[Path] = []

    def spy(path: Path) -> str:
        found.append(path)
        return sha256_of(path)

    monkeypatch.setattr(module, "sha256_of", spy)
    return found


def test_a_digest_is_remembered(store: FeatureStore, item: Path, reads: list[Path]) -> None:
    """Also by the next process, and by another way to the same file."""
    expected = sha256_of(item)
    assert store.digest_of(item) == expected
    (item.parent / "link").symlink_to(item)
    assert FeatureStore(store.folder).digest_of(item.parent / "link") == expected
    assert reads == [item]


def test_a_file_of_another_size_is_read_again(store: FeatureStore, item: Path, reads: list[Path]) -> None:
    """Even when its time of change is the same."""
    store.digest_of(item)
    time = item.stat().st_mtime_ns
    item.write_bytes(b"longer")
    os.utime(item, ns=(time, time))
    assert store.digest_of(item) == sha256_of(item)
    assert len(reads) == 2


def test_a_file_changed_at_another_time_is_read_again(
    store: FeatureStore, item: Path, reads: list[Path]
) -> None:
    """Even by a nanosecond's worth, and with the same size."""
    time = 1_700_000_000_123_456_789
    os.utime(item, ns=(time, time))
    store.digest_of(item)
    item.write_bytes(b"two")
    os.utime(item, ns=(time + 1, time + 1))
    assert store.digest_of(item) == sha256_of(item)
    assert store.digest_of(item) == sha256_of(item)
    assert len(reads) == 2


def test_the_way_to_a_missing_item_is_not_remembered(store: FeatureStore, tmp_path: Path) -> None:
    """The caller hears that it is missing."""
    with pytest.raises(FileNotFoundError):
        store.digest_of(tmp_path / "absent.jpg")


def test_damaged_memory_is_an_error_with_a_way_out(store: FeatureStore, item: Path) -> None:
    """Whether it is no database at all, or one of something else."""
    store.folder.mkdir()
    memory = store.folder / "digests.sqlite"
    memory.write_bytes(b"no database" * 100)
    with pytest.raises(DiskError, match="cannot be used"):
        store.digest_of(item)
    memory.unlink()
    with sqlite3.connect(memory) as other:
        other.execute("create table files (something int)")
    with pytest.raises(DiskError, match="cannot be used"):
        store.digest_of(item)


def test_connections_are_closed(store: FeatureStore, item: Path) -> None:
    """A data set of many thousands of files does not use up what a process may open."""
    store.digest_of(item)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0  # noqa: PTH208
    kept = [store.digest_of(item) for _ in range(20)]
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0  # noqa: PTH208
    assert len(set(kept)) == 1
    assert after <= before


def test_several_threads_at_once(store: FeatureStore, tmp_path: Path) -> None:
    """Decoding threads share a store that is empty when they start."""
    folder = tmp_path / "items"
    folder.mkdir()
    paths = [folder / f"{number}.bin" for number in range(40)]
    for number, path in enumerate(paths):
        path.write_bytes(os.urandom(number * 1000))

    def work(path: Path) -> tuple[str, Tensor]:
        digest = store.digest_of(path)
        return digest, store.get(replace(KEY, item=digest), lambda: torch.full((4,), float(path.stem)))

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, paths * 3))
    for path, (digest, features) in zip(paths * 3, results, strict=True):
        assert digest == sha256_of(path)
        assert features.tolist() == [float(path.stem)] * 4


def test_several_threads_at_one_tensor(store: FeatureStore) -> None:
    """Who writes last wins, who reads sees a whole one."""
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: store.get(KEY, lambda: torch.ones(1000)), range(40)))
    assert all(torch.equal(found, torch.ones(1000)) for found in results)
    assert store.size()[0] == 1


def test_several_processes_at_once(store: FeatureStore, tmp_path: Path) -> None:
    """Runs side by side share the memory of digests, made by whoever is first."""
    folder = tmp_path / "items"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02d}.bin").write_bytes(os.urandom(100))
    command = [sys.executable, "-c", DIGEST, str(store.folder), str(folder)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    expected = [sha256_of(path) for path in sorted(folder.iterdir())]
    for process in processes:
        out, problems = process.communicate(timeout=60)
        assert process.returncode == 0, problems
        assert out.split() == expected
