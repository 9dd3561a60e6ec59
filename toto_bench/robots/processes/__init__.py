"""Episodes in several processes, each with environments and a renderer of its own."""

from toto_bench.robots.processes.errors import WorkerError
from toto_bench.robots.processes.rollout import rollout_processes
from toto_bench.robots.processes.settings import EnvSettings
from toto_bench.robots.processes.work import MakeActor, make_expert

__all__ = ["EnvSettings", "MakeActor", "WorkerError", "make_expert", "rollout_processes"]
