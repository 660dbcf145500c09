"""Who holds a kernel: a page that is being made, a page that is open, or nobody any more."""

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Places"]


@dataclass
class _Place:
    """The request for which a kernel was started, how many connections its page has, and since when nobody is there."""

    request: Any
    connections: int
    since: float

    @property
    def _handler(self) -> Any:
        return self.request() if self.request is not None else None

    @property
    def making(self) -> bool:
        """Is the page still being made, with somebody waiting for it?"""
        handler = self._handler
        return handler is not None and not handler._finished and not _hung_up(handler)  # noqa: SLF001

    @property
    def left(self) -> bool:
        """Did the visitor go before the page was made?"""
        handler = self._handler
        return handler is not None and not handler._finished and _hung_up(handler)  # noqa: SLF001


def _hung_up(handler: Any) -> bool:
    stream = getattr(getattr(handler.request, "connection", None), "stream", None)
    return bool(stream is not None and stream.closed())


class Places:
    """The places of a server, one for each kernel."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none taken.

        Args:
            clock: seconds that only go on.
        """
        self._clock = clock
        self._taken: dict[str, _Place] = {}

    def take(self, kernel_id: str, handler: Any) -> None:
        """A kernel was started.

        Args:
            kernel_id: which.
            handler: the request that it answers, or None.
        """
        request = weakref.ref(handler) if handler is not None else None
        self._taken[kernel_id] = _Place(request, 0, self._clock())

    def count(self, kernel_id: str, connections: int) -> None:
        """A page has connected, or a connection has ended.

        Args:
            kernel_id: which.
            connections: how many there are now.
        """
        place = self._taken.get(kernel_id)
        if place is not None:
            place.connections, place.since = connections, self._clock()

    def free(self, kernel_id: str) -> None:
        """A kernel has ended.

        Args:
            kernel_id: which.
        """
        self._taken.pop(kernel_id, None)

    def left(self) -> list[str]:
        """Whose visitors went away while their page was being made?

        Returns:
            Kernels that nobody will ever ask.
        """
        return [kernel_id for kernel_id, place in self._taken.items() if place.left]

    def deserted(self, seconds: float) -> list[str]:
        """Which pages are made, and nobody has been connected for a while?

        Args:
            seconds: how long.

        Returns:
            Kernels, the one alone for longest first.
        """
        now = self._clock()
        for place in self._taken.values():
            if place.making:
                place.since = now
        alone = {k: place.since for k, place in self._taken.items() if not place.connections and not place.making}
        return sorted((k for k, since in alone.items() if now - since >= seconds), key=alone.__getitem__)
