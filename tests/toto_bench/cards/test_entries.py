"""Entries that cannot be imported: what went wrong, and how to see more."""

from pathlib import Path

import pytest

from toto_bench.cards import CardError
from toto_bench.cards.entries import import_entry
from toto_bench.cli import invoke


def test_an_entry_is_what_it_names() -> None:
    """Module and name."""
    assert import_entry("pathlib:Path", "the backbone `eye`") is Path


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 / 0", r"\(ZeroDivisionError: division by zero\)"),
        ("raise SystemExit(3)", r"\(SystemExit: 3\)"),
        ("raise ValueError", r"\(ValueError\)"),
        ("", "has no attribute 'Eye'"),
    ],
)
def test_whatever_a_module_does_is_an_error_of_its_card(
    code: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that ends the process; what it raised is the cause, for a traceback."""
    (tmp_path / "owl_entry.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CardError, match=reason) as caught:
        import_entry("owl_entry:Eye", "the backbone `eye`")
    assert caught.value.__cause__ is not None
    assert "MODULE" not in str(caught.value)


def test_the_command_that_is_named_shows_the_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the line of the user's module."""
    (tmp_path / "owl_model.py").write_text("value = 1 / 0  # here\n")
    monkeypatch.chdir(tmp_path)
    command = ["run", "--task", "davis", "--backbone", "python:owl_model:make", "--data", "sample"]
    assert invoke(command) == 2
    message = capsys.readouterr().err
    assert "`toto-bench --debug ...` shows the whole traceback" in message
    assert "# here" not in message
    assert invoke(["--debug", *command]) == 2
    assert "value = 1 / 0  # here" in capsys.readouterr().err
