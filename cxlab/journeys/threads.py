"""Batches of numbers, worked on side by side: numpy sorts and searches without holding the others up."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["side_by_side"]

Given = TypeVar("Given")
Found = TypeVar("Found")


def side_by_side(work: Callable[[Given], Found], batches: Iterable[Given]) -> Iterator[Found]:
    """Work on each batch in a thread of its own; no more batches are read than there are threads to work on them.

    Args:
        work: what is done with a batch.
        batches: are read in the thread that asks.

    Yields:
        What was found, in the order of the batches.
    """
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting = deque[Future[Found]]()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        for one in waiting:
            yield one.result()
