import pytest


def titles(table):
    return [block.title for block in table.blocks]


def with_values(record, **values):
    return dict(record.protocol) | values


def test_published_and_measured_rows_of_the_paper_are_ranked_together(runs):
    runs.add(metrics={"j_and_f": 0.60})
    block = runs.table().blocks[0]
    assert block.main
    assert [row.method for row in block.rows[:3]] == ["toto-large", "toto-large", "dino-b8"]
    assert [row.provenance is not None for row in block.rows[:3]] == [False, True, False]


def test_ties_have_the_published_row_first(runs):
    runs.add(metrics={"j_and_f": 0.624})
    assert [row.provenance is None for row in runs.table().blocks[0].rows[:2]] == [True, False]


def test_rows_without_a_value_stand_last(runs):
    runs.add(metrics={"j_and_f": None, "j": 0.9})
    assert runs.table().blocks[0].rows[-1].provenance is not None


def test_other_protocols_stand_in_blocks_of_their_own(runs):
    record = runs.add()
    runs.add(preset="dino", protocol_hash="22" * 32, task_version=1)
    runs.add(protocol=with_values(record, top_k=5), changed={"top_k": 5}, protocol_hash="33" * 32)
    runs.add(task_version=2)
    found = titles(runs.table())
    assert found[0] == "Table 10 of the paper, and preset paper"
    assert found[2:] == ["Preset paper, task version 2", "Preset paper, top_k=5"]
    assert found[1].startswith("Preset dino")


@pytest.mark.parametrize("change", [{"final_norm": "none"}, {"normalisation": "dino"}, {"layer": 2}], ids=str)
def test_every_changed_value_is_another_protocol(runs, change):
    """Also where the preset's own word is one that a run fills in."""
    record = runs.add()
    runs.add(protocol=with_values(record, **change), changed=change, protocol_hash="33" * 32)
    table = runs.table()
    [(name, value)] = change.items()
    assert titles(table)[1] == f"Preset paper, {name}={value}"
    assert len([row for row in table.blocks[0].rows if row.provenance]) == 1


def test_part_of_the_data_is_never_ranked_beside_the_paper(runs):
    """A copy with three sequences may score anything."""
    runs.add(metrics={"j_and_f": 0.99}, data__comparable=False, data__fingerprint="ab" * 32)
    table = runs.table()
    assert not [row for row in table.blocks[0].rows if row.provenance]
    assert titles(table)[1].startswith("Other data than the official split (abababab)")
    [row] = [row for row in table.rows if row.provenance]
    assert row.comparison is None
    [measured] = [row for row in runs.board(None).unified.rows if row.measured]
    assert "other data abababab" in measured.name


def test_floors_stand_last_and_are_not_ranked(runs):
    runs.add(backbone__floor=True, backbone__name="pixels", metrics={"j_and_f": 0.99})
    block = runs.table().blocks[-1]
    assert block.title.startswith("Floors") and not block.ranked
    assert [row.method for row in block.rows] == ["pixels"]
    assert all(not row.floor for row in runs.table().blocks[0].rows)


def test_sample_rows_have_a_table_of_their_own(runs):
    runs.add(data__name="sample", preset="paper")
    board = runs.board()
    assert not board.tables[0].measured
    (sample,) = board.samples
    assert sample.sample and len(sample.measured) == 1
    assert sample.measured[0].comparison is None


def test_matching_protocol_values_join_the_published_row(runs):
    runs.add()
    (row,) = runs.table().measured
    assert row.comparison.matches
    assert row.comparison.published.setting == "256/8"
    assert round(row.comparison.difference, 6) == -0.003


def test_the_match_takes_the_published_row_of_the_same_resolution(runs):
    record = runs.add()
    runs.add(protocol=with_values(record, resolution=512.0), protocol_hash="22" * 32)
    settings = {row.comparison.published.setting for row in runs.table().measured}
    assert settings == {"256/8", "512/8"}


def test_other_values_are_said(runs):
    record = runs.add()
    runs.add(protocol=with_values(record, resolution=224), protocol_hash="22" * 32)
    other = next(row for row in runs.table().measured if not row.comparison.matches)
    assert other.comparison.differing == ("resolution 224, paper 256",)
    assert other.comparison.difference is None


def test_untrained_weights_are_never_compared_with_the_paper(runs):
    runs.add(backbone__weights="random:0")
    assert runs.table().measured[0].comparison is None


def test_full_fine_tuning_is_not_ranked_among_probes(runs):
    assert titles(runs.table("imagenet")) == [
        "Table 7 of the paper, and preset paper",
        "Table 13 of the paper",
    ]
