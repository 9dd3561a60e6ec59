"""DAVIS semi-supervised label propagation: reader, propagation, J&F metric, task."""

from toto_bench.tasks.davis.metric import ObjectScore, evaluate_masks
from toto_bench.tasks.davis.propagation import Propagator, propagate
from toto_bench.tasks.davis.protocol import DavisProtocol
from toto_bench.tasks.davis.task import Davis

__all__ = ["Davis", "DavisProtocol", "ObjectScore", "Propagator", "evaluate_masks", "propagate"]
