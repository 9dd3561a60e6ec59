"""Kills, full disks and damaged files: what was kept stays, and what is damaged is named."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.toto_bench.robots.demonstrations.conftest import LAYOUT, number_in, steps
from toto_bench.files import DiskError
from toto_bench.robots.demonstrations import LeRobotWriter, WrongDemonstrationsError, read_lerobot

Record = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[5]


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own, with a writer and steps at hand."""
    head = """
        import os, resource, signal, sys
        from pathlib import Path
        from tests.toto_bench.robots.demonstrations.conftest import LAYOUT, steps
        from toto_bench.files import DiskError
        from toto_bench.robots.demonstrations import LeRobotWriter
        import toto_bench.robots.demonstrations.lerobot.store as store
        folder, place = Path(sys.argv[1]), sys.argv[2:]
        writer = LeRobotWriter(folder, LAYOUT)

        def record(seed, count=12):
            writer.begin(task="pick")
            for step in steps(count, seed):
                writer.add(step)
    """
    text = textwrap.dedent(head) + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


KILLS = {
    "while steps come": "record(2); die()",
    "after the videos": "store.write_with = die; record(2); writer.keep()",
    "after the data": "store.sync = die; record(2); writer.keep()",
    "before the list": "store.Store._described = die; record(2); writer.keep()",
}


