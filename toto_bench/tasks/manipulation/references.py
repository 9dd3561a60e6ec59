"""What success means without learning: the expert as a ceiling; no action and random actions as floors."""

from dataclasses import asdict
from typing import Any

from toto_bench.robots.learning.evaluate import (
    Actor,
    Episode,
    expert_actor,
    random_actor,
    run_episodes,
    still_actor,
)
from toto_bench.tasks.manipulation.work import Work

EXPERT, STILL, RANDOM = "expert", "zero", "random"
_STATE = "references"


def references(work: Work) -> dict[str, list[Episode]]:
    """Episodes of each, from the starts of every evaluation; run once."""
    found: dict[str, Any] = work.context.load_state(_STATE) or {}
    simulation = work.simulation
    actors: dict[str, Actor] = {
        EXPERT: expert_actor(simulation, work.expert),
        STILL: still_actor(simulation),
        RANDOM: random_actor(simulation, work.context.seed),
    }
    for name, actor in actors.items():
        if name in found:
            continue
        work.context.progress.start(f"Episodes of reference `{name}`", work.episodes)
        episodes: list[Episode] = []
        for some in run_episodes(simulation, actor, range(work.episodes)):
            episodes += some
            work.context.progress.advance(len(some))
        work.context.progress.stop()
        found[name] = [asdict(episode) for episode in episodes]
        work.context.save_state(_STATE, found)
    return {
        name: [Episode(**{**row, "start": tuple(row["start"])}) for row in found[name]] for name in actors
    }
