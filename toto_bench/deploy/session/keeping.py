"""What is kept of a trial beside its journal: a log of every tick, and a film."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from toto_bench.deploy.runner import Recorder, TickLog
from toto_bench.deploy.session.competitor import Competitor
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.video import Film, Together


class Kept(NamedTuple):
    """Who keeps it, and where."""

    recorder: Recorder
    video: str | None
    """Of the film, relative to the folder of trials; None where there is no camera."""


def recording_of(folder: TrialsFolder, number: int, competitor: Competitor) -> Kept:
    """The recorder of a trial."""
    name = f"trial-{number:03d}"
    elsewhere = Path(tempfile.gettempdir()) / f"toto-bench-{folder.path.resolve().name}-{name}.jsonl"
    log = TickLog(folder.path / "logs" / f"{name}.jsonl", elsewhere)
    cameras = competitor.station.cameras
    if not cameras:
        return Kept(log, None)
    own = {camera.name for camera in competitor.policy.spec.cameras}
    others = {name: camera for name, camera in cameras.items() if name not in own}
    video = f"videos/{name}.mp4"
    return Kept(Together(log, Film(folder.path / video, competitor.guard.rate_hz, others)), video)
