"""What success means without learning: the expert as a ceiling; no action and random actions as floors."""

from dataclasses import asdict
from typing import Any

from toto_bench.robots.acting import Actor
from toto_bench.robots.episodes import Episode
from toto_bench.robots.experts import Expert
from toto_bench.robots.floors import RandomActor, StillActor
from toto_bench.robots.learning.evaluate import evaluate
from toto_bench.tasks.manipulation.work import Work

EXPERT, STILL, RANDOM = "expert", "zero", "random"
_STATE = "references"


def references(work: Work) -> dict[str, tuple[Episode, ...]]:
    """Episodes of each, from the starts of every evaluation; run once."""
    found: dict[str, Any] = work.context.load_state(_STATE) or {}
    simulation, progress = work.simulation, work.context.progress
    actors: dict[str, Expert | Actor] = {
        EXPERT: work.expert,
        STILL: StillActor(simulation),
        RANDOM: RandomActor(simulation, work.context.seed),
    }
    for name, actor in actors.items():
        if name in found:
            continue
        progress.start(f"Episodes of reference `{name}`", work.episodes)
        episodes = evaluate(simulation, actor, work.episodes, finished=lambda _: progress.advance())
        progress.stop()
        found[name] = [asdict(episode) for episode in episodes]
        work.context.save_state(_STATE, found)
    return {
        name: tuple(Episode(**{**row, "start": tuple(row["start"])}) for row in found[name])
        for name in actors
    }
