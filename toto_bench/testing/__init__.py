"""Contracts that tasks and backbones keep, ours and yours: call these from your own tests."""

from toto_bench.testing.backbone import check_backbone
from toto_bench.testing.task import check_task

__all__ = ["check_backbone", "check_task"]
