"""What every probe said of every scored item, as a file of the run: numbers follow from it without the model."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.files import write_with
from toto_bench.probing.judged import Judged
from toto_bench.probing.settings import Probe, Setting
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.outcome import Judgement

FILE = "predictions/val.npz"
"""In the run's folder."""
_FORMAT = 1


def save_judgement(out: Path, judgement: Judgement, left_out: Mapping[str, str]) -> Path:
    """Write names, labels and judgements; what could not be scored stands there with its reason.

    Raises:
        DiskError: the operating system refused.
    """
    facts = {
        "format": _FORMAT,
        "items": [example.name for example in judgement.examples],
        "probes": [[probe.layer, probe.head, *probe.setting] for probe in judgement.probes],
        "left_out": dict(left_out),
    }
    content: dict[str, NDArray[Any]] = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "labels": judgement.labels,
        "chosen_by": judgement.chosen_by,
        "top": judgement.top,
        **judgement.judged._asdict(),
    }
    write_with(out / FILE, lambda path: np.savez_compressed(path, **content))  # type: ignore[arg-type]
    return out / FILE


def load_judgement(out: Path, labels: Mapping[str, int]) -> tuple[Judgement, dict[str, str]]:
    """What `save_judgement` wrote, against the labels of the data.

    Args:
        out: folder of the run.
        labels: item to its class index, as the data has it now.

    Raises:
        DataError: the file is missing or damaged, or its items and labels are not those of the data.
    """
    path = out / FILE
    try:
        with np.load(path, allow_pickle=False) as content:
            facts = json.loads(content["facts"].tobytes())
            known, chosen_by, top = content["labels"], content["chosen_by"], content["top"]
            judged = Judged(content["rank"], content["predicted"], content["confidence"])
        names, probes = facts["items"], facts["probes"]
        examples = tuple(Example(name, int(label), None) for name, label in zip(names, known, strict=True))
        found = tuple(
            Probe(int(layer), str(head), Setting(rate, decay)) for layer, head, rate, decay in probes
        )
        fits = facts["format"] == _FORMAT and judged.rank.shape == (len(found), len(examples))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} cannot be read as predictions ({error}). Repeat the run with `--again`."
        ) from error
    if not fits:
        raise DataError(f"{path} is of another version, or cut off. Repeat the run with `--again`.")
    _expect_labels(path, examples, judged, labels)
    return Judgement(found, examples, judged, chosen_by, top), dict(facts["left_out"])


def _expect_labels(
    path: Path, examples: tuple[Example, ...], judged: Judged, labels: Mapping[str, int]
) -> None:
    wrong = [example.name for example in examples if labels.get(example.name) != example.label]
    if wrong:
        raise DataError(
            f"{path}: {len(wrong)} of {len(examples)} items have another label in the data, or are not in it, first "
            f"`{wrong[0]}`."
        )
    own = np.array([example.label for example in examples])
    if bool(((judged.rank == 0) != (judged.predicted == own)).any()):
        raise DataError(f"{path} contradicts itself: a label of rank 0 is not what was predicted.")
