"""The film of a trial, encoded beside the loop."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.cameras import Camera, Frame
from toto_bench.deploy.runner import Recorder, Tick
from toto_bench.files import DiskError
from toto_bench.robots.demonstrations.lerobot.video import VideoFile

Picture = NDArray[np.uint8]
_log = logging.getLogger(__name__)
_QUALITY = 23
"""Constant rate factor of x264: hardly any loss to be seen."""
_LONGEST_QUEUE = 600
"""Ticks that may wait to be encoded."""


class Film:
    """A `Recorder` of pictures: every tick is a frame, cameras side by side; a thread of its own encodes.

    A film that cannot be written is a problem like a log that cannot be: the trial then ends.
    """

    def __init__(self, path: Path, rate_hz: float, others: Mapping[str, Camera] | None = None) -> None:
        """Remember where.

        Args:
            path: of the mp4.
            rate_hz: frames per second: ticks per second.
            others: cameras that the policy does not look through, and people want to.
        """
        self.path = path
        self._rate, self._others = rate_hz, dict(others or {})
        self._pictures: queue.Queue[list[Picture] | None] = queue.Queue(_LONGEST_QUEUE)
        self._thread: threading.Thread | None = None
        self.problem: str | None = None
        """Why nothing more can be written."""

    def begin(self) -> None:
        """Start the thread; the file is made with the first frame.

        Raises:
            DiskError: the operating system refused.
        """
        file = VideoFile(self.path, self._rate, crf=_QUALITY)
        self._thread = threading.Thread(target=self._encode, args=(file,), name="film", daemon=True)
        self._thread.start()

    def tick(self, tick: Tick, frames: Mapping[str, Frame]) -> None:
        """Hand the pictures over; a tick without any is left out."""
        del tick
        pictures = [frame.rgb for frame in frames.values()]
        for camera in self._others.values():
            try:
                pictures.append(camera.latest().rgb)
            except Exception as error:  # noqa: BLE001  nobody but the film looks through it
                _log.info("%s is not filmed: %s", camera.name, error)
        if pictures and self.problem is None:
            try:
                self._pictures.put_nowait(pictures)
            except queue.Full:
                self.problem = f"{self.path}: the film cannot be encoded as fast as pictures come."

    def end(self) -> None:
        """Wait for the last frame."""
        if self._thread is not None:
            self._pictures.put(None)
            self._thread.join()
            self._thread = None

    def _encode(self, file: VideoFile) -> None:
        """Every picture until the end, also those that nothing can be done with any more: `end` waits for this."""
        while (pictures := self._pictures.get()) is not None:
            if self.problem is None:
                self._try(partial(_add, file, pictures))
        if file.count and self.problem is None:
            self._try(file.finish)
            return
        file.abandon()
        self.path.unlink(missing_ok=True)

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except Exception as error:  # noqa: BLE001  a thread that died would be waited for in vain
            self.problem = str(error) or type(error).__name__


def _add(file: VideoFile, pictures: list[Picture]) -> None:
    file.add(side_by_side(pictures))


def side_by_side(pictures: list[Picture]) -> Picture:
    """Pictures [H, W, 3] of any sizes in a row, as high as the highest; even sides, as H.264 wants them."""
    height = max(picture.shape[0] for picture in pictures)
    height += height % 2
    row = [
        picture
        if picture.shape[0] == height
        else cv2.resize(picture, (round(picture.shape[1] * height / picture.shape[0]), height))
        for picture in pictures
    ]
    joined = np.concatenate(row, axis=1)
    return np.ascontiguousarray(np.pad(joined, ((0, 0), (0, joined.shape[1] % 2), (0, 0)), mode="edge"))


class Together:
    """Several recorders as one."""

    def __init__(self, *recorders: Recorder) -> None:
        self._recorders = recorders
        self._begun: list[Recorder] = []

    @property
    def problem(self) -> str | None:
        """The first one's that has one."""
        return next((each.problem for each in self._recorders if each.problem is not None), None)

    def begin(self) -> None:
        """All of them, or none.

        Raises:
            DiskError: the operating system refused.
        """
        self._begun = []
        try:
            for each in self._recorders:
                each.begin()
                self._begun.append(each)
        except DiskError:
            self.end()
            raise

    def tick(self, tick: Tick, frames: Mapping[str, Frame]) -> None:
        """Tell all."""
        for each in self._begun:
            each.tick(tick, frames)

    def end(self) -> None:
        """Tell all that have begun."""
        with ExitStack() as ends:
            for each in reversed(self._begun):
                ends.callback(each.end)
        self._begun = []
