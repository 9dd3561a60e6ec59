"""The floor: what is predicted without looking."""

import json
from pathlib import Path

from toto_bench.tasks.ego4d_sta.annotations import read_annotations
from toto_bench.tasks.ego4d_sta.learning.constant import predict_constant
from toto_bench.tasks.ego4d_sta.learning.examples import examples_of
from toto_bench.tasks.ego4d_sta.metric import evaluate

from ..conftest import annotation, annotations_of, thing
from .test_examples import protocol


def test_the_usual_object_is_predicted_everywhere(tmp_path: Path) -> None:
    """Box, verb and time of most; every noun that was seen, the frequent one first."""
    usual, strange = (100, 60, 160, 120), (5, 5, 20, 20)
    entries = [
        annotation("a", 1, [thing(usual, 1, 0, 0.5)]),
        annotation("a", 2, [thing((102, 62, 160, 122), 1, 0, 0.6)]),
        annotation("b", 3, [thing(strange, 1, 1, 0.7), thing(usual, 2, 1, 2.0)]),
    ]
    path = tmp_path / "train.json"
    path.write_text(json.dumps(annotations_of(entries)))
    file = read_annotations(path)
    examples = examples_of(file, protocol())
    found = predict_constant(examples, examples, file)
    assert found.counts.tolist() == [2, 2, 2]
    assert found.nouns.tolist() == [1, 2] * 3
    assert found.verbs.tolist() == [0, 1] * 3
    assert found.ttcs.tolist() == [0.6, 2.0] * 3
    assert found.scores.tolist() == [0.75, 0.25] * 3
    values = evaluate(file.labels, found).values("count")
    # Of noun 1 two of three objects are at the usual place, of noun 2 the only one.
    assert 0.5 < values["noun"] < 1
    assert values["overall"] <= values["noun"]
