"""Every shipped task card: loads, gives a source for every value, and agrees with the published tables."""

import csv

import pytest

from toto_bench.cards import task_cards
from toto_bench.cards.base import parse, read_toml
from toto_bench.cards.task import TaskCard
from toto_bench.paths import shipped

TASKS = {
    "cater",
    "davis",
    "ego4d_sta",
    "franka-cabinet",
    "franka-cube-pick",
    "franka-pick",
    "imagenet",
    "kinetics400",
    "kuka-cabinet",
    "kuka-pick",
}
UNITS = {"images", "videos", "objects", "episodes", "trials"}
COLUMNS = ["task", "protocol", "method", "architecture", "parameters_m", "setting", "metric", "value", "unit"]
COLUMNS += ["group", "source", "note", "backbone", "protocol_values"]
NO_TASK = {"scaling"}
"""Published tables of no task."""
BY_METRIC_ONLY = {"design_choices"}
"""Published tables for reference, whose protocols the cards need not have."""

CARD_FILES = sorted(shipped("tasks").glob("*.toml"))
TABLES = sorted((shipped("leaderboards") / "published").glob("*.csv"))


def published_rows(*, without=frozenset()):
    rows = []
    for path in TABLES:
        if path.stem in NO_TASK | without:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            numbered = enumerate(csv.DictReader(file), start=2)
            rows += [pytest.param(row, id=f"{path.stem}-{line}") for line, row in numbered]
    return rows


def same_kind(one, other):
    """Two numbers, two flags or two lists; a word (`backbone`, `all`) may stand for any of them."""
    if isinstance(one, str) or isinstance(other, str):
        return True
    kinds = (bool, (int, float), list)
    return next(kind for kind in kinds if isinstance(one, kind)) is next(
        k for k in kinds if isinstance(other, k)
    )


@pytest.fixture(params=CARD_FILES, ids=lambda path: path.stem)
def card_file(request):
    return request.param


@pytest.fixture
def card(card_file):
    return parse(TaskCard, read_toml(card_file), card_file)


def test_all_tasks_of_the_paper_are_there():
    assert set(task_cards()) == TASKS


def test_file_is_named_after_the_task(card, card_file):
    assert card.name == card_file.stem


def test_card_can_be_read_as_one_page(card_file):
    assert len(card_file.read_text(encoding="utf-8").splitlines()) < 150


def test_every_protocol_value_has_a_source(card):
    assert card.protocol
    assert not [name for name, entry in card.protocol.items() if not entry.source.strip()]


def test_every_preset_says_what_it_is_and_gives_values_of_the_same_kind(card):
    for name in card.presets:
        preset = card.presets[name]
        assert preset.description.strip() and preset.source.strip(), name
        for key, value in preset.values.items():
            assert same_kind(value, card.protocol[key].value), f"{name}.{key}"


def test_preset_paper_leaves_the_protocol_as_it_is(card):
    assert card.values("paper") == {name: entry.value for name, entry in card.protocol.items()}


def test_metrics_are_distinct_and_the_primary_is_one_of_them(card):
    names = [metric.name for metric in card.metrics]
    assert len(set(names)) == len(names)
    assert card.metric(card.primary).higher_is_better


def test_texts_are_filled_in(card):
    data = card.data
    texts = [card.title, card.summary, card.paper]
    texts += [data.name, data.licence, data.size, data.layout, data.how_to_get]
    texts += [metric.description for metric in card.metrics]
    assert all(text.strip() for text in texts)
    assert card.references
    assert data.url.startswith("https://")


def test_unit_of_the_bootstrap_is_known(card):
    assert card.unit in UNITS


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_published_table_has_the_agreed_columns(table):
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == COLUMNS
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(COLUMNS)}


@pytest.mark.parametrize("row", published_rows())
def test_published_row_has_a_metric_of_its_card(row):
    metric = task_cards()[row["task"]].metric(row["metric"])
    assert row["unit"] == metric.unit
    assert 0 <= float(row["value"]) <= 100
    assert row["source"]


@pytest.mark.parametrize("row", published_rows(without=BY_METRIC_ONLY))
def test_published_row_names_protocol_values_of_its_card(row):
    protocol = task_cards()[row["task"]].protocol
    for pair in filter(None, row["protocol_values"].split(";")):
        name, equals, value = pair.partition("=")
        assert equals and value, pair
        assert name in protocol, f"`{name}` is not in [protocol] of `{row['task']}`"
