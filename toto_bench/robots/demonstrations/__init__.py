"""Demonstrations: one model in memory, the formats in which they lie on disk, and what a policy learns from."""

from toto_bench.robots.demonstrations.cloning import frames_of
from toto_bench.robots.demonstrations.errors import (
    DemonstrationError,
    RecordingError,
    WrongDemonstrationsError,
)
from toto_bench.robots.demonstrations.frames import Frames
from toto_bench.robots.demonstrations.layout import Step, StepLayout
from toto_bench.robots.demonstrations.lerobot import LeRobotWriter, read_lerobot, write_lerobot
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet
from toto_bench.robots.demonstrations.mvp import read_mvp
from toto_bench.robots.demonstrations.open import open_demonstrations
from toto_bench.robots.demonstrations.prepare import Preparation, prepare
from toto_bench.robots.demonstrations.prepared import Prepared, PreparedEpisode
from toto_bench.robots.demonstrations.recording import record_expert
from toto_bench.robots.demonstrations.rlds import read_rlds
from toto_bench.robots.demonstrations.robomimic import read_robomimic, write_robomimic
from toto_bench.robots.demonstrations.simulated import prepare_simulated
from toto_bench.robots.demonstrations.state import StateLayout
from toto_bench.robots.demonstrations.unpickle import ForbiddenPickleError

__all__ = [
    "Demonstration",
    "DemonstrationError",
    "DemonstrationSet",
    "ForbiddenPickleError",
    "Frames",
    "LeRobotWriter",
    "Preparation",
    "Prepared",
    "PreparedEpisode",
    "RecordingError",
    "StateLayout",
    "Step",
    "StepLayout",
    "WrongDemonstrationsError",
    "frames_of",
    "open_demonstrations",
    "prepare",
    "prepare_simulated",
    "read_lerobot",
    "read_mvp",
    "read_rlds",
    "read_robomimic",
    "record_expert",
    "write_lerobot",
    "write_robomimic",
]
