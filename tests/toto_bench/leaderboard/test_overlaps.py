import pytest

from toto_bench.backbones.timm.tags import DATA
from toto_bench.cards import find_task, task_cards
from toto_bench.leaderboard import to_markdown
from toto_bench.leaderboard.marks import SEEN_MARK, TRAINING_SEEN_MARK, UNKNOWN_MARK, Marks
from toto_bench.leaderboard.overlaps import overlap_with


def marked(runs, *seen, task="kinetics400"):
    """The markdown of a measured row whose weights have seen these data."""
    runs.add(task=task, backbone__name="mine", backbone__pretraining=list(seen), metrics={"top1": 0.5})
    return to_markdown(runs.board(task))


def test_a_training_split_is_not_contamination(runs):
    text = marked(runs, "kinetics-400")
    assert "| mine§ |" in text
    (reason,) = [line for line in text.splitlines() if line.startswith(" - §")]
    assert "the training split of this task" in reason
    assert "kinetics-400 (its training videos are those of this task)" in reason


def test_data_that_may_hold_what_is_scored_is_flagged_with_the_reason(runs):
    text = marked(runs, "kinetics-700")
    assert "| mine‡ |" in text
    (reason,) = [line for line in text.splitlines() if line.startswith(" - ‡")]
    assert reason.startswith(" - ‡ contamination: ")
    assert "kinetics-700 (shares videos with Kinetics-400" in reason
    assert "kinetics-400 (" not in reason


def test_the_graver_of_two_reasons_decides_the_mark(runs):
    assert "| mine‡ |" in marked(runs, "kinetics-400", "kinetics-700")


def test_other_data_is_not_marked(runs):
    assert "| mine |" in marked(runs, "something-something-v2", "100doh", "howto100m")


def test_published_rows_are_marked_by_the_card_of_their_backbone(runs):
    text = to_markdown(runs.board("imagenet"))
    assert "| DINO§ |" in text
    assert "imagenet-1k (its training images are those of this task)" in text
    assert "| toto-large‡ |" in to_markdown(runs.board("kinetics400"))


def test_data_that_is_not_known_is_marked_and_explained_once(runs):
    text = marked(runs)
    assert "| mine? |" in text
    assert text.count("what these weights were trained on is not known here") == 1


@pytest.mark.parametrize("checkpoint", ["file:mine.pth", "code", "card"])
def test_weights_from_anywhere_may_be_of_unknown_data(runs, checkpoint):
    runs.add(
        task="kinetics400", backbone__name="mine", backbone__checkpoint=checkpoint, backbone__pretraining=[]
    )
    assert "| mine? |" in to_markdown(runs.board("kinetics400"))


@pytest.mark.parametrize(
    "untrained",
    [{"backbone__checkpoint": "random"}, {"backbone__checkpoint": "none"}, {"backbone__floor": True}],
    ids=str,
)
def test_what_was_not_trained_has_no_data_to_know(runs, untrained):
    runs.add(task="kinetics400", backbone__name="mine", backbone__pretraining=[], **untrained)
    assert "| mine |" in to_markdown(runs.board("kinetics400"))


def test_data_that_is_known_in_part_is_marked_for_both(runs):
    assert "| mine§? |" in marked(runs, "kinetics-400", "unknown")
    assert "| mine? |" in marked(runs, "100doh", "unknown")


def test_contamination_needs_no_question_mark(runs):
    assert "| mine‡ |" in marked(runs, "kinetics-700", "unknown")


@pytest.mark.parametrize(
    ("task", "method"),
    [
        ("kinetics400", "MVD"),
        ("kinetics400", "VATT"),
        ("kinetics400", "InternVideo"),
        ("imagenet", "Toto"),  # Table 13 does not name the model's size, and so no card
    ],
)
def test_published_rows_of_unknown_data_are_marked(runs, task, method):
    assert f"| {method}? |" in to_markdown(runs.board(task))


def test_quoted_cards_say_what_is_stated(runs):
    assert "| AIM‡ |" in to_markdown(runs.board("imagenet"))
    assert "| MAE-ST-large |" in to_markdown(runs.board("ego4d_sta"))


def test_not_knowing_matters_only_where_the_task_asks(runs):
    assert not find_task("davis").data.overlaps
    runs.add(backbone__name="mine", backbone__pretraining=[])
    assert "| mine |" in to_markdown(runs.board())
    runs.add(backbone__name="other", backbone__pretraining=["davis"])
    text = to_markdown(runs.board())
    assert "| mine? |" in text and "| other‡ |" in text


def test_the_sample_needs_no_question_mark(runs):
    runs.add(task="kinetics400", data__name="sample", backbone__name="mine", backbone__pretraining=[])
    (sample,) = runs.board("kinetics400").samples
    assert Marks(sample).of_method(sample.rows[0]) == ""
    assert not Marks(sample).any_unknown


@pytest.mark.parametrize("task", ["davis", "kinetics400"])
def test_rows_on_the_sample_of_what_saw_its_world_are_marked(runs, task):
    runs.add(
        task=task, data__name="sample", backbone__name="mine", backbone__pretraining=["toto-bench-sample"]
    )
    (sample,) = runs.board(task).samples
    assert Marks(sample).of_method(sample.rows[0]) == TRAINING_SEEN_MARK
    assert "toto-bench-sample (clips of the simulated world" in "".join(Marks(sample).seen())


def test_the_simulated_world_is_no_part_of_a_real_data_set(runs):
    runs.add(backbone__name="mine", backbone__pretraining=["toto-bench-sample"])
    assert "| mine |" in to_markdown(runs.board("davis"))


@pytest.mark.parametrize("name", sorted({*DATA.values()} - {"sa-1b"}))
def test_imagenet_says_how_the_data_in_timms_tags_overlaps(name):
    assert overlap_with(name, find_task("imagenet")) is not None


def test_marks_are_explained_only_where_they_stand(runs):
    text = to_markdown(runs.board("davis"))
    for mark in (SEEN_MARK, TRAINING_SEEN_MARK, UNKNOWN_MARK):
        assert f" - {mark} " not in text and f"{mark} |" not in text


def test_the_same_name_is_enough_where_the_card_says_nothing(runs):
    card = find_task("davis")
    assert not card.data.overlaps
    assert overlap_with("davis-2017", card).split == "unknown"
    assert overlap_with("imagenet-1k", card) is None
    runs.add(backbone__pretraining=["davis"])
    text = to_markdown(runs.board())
    assert "| toto-large‡ |" in text
    assert "davis (has the name of this data set; which split was seen is not stated)" in text


def test_the_card_goes_before_the_name():
    assert overlap_with("imagenet-1k", find_task("imagenet")).split == "training"


@pytest.mark.parametrize("task", list(task_cards()))
def test_overlaps_of_shipped_cards_are_names_and_clauses(task):
    for name, overlap in find_task(task).data.overlaps.items():
        assert name == name.lower() and " " not in name
        assert overlap.how and not overlap.how.endswith(".")
