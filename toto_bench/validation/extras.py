"""What is installed: the extras that toto-bench has, and packages that cards name."""

import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import toto_bench
from toto_bench.cards import did_you_mean
from toto_bench.validation.findings import Failed, Finding, attempt, problem


@cache
def extras() -> frozenset[str] | None:
    """Names of the extras of toto-bench: of the checkout, else of the installed package; None if it is neither."""
    project = _checkout()
    if project is not None:
        return frozenset(project["optional-dependencies"])
    try:
        return frozenset(metadata("toto-bench").get_all("Provides-Extra") or ())
    except PackageNotFoundError:
        return None


def _checkout() -> dict[str, Any] | None:
    """`[project]` of the `pyproject.toml` beside the package: what an editable install says may be older."""
    path = Path(toto_bench.__file__).resolve().parents[1] / "pyproject.toml"
    content = attempt(lambda: tomllib.loads(path.read_text(encoding="utf-8")))
    project = {} if isinstance(content, Failed) else content.get("project", {})
    return project if project.get("name") == "toto-bench" else None


def check_extra(key: str, extra: str) -> list[Finding]:
    """Whether toto-bench has this extra: messages tell users to install it."""
    known = extras()
    if known is None or extra.lower().replace("_", "-") in known:
        return []
    return [problem(key, f"= `{extra}` is no extra of toto-bench{did_you_mean(extra, known)}")]


def has_module(module: str) -> bool:
    """Whether a module can be found; a package above it that fails counts as not."""
    found = attempt(lambda: find_spec(module))
    return found is not None and not isinstance(found, Failed)


def has_distribution(name: str) -> bool:
    """Whether a package is installed."""
    return not isinstance(attempt(lambda: distribution(name)), Failed)
