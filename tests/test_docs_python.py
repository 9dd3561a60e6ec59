"""The Python of docs/python.md works from top to bottom, as in a notebook."""

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "python.md"


def test_the_document_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block in the scope of those before it; what its comments say holds."""
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    for block in blocks:
        exec(compile(block, str(DOCUMENT), "exec"), scope)
    history, last = scope["history"], scope["last"]
    assert len(history) == 2
    assert all(0 < value < 1 for value in history)
    assert (tuple(last.patches.shape), tuple(last.prefix.shape)) == ((1, 2, 14, 14, 192), (1, 2, 1, 192))
    assert len(list(Path("runs").iterdir())) == 4
