"""The Python of docs/demonstrations.md works from top to bottom, and what it says holds."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "demonstrations.md"


def test_the_document_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("h5py")
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(DOCUMENT), "exec"), scope)
    assert scope["picture"].shape == (480, 640, 3)
    assert abs(int(scope["picture"].mean()) - 70) <= 1
    assert scope["some"].shape == (5, 480, 640, 3)
    prepared = scope["prepared"]
    assert (len(prepared.train), len(prepared.held_out)) == (3, 1)
    assert prepared.left_out == {"episode-000003": "it failed"}
    assert len(scope["rows"]) == 57
    np.testing.assert_allclose(scope["episode"].actions[:, 0], 0.02, atol=1e-6)
    assert scope["train"].seen.shape[0] == 57
    assert (tmp_path / "policy" / "policy.json").is_file()
    assert scope["simulated"].train[0].actions.shape[1] == 9
