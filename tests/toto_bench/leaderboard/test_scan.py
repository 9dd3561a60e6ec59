"""Records that enter no table are told of, once for each reason."""

from toto_bench.leaderboard.scan import scan


def test_a_task_without_a_card_is_one_line(runs):
    """However many runs it has; the way out is its plug-in."""
    for _ in range(3):
        runs.add(task="count-shapes")
    runs.add(task="hoot")
    runs.add()
    found = scan([runs.path], ["davis"], ["davis"])
    assert [record.task for record in found.records] == ["davis"]
    several, one = found.warnings
    assert several.startswith(
        f"3 runs ({runs.path / 'run-0'}, ...) are left out: the task `count-shapes` has no card"
    )
    assert one.startswith(f"{runs.path / 'run-3'} is left out: the task `hoot` has no card here.")
    assert all(text.endswith("name the plug-in's folder with `--plugin-dir`.") for text in found.warnings)
