"""Nearest neighbours: the answers of DINO's and DINOv2's code, ties, any number of test items."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.probing import knn
from toto_bench.probing.errors import ProbeError
from toto_bench.probing.judged import judge
from toto_bench.probing.knn import counted, knn_votes, usable
from toto_bench.probing.scores import top_k

GOLDEN = Path(__file__).parents[2] / "golden" / "recognition" / "knn.json"
CASES = json.loads(GOLDEN.read_text())["knn"]
OFFICIAL_FAULT = json.loads(GOLDEN.read_text())["dino_fewer_than_100_test_images"]
"""What DINO's code says of fewer than 100 test items, which it cuts into 100 parts."""


def votes_of(case):
    train, test = (torch.tensor(case[name]) for name in ("train", "test"))
    neighbours = sorted({int(name.partition("_k")[2]) for name in case["official"]})
    return knn_votes(
        train, torch.tensor(case["train_labels"]), test, case["num_classes"], neighbours=neighbours,
        temperature=case["T"],
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_official_answers(case):
    """Top-1 is equal. So is top-5, but for labels without a vote, which the official code ranks arbitrarily."""
    votes, labels = votes_of(case), np.array(case["test_labels"])
    for name, official in case["official"].items():
        rule, _, k = name.partition("_k")
        top1, top5 = official.values() if isinstance(official, dict) else official
        own = votes[int(k)].numpy()
        judged = judge(own, labels, probabilities=True)
        assert 100 * float(top_k(judged)) == pytest.approx(top1, abs=1e-9), name
        among = judged.rank < counted(int(k), rule)
        voted = own[np.arange(len(own)), labels] > 0
        # Classes with votes stand before it in any order; those without may all come before or after.
        possible = (own > 0).sum(1) < counted(int(k), rule)
        least = (among & voted).mean()
        most = (among & voted | ~voted & possible).mean()
        assert 100 * least - 1e-9 <= top5 <= 100 * most + 1e-9, name
        if least == most:
            assert 100 * among.mean() == pytest.approx(top5, abs=1e-9), name


def test_some_golden_top_5_are_equal():
    """Where no label is without votes, the test above compares and does not bound."""
    case = next(case for case in CASES if case["name"] == "b_imbalanced")
    judged = judge(votes_of(case)[100].numpy(), np.array(case["test_labels"]))
    assert 100 * float(top_k(judged, 5)) == pytest.approx(case["official"]["dino_k100"][1])


def test_few_test_items_and_chunks_of_any_size(monkeypatch):
    """On which the official code fails."""
    assert OFFICIAL_FAULT.startswith("ValueError: range()")
    generator = torch.Generator().manual_seed(0)
    train, test = torch.randn(60, 8, generator=generator), torch.randn(7, 8, generator=generator)
    labels = torch.randint(4, (60,), generator=generator)
    whole = knn_votes(train, labels, test, 4, neighbours=[3, 20])
    monkeypatch.setattr(knn, "_SCORES", 120)  # two rows at a time
    for k, votes in knn_votes(train, labels, test, 4, neighbours=[3, 20]).items():
        torch.testing.assert_close(votes, whole[k], rtol=1e-5, atol=0)
        for row, item in zip(votes, test, strict=True):
            similar = torch.nn.functional.cosine_similarity(train, item[None])
            near = similar.argsort(descending=True)[:k]
            expected = torch.zeros(4).index_add(0, labels[near], (similar[near] / 0.07).exp())
            torch.testing.assert_close(
                row / row.sum(), (expected / expected.sum()).double(), rtol=1e-4, atol=1e-6
            )


def test_equal_neighbours_come_by_their_place():
    train = torch.ones(6, 3)
    votes = knn_votes(train, torch.tensor([2, 1, 1, 0, 0, 0]), torch.ones(2, 3), 3, neighbours=[1, 3, 6])
    assert {k: rows[0].tolist() for k, rows in votes.items()} == {1: [0, 0, 1], 3: [0, 2, 1], 6: [3, 2, 1]}


def test_impossible_requests():
    train, labels = torch.randn(5, 3), torch.zeros(5, dtype=torch.long)
    with pytest.raises(ProbeError, match="10 nearest neighbours were asked for, of 5"):
        knn_votes(train, labels, train, 2, neighbours=[10])
    train[2, 1] = torch.nan
    with pytest.raises(ProbeError, match="training features hold NaN"):
        knn_votes(train, labels, torch.randn(2, 3), 2, neighbours=[1])
    assert list(usable([10, 20, 100], 50)) == [10, 20]
