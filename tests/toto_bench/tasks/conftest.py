"""What tests of several tasks need."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def stop_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, int], None]:
    """`stop_after(where, name, calls)`: as if Ctrl-C came when this function has returned so often."""

    def stop(where: Any, name: str, calls: int) -> None:
        original, count = getattr(where, name), [0]

        def counted(*args: Any, **options: Any) -> Any:
            result = original(*args, **options)
            count[0] += 1
            if count[0] == calls:
                raise KeyboardInterrupt
            return result

        monkeypatch.setattr(where, name, counted)

    return stop
