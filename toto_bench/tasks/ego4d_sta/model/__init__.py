"""StillFast's detector on any backbone: tokens of several layers, a pyramid, proposals, heads."""

from toto_bench.tasks.ego4d_sta.model.batch import Batch, Detections, Targets
from toto_bench.tasks.ego4d_sta.model.model import StaModel, build_sta_model

__all__ = ["Batch", "Detections", "StaModel", "Targets", "build_sta_model"]
