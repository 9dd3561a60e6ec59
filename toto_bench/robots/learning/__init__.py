"""Learning a policy from an expert: DAgger and behaviour cloning on frozen features."""

from toto_bench.robots.learning.dagger import Dagger
from toto_bench.robots.learning.rounds import Round, mean_success, steps_to
from toto_bench.robots.learning.senses import CameraSenses, StateSenses
from toto_bench.robots.learning.settings import Learning

__all__ = ["CameraSenses", "Dagger", "Learning", "Round", "StateSenses", "mean_success", "steps_to"]
