"""What a run leaves behind: its policies and its items."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from toto_bench.robots.episodes import Episode
from toto_bench.robots.learning import Dagger
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.manipulation.outcome import Rows, items_of

POLICY = "policy"
"""Folder of the policies, inside that of artifacts."""


def save_policies(learners: Mapping[str, Dagger], folder: Path) -> dict[str, Path]:
    """Save the last policy of each learner; the files by title.

    Raises:
        DiskError: the operating system refused.
    """
    found = {}
    for name, learner in learners.items():
        learner.policy.save(folder / POLICY / name)
        for file in sorted((folder / POLICY / name).iterdir()):
            found[f"policy ({name}): {file.name}"] = file
    return found


def keep_items(by_layer: Mapping[int, Sequence[Episode]], context: RunContext) -> Rows:
    """Commit the episodes of the last evaluations; a row for each, and each layer where there are several.

    Args:
        by_layer: episodes of each layer's policy.
        context: of the run.
    """
    several = len(by_layer) > 1
    tables = {layer: items_of(each, layer if several else None) for layer, each in by_layer.items()}
    committed = context.committed()
    for rows in zip(*tables.values(), strict=True):
        if (name := rows[0]["episode"]) not in committed:
            context.commit(name, list(rows))
    return [row for rows in tables.values() for row in rows]
