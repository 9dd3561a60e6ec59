"""Reading the next batch while the present one is trained on."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


def ahead(read: Callable[[Request], Result], requests: Iterable[Request]) -> Iterator[Result]:
    """`map(read, requests)`, always one ahead, in a thread. Errors appear where the result would."""
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as pool:
        waiting = None
        try:
            for request in requests:
                coming = pool.submit(read, request)
                if waiting is not None:
                    yield waiting.result()
                waiting = coming
            if waiting is not None:
                yield waiting.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
