"""From an outcome to the record of the run."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from toto_bench.backbones.base import BackboneInfo
from toto_bench.backbones.names import HF, RUN, TIMM, backbone_card
from toto_bench.cards import BackboneCard, backbone_cards
from toto_bench.files import sha256_of, write_text
from toto_bench.results.folder import RunFolder
from toto_bench.results.items import ITEMS_FILE, write_items
from toto_bench.results.record import BackboneIdentity, Cost, DataIdentity, RunRecord
from toto_bench.runner.macs import macs_of_run
from toto_bench.runner.plan import Plan
from toto_bench.runner.provenance import peak_memory_mb
from toto_bench.runner.sessions import read_sessions
from toto_bench.tasks.base import Outcome
from toto_bench.tasks.context import RunContext

TRAINING = "training"
"""Stage whose seconds are the cost of training."""


def make_record(plan: Plan, outcome: Outcome, context: RunContext) -> RunRecord:
    """Everything that a result carries."""
    identity, card, sessions = plan.identity, plan.task.card, read_sessions(context)
    return RunRecord(
        id=context.out.name,
        identity=identity.hash,
        task=card.name,
        task_version=card.version,
        backbone=_backbone(plan),
        preset=plan.preset,
        protocol=plan.protocol.model_dump(mode="json"),
        protocol_hash=identity.protocol_hash,
        changed=plan.changed,
        data=DataIdentity(
            name=plan.data.name,
            path=str(plan.data.path.resolve()),
            fingerprint=plan.data.fingerprint,
            comparable=plan.data.comparable,
        ),
        seed=plan.request.seed,
        limit=plan.request.limit,
        allow_missing=plan.request.allow_missing,
        metrics=outcome.metrics,
        coverage=outcome.coverage,
        cost=_cost(plan, outcome, context, sessions.number),
        environment=sessions.environments[-1],
        earlier_environments=sessions.environments[:-1],
        artifacts={
            title: path.relative_to(context.out).as_posix()
            for title, path in _artifacts(outcome, context).items()
        },
        command=plan.request.command,
        started=sessions.started,
        finished=datetime.now(UTC),
        warnings=(*plan.data.warnings, *outcome.warnings),
    )


def save_outcome(folder: RunFolder, outcome: Outcome, record: RunRecord) -> None:
    """Write items, curves, and last of all the record, which makes the run finished."""
    write_items(folder.path, outcome.items)
    for name, rows in outcome.curves.items():
        write_text(folder.path / "curves" / f"{name}.csv", _csv(rows))
    digest = sha256_of(folder.path / ITEMS_FILE)
    folder.finish(record.model_copy(update={"items_sha256": digest}))


def _backbone(plan: Plan) -> BackboneIdentity:
    info = plan.backbone.info
    card: BackboneCard | None = backbone_cards().get(info.name)
    if card is None and info.name.startswith(RUN):
        card = backbone_card(info.name)
    return BackboneIdentity(
        name=info.name,
        architecture=info.architecture,
        weights=info.weights,
        checkpoint=info.checkpoint,
        preprocessing=info.preprocessing,
        floor=info.floor,
        family=card.family if card else None,
        title=card.title if card else None,
        pretraining=_seen(info, card),
    )


def _seen(info: BackboneInfo, card: BackboneCard | None) -> tuple[str, ...]:
    """Data that the weights have seen: what a card says holds for the card's own weights only."""
    if card is None and info.checkpoint == "card" and info.name.startswith((TIMM, HF)):
        card = backbone_card(info.name)
    if card is None or card.weights is None or card.pretraining is None:
        return ()
    own = "code" if card.weights.in_code else "card"
    return card.pretraining.data if info.checkpoint == own else ()


def _cost(plan: Plan, outcome: Outcome, context: RunContext, sessions: int) -> Cost:
    seconds = context.all_seconds()
    total = sum(seconds.values())
    macs = macs_of_run(plan.backbone, context)
    return Cost(
        parameters=plan.backbone.info.parameters,
        seconds={name: round(value, 3) for name, value in seconds.items()},
        items_per_second=round(outcome.frames / total, 4) if outcome.frames and total else None,
        peak_memory_mb=round(peak_memory_mb(context.device), 1),
        sessions=sessions,
        macs=macs.number,
        macs_of=macs.of,
        training_seconds=round(seconds[TRAINING], 3) if TRAINING in seconds else None,
    )


def _artifacts(outcome: Outcome, context: RunContext) -> dict[str, Any]:
    curves = {f"curve over {name}": context.out / "curves" / f"{name}.csv" for name in outcome.curves}
    return {**outcome.artifacts, **curves}


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
