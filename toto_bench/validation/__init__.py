"""Checks of cards, the code behind them, plug-ins and published tables: every problem is said, not the first alone."""

from toto_bench.validation.findings import Finding, Subject
from toto_bench.validation.validate import validate

__all__ = ["Finding", "Subject", "validate"]
