"""Whether a task has a sample, a preset for it, and can read what it wrote."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toto_bench.errors import RequestError
from toto_bench.results.record import SAMPLE
from toto_bench.runner.data import bundled_sample, find_data
from toto_bench.runner.tasks import build_protocol
from toto_bench.tasks.base import Task
from toto_bench.validation.findings import Failed, Finding, attempt, explained, problem

KEY = f"presets.{SAMPLE}"


def check_sample(task: Task[Any]) -> Iterator[Finding]:
    """The preset `sample` exists if and only if the task writes a sample, which its own `check` accepts."""
    if not task.card.data.needed:
        yield from _readable(task, find_data(task, SAMPLE))
        return
    if shipped := bundled_sample(task):
        yield from _readable(task, shipped)
        return
    with tempfile.TemporaryDirectory(prefix="toto-bench-") as folder:
        yield from _check(task, Path(folder))


def _check(task: Task[Any], folder: Path) -> Iterator[Finding]:
    written = attempt(lambda: task.write_sample(folder))
    has_preset = SAMPLE in task.card.presets
    if isinstance(written, Failed):
        if not isinstance(written.error, RequestError):
            yield problem("entry", f"fails to write its sample. {explained(written)}")
        elif has_preset:
            yield problem(KEY, "is there, but the task writes no sample: remove it, or write `write_sample`.")
    elif not any(folder.iterdir()):
        yield problem(
            "entry", "writes an empty sample: let `write_sample` write files, or raise `RequestError`."
        )
    else:
        yield from _readable(task, folder)


def _readable(task: Task[Any], folder: Path) -> Iterator[Finding]:
    if SAMPLE not in task.card.presets:
        yield problem(KEY, "is missing, but the task writes a sample: add the values that suit it.")
        return
    report = attempt(lambda: task.check(folder, build_protocol(task, SAMPLE, {}), thorough=True))
    if isinstance(report, Failed):
        yield problem("entry", f"cannot read the sample that it wrote. {explained(report)}")
    elif report.problems:
        item, reason = next(iter(report.problems.items()))
        yield problem("entry", f"finds problems in the sample that it wrote. {item}: {reason}")
