"""The files of a set that is being recorded: each appears whole, and the list of episodes last."""

import contextlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from toto_bench.files import DiskError, move_into, not_written, sync, write_with
from toto_bench.robots.demonstrations.errors import RecordingError
from toto_bench.robots.demonstrations.layout import StepLayout
from toto_bench.robots.demonstrations.lerobot.describe import describe, described, write_tasks
from toto_bench.robots.demonstrations.lerobot.index import read_entries, read_info, read_tasks
from toto_bench.robots.demonstrations.lerobot.layout import (
    CHUNK,
    DATA_PATH,
    EPISODES_PATH,
    INFO,
    VIDEO_PATH,
    features_of,
)
from toto_bench.robots.demonstrations.lerobot.statistics import Moments
from toto_bench.robots.demonstrations.lerobot.tables import (
    Columns,
    counters,
    episode_row,
    episodes_table,
    moments_of,
    table_of,
)

_OURS = (".writing", ".lock", "meta", "data", "videos")
"""What a folder may hold in which a set was begun."""


class Store:
    """Puts episodes into a folder: data and videos have a file for each, the list of episodes one for a thousand.

    An episode is in the set from the moment its row is in the list; before, its files are as if they were not there.
    """

    def __init__(self, folder: Path, layout: StepLayout) -> None:
        """Begin, or look at what is there.

        Raises:
            RecordingError: the folder holds something else, or a set that was recorded otherwise.
        """
        self.folder, self._layout = folder, layout
        self._features = features_of(layout)
        self._cameras = {key for key, feature in self._features.items() if feature["dtype"] == "video"}
        self._list: pa.Table | None = None
        self._total: dict[str, Moments] = {}
        self.episodes = self._steps = 0
        if (folder / INFO).is_file():
            self._continue()
        elif other := sorted(path.name for path in folder.iterdir() if path.name not in _OURS):
            raise RecordingError(
                f"{folder} holds something else (`{other[0]}`): record into an empty folder."
            )
        self._tasks = {text: number for number, text in read_tasks(folder).items()}
        self._remove(self._files())
        with self._described(self.episodes, self._steps, self._total, self._tasks):
            pass

    def video_path(self, key: str) -> str:
        """Where the next episode's video of a camera will be."""
        return VIDEO_PATH.format(video_key=key, **_place(self.episodes))

    def put(
        self, columns: Columns, pictures: dict[str, Moments], work: Path, *, task: str, success: bool | None
    ) -> int:
        """Add an episode.

        Args:
            columns: of its steps.
            pictures: statistics of its pictures by key.
            work: folder whose files are moved to the same places of the set: the videos.
            task: in words.
            success: whether it was done.

        Returns:
            Its number.

        Raises:
            DiskError: the operating system refused; nothing of the episode stays.
        """
        length, number = len(next(iter(columns.values()))), self.episodes
        tasks = self._tasks | {task: self._tasks.get(task, max(self._tasks.values(), default=-1) + 1)}
        columns = columns | counters(
            length, episode=number, first=self._steps, task=tasks[task], fps=self._layout.fps
        )
        row = episode_row(
            number=number,
            task=task,
            length=length,
            first=self._steps,
            place=(number // CHUNK, number % CHUNK),
            videos=dict.fromkeys(sorted(self._cameras), length / self._layout.fps),
            success=success,
        )
        statistics = {name: Moments.of(values) for name, values in columns.items()} | pictures
        files = self._files()
        try:
            move_into(work, self.folder)
            write_with(files[0], lambda path: pq.write_table(table_of(columns), path))
            for file in files:
                sync(file.parent)
            self._append(row, statistics, tasks)
        except (DiskError, OSError, pa.ArrowException) as error:
            self._remove(files)
            raise (
                error if isinstance(error, DiskError) else not_written(self.folder, OSError(str(error)))
            ) from error
        return number

    def _files(self) -> list[Path]:
        """Data and videos of the next episode."""
        data = self.folder / DATA_PATH.format(**_place(self.episodes))
        return [data, *(self.folder / self.video_path(key) for key in sorted(self._cameras))]

    @staticmethod
    def _remove(files: list[Path]) -> None:
        """Take away what an episode left that was not kept to the end."""
        for file in files:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)

    def _append(self, row: dict[str, object], statistics: dict[str, Moments], tasks: dict[str, int]) -> None:
        """The instant in which the episode is in the set, and the descriptions that follow from it."""
        chunk = self.episodes // CHUNK
        row |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": chunk}
        table = episodes_table(row, statistics, self._cameras)
        if self._list is not None and self.episodes % CHUNK:
            table = pa.concat_tables([self._list, table.cast(self._list.schema)])
        total = {name: old + statistics[name] for name, old in self._total.items()} or statistics
        steps = self._steps + int(str(row["length"]))
        if tasks != self._tasks:
            write_tasks(self.folder, tasks)
        with self._described(self.episodes + 1, steps, total, tasks):
            place = EPISODES_PATH.format(chunk_index=0, file_index=chunk)
            write_with(self.folder / place, lambda path: pq.write_table(table, path))
            self._list, self._total, self._steps, self._tasks = table, total, steps, tasks
            self.episodes += 1

    def _described(
        self, episodes: int, steps: int, total: dict[str, Moments], tasks: dict[str, int]
    ) -> "contextlib.AbstractContextManager[None]":
        info = describe(self._layout, episodes=episodes, steps=steps, tasks=len(tasks))
        return described(self.folder, info, total, self._cameras)

    def _continue(self) -> None:
        """Go on after the last episode of a set that was recorded alike, and here."""
        info = read_info(self.folder)
        if info.features != self._features or info.fps != self._layout.fps:
            differ = [
                key
                for key in info.features | self._features
                if info.features.get(key) != self._features.get(key)
            ]
            raise RecordingError(
                f"{self.folder} holds a set that was recorded otherwise ({', '.join(differ) or 'steps per second'} "
                "differ): record into another folder."
            )
        entries, problems = read_entries(self.folder, info)
        ours = all(entry.data == self.folder / DATA_PATH.format(**_place(entry.number)) for entry in entries)
        if problems or not ours or [entry.number for entry in entries] != list(range(len(entries))):
            raise RecordingError(
                f"{self.folder} holds a set whose list of episodes is damaged or was written by another program, so it "
                "cannot be continued: record into another folder."
            )
        self.episodes, self._steps = len(entries), sum(entry.length for entry in entries)
        for file in range(-(-len(entries) // CHUNK)):
            self._list = pq.read_table(self.folder / EPISODES_PATH.format(chunk_index=0, file_index=file))
            for row in moments_of(self._list):
                self._total = {name: old + row[name] for name, old in self._total.items()} or row


def _place(number: int) -> dict[str, int]:
    return {"chunk_index": number // CHUNK, "file_index": number % CHUNK}
