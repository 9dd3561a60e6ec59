"""Cards say what is measured, and with which models; this package reads them and finds them by name."""

from toto_bench.cards.backbone import Architecture, BackboneCard, Needs, Pretraining, Weights
from toto_bench.cards.errors import CardError, UnknownNameError
from toto_bench.cards.search import backbone_cards, find_backbone, find_task, task_cards
from toto_bench.cards.suggest import did_you_mean
from toto_bench.cards.task import MetricInfo, Preset, ProtocolValue, TaskCard

__all__ = [
    "Architecture",
    "BackboneCard",
    "CardError",
    "MetricInfo",
    "Needs",
    "Preset",
    "Pretraining",
    "ProtocolValue",
    "TaskCard",
    "UnknownNameError",
    "Weights",
    "backbone_cards",
    "did_you_mean",
    "find_backbone",
    "find_task",
    "task_cards",
]
