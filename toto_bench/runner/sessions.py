"""The sessions of a run: it may be stopped and started again, on another machine or with other options."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from toto_bench.results.record import Environment
from toto_bench.runner.provenance import environment
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.context import RunContext

_STATE = "sessions"


class Sessions(NamedTuple):
    """What is known of them."""

    started: datetime
    """Start of the first."""
    number: int
    """How many there were."""
    environments: tuple[Environment, ...]
    """The distinct ones, this session's last."""


def begin_session(context: RunContext, request: RunRequest) -> None:
    """Count this session, and keep what was asked for and where it runs."""
    if context.rank != 0:
        return
    known: dict[str, Any] = context.load_state(_STATE) or {
        "started": datetime.now(UTC).isoformat(),
        "count": 0,
        "environments": [],
    }
    here = environment(context).model_dump(mode="json")
    others = [there for there in known["environments"] if there != here]
    asked = {"task": request.task, "backbone": request.backbone, "command": request.command}
    context.save_state(_STATE, known | asked | {"count": known["count"] + 1, "environments": [*others, here]})


def read_sessions(context: RunContext) -> Sessions:
    """All sessions up to this one."""
    known = context.load_state(_STATE)
    return Sessions(
        datetime.fromisoformat(known["started"]),
        known["count"],
        tuple(Environment.model_validate(there) for there in known["environments"]),
    )
