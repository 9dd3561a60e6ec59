"""Films of trials: every tick a frame, and a film that cannot be written ends the trial, not the program."""

import resource
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from toto_bench.deploy.cameras import CameraFault, Frame
from toto_bench.deploy.runner import Tick, TickLog
from toto_bench.deploy.session.video import Film, Together, side_by_side
from toto_bench.files import DiskError
from toto_bench.media.videos import describe_video

TICK = Tick(number=0, time=0.0)


def frame(height: int = 32, width: int = 48) -> Frame:
    return Frame(np.full((height, width, 3), 90, np.uint8), 0.0, 0.0, 0)


class Lost:
    """A camera that went away."""

    name = "front"

    def open(self) -> None:
        pass

    def latest(self) -> Frame:
        raise CameraFault("gone")

    def close(self) -> None:
        pass


class Other(Lost):
    def latest(self) -> Frame:
        return frame(16, 16)


def test_every_tick_is_a_frame(tmp_path: Path) -> None:
    """Cameras stand side by side; one that is only filmed may go away."""
    film = Film(tmp_path / "videos" / "trial.mp4", 10.0, {"front": Other(), "back": Lost()})
    film.begin()
    for _ in range(7):
        film.tick(TICK, {"wrist": frame()})
    film.end()
    assert film.problem is None
    found = describe_video(film.path)
    assert (found.frames, found.height, found.width) == (7, 32, 48 + 32)
    film.end()


def test_a_film_without_pictures_is_none(tmp_path: Path) -> None:
    film = Film(tmp_path / "trial.mp4", 10.0)
    film.begin()
    film.tick(TICK, {})
    film.end()
    assert film.problem is None
    assert not film.path.exists()


def test_a_disk_that_refuses_is_told_before_or_while(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError):
        Film(tmp_path / "file" / "trial.mp4", 10.0).begin()
    film = Film(tmp_path / "trial.mp4", 10.0)
    film.begin()
    rng = np.random.default_rng(0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))  # as a disk with so much left
    try:
        for _ in range(100):
            picture = rng.integers(0, 256, (64, 64, 3), np.uint8)
            film.tick(TICK, {"wrist": Frame(picture, 0.0, 0.0, 0)})
        film.end()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert film.problem is not None
    assert "trial.mp4 could not be written" in film.problem


def test_recorders_are_one(tmp_path: Path) -> None:
    """The first problem is told; where one cannot begin, none stays open."""
    log, film = TickLog(tmp_path / "log.jsonl"), Film(tmp_path / "trial.mp4", 10.0)
    both = Together(log, film)
    both.begin()
    both.tick(TICK, {"wrist": frame()})
    assert both.problem is None
    film.problem = "no more"
    assert both.problem == "no more"
    both.end()
    (tmp_path / "file").touch()
    broken = Together(TickLog(tmp_path / "other.jsonl"), Film(tmp_path / "file" / "x.mp4", 10.0))
    with pytest.raises(DiskError):
        broken.begin()
    broken.tick(TICK, {})
    assert (tmp_path / "other.jsonl").read_bytes() == b""


def test_pictures_side_by_side_have_even_sides() -> None:
    joined = side_by_side([np.zeros((33, 21, 3), np.uint8), np.zeros((66, 20, 3), np.uint8)])
    assert joined.shape == (66, 62, 3)


def test_a_film_whose_encoder_fails_in_an_unknown_way_still_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread does not die in silence, and nobody waits for it for ever."""

    def broken(pictures: object) -> None:
        raise RuntimeError("(-215:Assertion failed) !ssize.empty()")

    monkeypatch.setattr("toto_bench.deploy.session.video.side_by_side", broken)
    monkeypatch.setattr("toto_bench.deploy.session.video._LONGEST_QUEUE", 2)
    film = Film(tmp_path / "film.mp4", 10.0)
    film.begin()
    film.tick(TICK, {"front": frame()})
    end = time.monotonic() + 20
    while film.problem is None and time.monotonic() < end:
        time.sleep(0.01)
    assert film.problem is not None and "ssize" in film.problem
    for _ in range(4):
        film.tick(TICK, {"front": frame()})
    ending = threading.Thread(target=film.end, daemon=True)
    ending.start()
    ending.join(20)
    assert not ending.is_alive(), "the film never ends"


class Worse(Lost):
    def latest(self) -> Frame:
        raise RuntimeError("xioctl failed")


def test_a_camera_that_only_the_film_looks_through_stops_no_trial(tmp_path: Path) -> None:
    film = Film(tmp_path / "film.mp4", 10.0, {"front": Worse()})
    film.begin()
    film.tick(TICK, {"wrist": frame()})
    film.end()
    assert film.problem is None and (tmp_path / "film.mp4").is_file()


def test_one_recorder_that_cannot_end_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    class Endless(TickLog):
        def end(self) -> None:
            raise RuntimeError("broken")

    log = TickLog(tmp_path / "log.jsonl")
    both = Together(Endless(tmp_path / "other.jsonl"), log)
    both.begin()
    with pytest.raises(RuntimeError, match="broken"):
        both.end()
    assert log._file < 0
