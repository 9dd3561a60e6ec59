"""Progress in a log, where there is no terminal."""

import pytest

from toto_bench.cli import progress as module
from toto_bench.cli.progress import TerminalProgress


def test_a_log_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Count, rate and remaining time, on stderr; never a control character."""
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0.0)
    shown = TerminalProgress()
    shown.start("DAVIS frames", 4)
    for _ in range(2):
        shown.advance()
    shown.stop()
    captured = capsys.readouterr()
    assert "DAVIS frames: 2/4" in captured.err
    assert "min left" in captured.err
    assert "\x1b" not in captured.err
    assert not captured.out


def test_markup_in_a_message_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """`pip install 'toto-bench[efficientnet]'` keeps its brackets."""
    TerminalProgress().say("pip install 'toto-bench[efficientnet]'")
    assert "[efficientnet]" in capsys.readouterr().err