@pytest.mark.parametrize("code", KILLS.values(), ids=KILLS)
def test_a_kill_leaves_every_kept_episode(code: str, tmp_path: Path) -> None:
    done = run(
        "die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\nrecord(0); writer.keep(); record(1); writer.keep()\n"
        + code,
        tmp_path,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    found = read_lerobot(tmp_path)
    assert found.problems == {}
    assert [number_in(episode.cameras["wrist"][11]) for episode in found] == [11, 111]
    with LeRobotWriter(tmp_path, LAYOUT) as writer:
        assert not (tmp_path / ".writing").exists()
        assert (
            len(list(tmp_path.glob("data/*/*.parquet")))
            == len(list(tmp_path.glob("videos/*wrist/*/*.mp4")))
            == 2
        )
        writer.begin(task="pick")
        for step in steps(3, 5):
            writer.add(step)
        writer.keep()
    assert [len(episode) for episode in read_lerobot(tmp_path)] == [12, 12, 3]
    assert json.loads((tmp_path / "meta/info.json").read_text())["total_frames"] == 27


def test_descriptions_that_a_kill_left_behind_are_made_up_for(record: Record) -> None:
    folder = record(5)
    early = {name: (folder / name).read_bytes() for name in ("meta/info.json", "meta/stats.json")}
    with LeRobotWriter(folder, LAYOUT) as writer:
        writer.begin(task="put it down")
        for step in steps(4, 1):
            writer.add(step)
        writer.keep()
    late = {name: (folder / name).read_bytes() for name in early}
    for name, content in early.items():
        (folder / name).write_bytes(content)
    assert len(read_lerobot(folder)) == 2
    LeRobotWriter(folder, LAYOUT).close()
    assert json.loads((folder / "meta/info.json").read_bytes()) == json.loads(late["meta/info.json"])
    stats = [
        json.loads(each["meta/stats.json"])["action"]["mean"]
        for each in (late, {"meta/stats.json": (folder / "meta/stats.json").read_bytes()})
    ]
    np.testing.assert_allclose(stats[0], stats[1], atol=1e-9)


@pytest.mark.parametrize("bytes_left", [0, 3_000, 20_000])
def test_a_full_disk_is_one_paragraph_and_what_was_kept_stays(bytes_left: int, tmp_path: Path) -> None:
    code = f"""
        record(0); writer.keep()
        resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_left}, resource.RLIM_INFINITY))
        try:
            record(1, 200); writer.keep()
        except DiskError as error:
            message = str(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert not list(folder.rglob("*.writing*")), "left over"
        record(2); writer.keep(); writer.close()
        sys.stdout.write(message)
    """
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "could not be written" in done.stdout
    assert "\n" not in done.stdout
    found = read_lerobot(tmp_path)
    assert (len(found), found.problems) == (2, {})
    assert [number_in(episode.cameras["front"][0]) for episode in found] == [7, 207]
    assert len(list(tmp_path.glob("data/*/*.parquet"))) == 2


def test_a_disk_that_fills_up_at_the_last_file_takes_the_episode_back(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = record(5)
    with LeRobotWriter(folder, LAYOUT) as writer:
        for step in (writer.begin(task="pick"), *steps(4, 1))[1:]:
            writer.add(step)
        with monkeypatch.context() as patch:
            patch.setattr(pq, "write_table", _full_at("episodes", pq.write_table))
            with pytest.raises(DiskError, match="No space left"):
                writer.keep()
        assert [path.name for path in folder.glob("data/*/*")] == ["file-000.parquet"]
        assert writer.kept == 1
    assert json.loads((folder / "meta/info.json").read_text())["total_episodes"] == 1
    assert [len(episode) for episode in read_lerobot(folder)] == [5]


def _full_at(part: str, write: Callable[..., object]) -> Callable[..., object]:
    def refuse(table: object, path: Path, **options: object) -> object:
        if part in str(path):
            raise OSError(28, "No space left on device")
        return write(table, path, **options)

    return refuse


def test_damaged_episodes_are_named_and_the_others_read(record: Record) -> None:
    folder = record(12, 5, 9, 6, 7)
    video = folder / "videos/observation.images.wrist/chunk-000/file-000.mp4"
    video.write_bytes(video.read_bytes()[:-500])
    (folder / "data/chunk-000/file-001.parquet").unlink()
    (folder / "data/chunk-000/file-002.parquet").write_bytes(b"PAR1 and no more")
    (folder / "videos/observation.images.front/chunk-000/file-004.mp4").unlink()
    found = read_lerobot(folder)
    assert [episode.name for episode in found] == ["episode-000003"]
    assert sorted(found.problems) == [f"episode-00000{number}" for number in (0, 1, 2, 4)]
    assert all("file-00" in text for text in found.problems.values())


def test_a_video_that_is_damaged_inside_is_named_when_it_is_looked_at(record: Record) -> None:
    folder = record(30)
    video = folder / "videos/observation.images.wrist/chunk-000/file-000.mp4"
    content = bytearray(video.read_bytes())
    middle = content.index(b"mdat") + 400
    content[middle : middle + 4000] = bytes(4000)
    video.write_bytes(content)
    found = read_lerobot(folder)
    if not found.problems:
        with pytest.raises(Exception, match=r"file-000\.mp4 cannot be decoded"):
            found[0].cameras["wrist"][:]


def test_a_row_that_is_not_finite_or_missing_is_a_problem(record: Record) -> None:
    folder = record(5, 5, 5)
    for number, change in ((0, "nan"), (1, "short")):
        path = folder / f"data/chunk-000/file-00{number}.parquet"
        table = pq.read_table(path)
        frame = table.to_pandas()
        if change == "nan":
            frame.at[3, "observation.state"] = np.full(8, np.nan, np.float32)
        else:
            frame = frame.iloc[:-1]
        pq.write_table(type(table).from_pandas(frame, table.schema, preserve_index=False), path)
    found = read_lerobot(folder)
    assert len(found) == 1
    assert "not finite at step 3" in found.problems["episode-000000"]
    assert "4 of 5 steps" in found.problems["episode-000001"]


def test_a_description_that_is_damaged_is_one_paragraph(record: Record) -> None:
    folder = record(3)
    info = json.loads((folder / "meta/info.json").read_text())
    for content, words in (
        ("{", "cannot be read as the description"),
        (json.dumps(info | {"fps": 0}), "fps"),
        (json.dumps(info | {"codebase_version": "v1.6"}), "version v1.6"),
    ):
        (folder / "meta/info.json").write_text(content)
        with pytest.raises(WrongDemonstrationsError, match=words) as caught:
            read_lerobot(folder)
        assert "\n" not in str(caught.value)
    (folder / "meta/info.json").write_text(json.dumps(info))
    (folder / "meta/episodes/chunk-000/file-000.parquet").unlink()
    with pytest.raises(WrongDemonstrationsError, match="no list of the 1 episodes"):
        read_lerobot(folder)
