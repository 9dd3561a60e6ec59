"""A policy on frozen features: the same object learns in simulation and moves a real robot."""

from toto_bench.robots.policy.errors import ObservationError, PolicyBackboneError, PolicyFileError
from toto_bench.robots.policy.features import FeatureReader
from toto_bench.robots.policy.head import PolicyHead
from toto_bench.robots.policy.load import load_policy
from toto_bench.robots.policy.policy import Policy, make_policy
from toto_bench.robots.policy.readout import readout_of
from toto_bench.robots.policy.spec import ActionSpec, CameraSpec, Crop, Normalisation, PolicySpec, Readout
from toto_bench.robots.policy.types import ActionChunk, Observation

__all__ = [
    "ActionChunk",
    "ActionSpec",
    "CameraSpec",
    "Crop",
    "FeatureReader",
    "Normalisation",
    "Observation",
    "ObservationError",
    "Policy",
    "PolicyBackboneError",
    "PolicyFileError",
    "PolicyHead",
    "PolicySpec",
    "Readout",
    "load_policy",
    "make_policy",
    "readout_of",
]
