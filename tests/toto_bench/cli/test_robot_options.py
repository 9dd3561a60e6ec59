"""Questions at a terminal: nothing that was typed before one answers it."""

import os
import threading
import time

import pytest

from toto_bench.cli.robot_options import Terminal


def test_what_was_typed_too_early_moves_no_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Enter too many after one question is not the Enter that the next one waits for."""
    keyboard, terminal = os.openpty()
    with os.fdopen(keyboard, "wb", 0) as keys, os.fdopen(terminal, "r") as stdin:
        assert os.isatty(stdin.fileno())
        monkeypatch.setattr("sys.stdin", stdin)
        keys.write(b"\n\n")
        time.sleep(0.1)
        later = threading.Timer(0.5, keys.write, [b"now\n"])
        later.start()
        assert Terminal().ask("Enter moves the arm.") == "now"
        later.join()
