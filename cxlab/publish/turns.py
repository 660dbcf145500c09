"""Pages that are asked for at once are made one after another, so that the first readers do not wait for the last."""

import os
from asyncio import Semaphore, timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Turns"]

_PATIENCE = 3.0  # seconds in line; whoever waits longer stands behind long work, and begins beside it


class Turns:
    """As much work at once as there are processors, in the order in which it came."""

    def __init__(self, places: int | None = None, patience: float = _PATIENCE) -> None:
        """Begin with nobody waiting.

        Args:
            places: how many may work at once; None stands for the processors.
            patience: seconds after which somebody who waits begins all the same.
        """
        self._free, self._patience = Semaphore(places or os.cpu_count() or 1), patience

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, and let the next one begin at the end."""
        mine = await self._waited()
        try:
            yield
        finally:
            if mine:
                self._free.release()

    async def _waited(self) -> bool:
        try:
            async with timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            return False
        return True
