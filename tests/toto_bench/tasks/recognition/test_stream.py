"""Which example and view come when; and examples that cannot be read."""

from collections import Counter

import numpy as np
import pytest

from toto_bench.errors import DataError
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.inputs import PIXELS
from toto_bench.tasks.recognition.stream import Order, Stream

EXAMPLES = [Example(f"item {number}", number % 3, None) for number in range(7)]


class Views:
    """A pixel tells example and view."""

    count, frames, side, average = 1, 1, 2, "logits"

    def train(self, example: Example, view: int) -> np.ndarray:
        number = int(example.name.split()[1])
        if number == 5:
            raise DataError(f"{example.name} is broken")
        return np.full((1, 2, 2, 3), 10 * number + view, np.uint8)


def test_each_epoch_has_every_example_once() -> None:
    order = Order(EXAMPLES, 0, "stream")
    for epoch in range(3):
        found = order.at(range(7 * epoch, 7 * epoch + 7))
        assert sorted(place for place, _ in found) == list(range(7))
        assert {view for _, view in found} == {epoch}


def test_fixed_views_are_taken_in_turn() -> None:
    order = Order(EXAMPLES, 0, 2)
    found = Counter(view for _, view in order.at(range(4 * 7)))
    assert found == {0: 14, 1: 14}
    assert {view for _, view in order.at(range(14, 21))} == {0}


def test_a_batch_over_the_border_of_an_epoch() -> None:
    whole = Order(EXAMPLES, 3, "stream").at(range(14))
    assert Order(EXAMPLES, 3, "stream").at(range(5, 9)) == whole[5:9]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_pixels_and_targets_in_their_order(workers: int) -> None:
    order = Order([example for example in EXAMPLES if example.name != "item 5"], 0, "stream")
    batch = Stream(order, Views(), workers, leave_out=None).read(range(4, 9))
    wanted = order.at(range(4, 9))
    expected = [10 * int(order.examples[place].name.split()[1]) + view for place, view in wanted]
    assert batch[PIXELS][:, 0, 0, 0, 0].tolist() == expected
    assert batch["targets"].tolist() == [order.examples[place].label for place, _ in wanted]


def test_what_cannot_be_read_is_told() -> None:
    order = Order(EXAMPLES, 0, "stream")
    with pytest.raises(DataError, match="item 5 is broken"):
        Stream(order, Views(), 2, leave_out=None).read(range(7))
    told: list[str] = []
    batch = Stream(order, Views(), 2, leave_out=lambda example, _: told.append(example.name)).read(range(7))
    assert told == ["item 5"]
    assert len(batch[PIXELS]) == len(batch["targets"]) == 6


def test_where_nothing_of_a_micro_batch_can_be_read_the_next_in_the_order_comes() -> None:
    order = Order(EXAMPLES, 0, "stream")
    stream = Stream(order, Views(), 0, leave_out=lambda *_: None)
    [broken] = [position for position in range(7) if order.at(range(position, position + 1))[0][0] == 5]
    found, following = (stream.read(range(first, first + 1)) for first in (broken, broken + 1))
    assert found[PIXELS].tolist() == following[PIXELS].tolist()
    assert found["targets"].tolist() == following["targets"].tolist()


def test_nothing_at_all_can_be_read() -> None:
    order = Order([EXAMPLES[5]], 0, "stream")
    with pytest.raises(DataError, match=r"None of the 1 training items can be decoded.*item 5 is broken"):
        Stream(order, Views(), 0, leave_out=lambda *_: None).read(range(1))
