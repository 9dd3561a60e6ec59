"""Sets of any format in LeRobot's layout."""

from pathlib import Path

from toto_bench.robots.demonstrations.layout import layout_of
from toto_bench.robots.demonstrations.lerobot.video import QUALITY
from toto_bench.robots.demonstrations.lerobot.writer import LeRobotWriter
from toto_bench.robots.demonstrations.model import DemonstrationSet
from toto_bench.robots.demonstrations.steps import steps_of


def write_lerobot(demonstrations: DemonstrationSet, folder: Path, *, quality: int = QUALITY) -> None:
    """Write a set of any format in LeRobot's layout.

    Raises:
        RecordingError: its steps cannot be recorded so, or the folder holds something else.
        DemonstrationError: a picture cannot be decoded.
        DiskError: the operating system refused.
    """
    layout = layout_of(demonstrations)
    with LeRobotWriter(folder, layout, quality=quality) as writer:
        for episode in demonstrations:
            writer.begin(task=episode.task or "unnamed")
            for step in steps_of(episode, layout):
                writer.add(step)
            writer.keep(success=episode.success)
