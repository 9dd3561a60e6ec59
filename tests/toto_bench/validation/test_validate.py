"""Everything that is shipped is right."""

from toto_bench.cards import backbone_cards, task_cards
from toto_bench.validation import validate


def test_the_shipped_cards_and_tables_have_no_problems() -> None:
    """All of them are looked at, and notes are allowed."""
    subjects = validate()
    assert [(subject.name, finding.text) for subject in subjects for finding in subject.problems] == []
    looked_at = {subject.name for subject in subjects}
    assert looked_at >= {*task_cards(), *backbone_cards(), "davis", "scaling"}


def test_a_broken_shipped_card_keeps_nothing_from_being_checked(tmp_path, monkeypatch) -> None:
    """Where `list` refuses, the checks go on."""
    (tmp_path / "_data" / "tasks").mkdir(parents=True)
    (tmp_path / "_data" / "backbones").mkdir()
    (tmp_path / "_data" / "tasks" / "bad.toml").write_text("name = ")
    (tmp_path / "_data" / "backbones" / "eye.toml").write_text('family = "eye"\n')
    monkeypatch.setattr("toto_bench.paths.__file__", str(tmp_path / "paths.py"))
    assert [(subject.name, len(subject.problems)) for subject in validate()] == [
        ("bad.toml", 1),
        ("eye.toml", 1),
    ]
