"""What a task of classification gives: pixels of a training view, and of every view that is scored."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.recognition.examples import Example

Pixels = NDArray[np.uint8]
"""RGB."""
T = TypeVar("T")
R = TypeVar("R")


class Views(Protocol):
    """Reads examples as clips of T frames (images: 1) of R x R pixels. All of it may be called in several threads."""

    count: int
    """Views V of an item that is scored."""
    frames: int
    """Frames T of a view."""
    side: int
    """R, in pixels."""
    average: Literal["softmax", "logits"]
    """What of several views is averaged."""

    def train(self, example: Example, view: int) -> Pixels:
        """A random view, uint8 [T, R, R, 3]: the same for the same example and number of the view.

        Raises:
            DataError: it cannot be decoded; the message names the file.
        """
        ...

    def scored(self, example: Example) -> Sequence[Pixels]:
        """The views that are scored: V of uint8 [T, R, R, 3].

        Raises:
            DataError: it cannot be decoded; the message names the file.
        """
        ...


def decoded(
    items: Iterable[T], read: Callable[[T], R], workers: int, *, ahead: int
) -> Iterator[tuple[T, Callable[[], R]]]:
    """Each item, and what gives its content or raises its error; read ahead by threads (0 workers: in place)."""
    if workers == 0:
        for item in items:
            yield item, (lambda item=item: read(item))  # type: ignore[misc]
        return
    coming = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        waiting: deque[tuple[T, Future[R]]] = deque(
            (item, pool.submit(read, item)) for item in islice(coming, max(ahead, workers))
        )
        try:
            while waiting:
                item, future = waiting.popleft()
                yield item, future.result
                waiting.extend((item, pool.submit(read, item)) for item in islice(coming, 1))
        finally:
            for _, future in waiting:
                future.cancel()
