import statistics

import pytest

from toto_bench.leaderboard.protocols import as_text, same_value


def measured(runs, **options):
    return [row for row in runs.table(**options).rows if row.provenance]


def test_one_seed_keeps_its_own_interval(runs):
    record = runs.add()
    (row,) = measured(runs)
    number = row.numbers["j_and_f"]
    assert (number.value, number.low, number.high) == (0.445, 0.425, 0.465)
    assert number.interval == record.metrics["j_and_f"].method
    assert row.provenance.runs == (record.id,)


def test_seeds_become_one_row_with_students_interval(runs):
    values = [0.40, 0.42, 0.47]
    for seed, value in enumerate(values):
        runs.add(seed=seed, metrics={"j_and_f": value})
    (row,) = measured(runs)
    number = row.numbers["j_and_f"]
    half = 4.302653 * statistics.stdev(values) / 3**0.5
    assert number.value == pytest.approx(0.43)
    assert (number.low, number.high) == (
        pytest.approx(0.43 - half, abs=1e-6),
        pytest.approx(0.43 + half, abs=1e-6),
    )
    assert number.interval == "95 % Student t over 3 seeds"
    assert row.provenance.seeds == (0, 1, 2)


def test_seeds_that_agree_keep_the_interval_over_items(runs):
    runs.add(seed=0)
    runs.add(seed=1)
    (row,) = measured(runs)
    assert (row.numbers["j"].low, row.numbers["j"].high) == (0.42, 0.46)
    assert "bootstrap" in row.numbers["j"].interval


def test_a_seed_run_twice_counts_once_with_the_later_run(runs):
    runs.add(finished="2026-01-03T00:00:00Z", metrics={"j_and_f": 0.5})
    runs.add(finished="2026-01-02T00:00:00Z", metrics={"j_and_f": 0.3})
    (row,) = measured(runs)
    assert row.numbers["j_and_f"].value == 0.5
    assert row.provenance.runs == ("run-0",)


def test_a_seed_without_a_value_makes_the_mean_undefined(runs):
    runs.add(seed=0, metrics={"j_and_f": 0.4, "j": 0.4})
    runs.add(seed=1, metrics={"j_and_f": None})
    (row,) = measured(runs)
    assert row.numbers["j_and_f"].value is None
    assert row.numbers["j"].value is None


@pytest.mark.parametrize("own", [0, 1])
def test_what_one_record_knows_of_the_weights_holds_for_the_row(runs, own):
    """Whichever seed was run with the same weights from a file of one's own."""
    runs.add(seed=own, backbone__checkpoint="file:weights.pth", backbone__pretraining=[])
    runs.add(seed=1 - own, backbone__checkpoint="card", backbone__pretraining=["imagenet-1k"])
    (row,) = measured(runs)
    assert row.provenance.seeds == (0, 1)
    assert row.provenance.checkpoint == "card"
    assert row.provenance.pretraining == ("imagenet-1k",)


@pytest.mark.parametrize("kind", ["random", "sha256"])
def test_untrained_weights_differ_by_seed_and_are_one_row(runs, kind):
    """Named by their seed, or by their hash where a function of one's own drew them."""
    for seed in (0, 1):
        runs.add(
            seed=seed, backbone__weights=f"{kind}:{seed}", backbone__checkpoint="random", backbone__floor=True
        )
    (row,) = measured(runs)
    assert row.provenance.weights == "random"


@pytest.mark.parametrize(
    "change",
    [
        {"task_version": 2},
        {"protocol_hash": "22" * 32},
        {"data__fingerprint": "ee" * 32},
        {"data__name": "DAVIS-2016"},
        {"backbone__weights": "sha256:" + "ff" * 32},
        {"backbone__architecture": "toto:large layers=12"},
        {"backbone__preprocessing": "dvae:float16"},
        {"environment__dtype": "bfloat16"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_changes_a_result_keeps_rows_apart(runs, change):
    runs.add(seed=0)
    runs.add(seed=1, **change)
    assert [row.provenance.seeds for row in measured(runs)] in ([(0,), (1,)], [(1,), (0,)])


def test_coverage_of_a_row_is_that_of_its_worst_run(runs):
    runs.add(seed=0)
    runs.add(seed=1, coverage={"scored": 28, "listed": 30, "missing": {"a": "unreadable", "b": "unreadable"}})
    (row,) = measured(runs)
    assert (row.provenance.scored, row.provenance.listed, row.complete) == (28, 30, False)


def test_a_changed_value_is_told_from_one_that_the_backbone_gave(runs):
    protocol = dict(runs.add().protocol)
    runs.add(protocol=protocol | {"top_k": 5}, changed={"top_k": 5}, protocol_hash="22" * 32)
    assert [row.protocol for row in measured(runs)] == ["paper", "paper, top_k=5"]


def test_limited_runs_never_enter_and_are_counted(runs):
    runs.add(limit=5)
    board = runs.board()
    assert not board.measured
    assert (board.limited, board.tables[0].limited) == (1, 1)


def test_damaged_records_are_named_and_the_rest_is_shown(runs):
    runs.add()
    (runs.path / "broken").mkdir()
    (runs.path / "broken" / "record.json").write_text('{"schema_version": 1')
    board = runs.board()
    assert len(board.measured) == 1
    assert len(board.warnings) == 1 and "broken/record.json" in board.warnings[0]


def test_a_record_of_an_unknown_task_is_named(runs):
    runs.add(task="juggling")
    assert "juggling" in runs.board().warnings[0]


def test_the_same_folder_twice_counts_once(runs):
    from toto_bench.leaderboard import build

    runs.add()
    assert build([runs.path, runs.path / ".." / "runs"], "davis").records == 1


@pytest.mark.parametrize(
    ("found", "text", "same"),
    [
        (256, "256", True),
        (256.0, "256", True),
        (0.05, "0.050", True),
        ("attention", "attention", True),
        (True, "true", True),
        (True, "1", False),
        (224, "256", False),
        ("per layer", "8", False),
        (None, "8", False),
    ],
)
def test_protocol_values_are_compared_as_values(found, text, same):
    assert same_value(found, text) is same


def test_values_as_text():
    assert [as_text(value) for value in (224.0, 224, "square", None, [1, 0.5])] == [
        "224",
        "224",
        "square",
        "null",
        "[1, 0.5]",
    ]
