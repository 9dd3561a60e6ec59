"""Real results: OSVOS on four sequences of DAVIS, against what the official evaluation printed.

Needs TOTO_BENCH_TEST_DATA, a folder with davis/Annotations/480p, davis/Results-osvos and
davis/osvos_reference_jf.json; skipped without it.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.tasks.davis.metric import evaluate_masks

pytestmark = pytest.mark.skipif(
    "TOTO_BENCH_TEST_DATA" not in os.environ, reason="set TOTO_BENCH_TEST_DATA to score the results of OSVOS"
)


def read(folder: Path) -> np.ndarray:
    return np.stack([np.asarray(Image.open(path)) for path in sorted(folder.glob("*.png"))])


@pytest.mark.parametrize("sequence", ["blackswan", "camel", "car-shadow", "libby"])
def test_osvos(sequence: str) -> None:
    data = Path(os.environ["TOTO_BENCH_TEST_DATA"]) / "davis"
    expected = json.loads((data / "osvos_reference_jf.json").read_text())[sequence]
    truth = read(data / "Annotations" / "480p" / sequence)
    scores = evaluate_masks(truth, read(data / "Results-osvos" / sequence))
    assert list(scores) == [1]
    for letter, measure in (("J", scores[1].j), ("F", scores[1].f)):
        found = {"mean": measure.mean, "recall": measure.recall, "decay": measure.decay}
        assert found == expected[letter]
