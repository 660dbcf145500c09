"""Random numbers that belong to one name, so that a new table leaves every other table as it is."""

from zlib import crc32

import numpy as np

__all__ = ["stream"]


def stream(seed: int, name: str, part: int = 0) -> np.random.Generator:
    """Which random numbers belong to this name and part?

    Args:
        seed: the company's seed.
        name: name of the table, or of one step in making it.
        part: number of the group of customers.

    Returns:
        A generator that shares nothing with that of any other name or part.

    Examples:
        >>> int(stream(1, "tickets").integers(1000)) == int(stream(1, "tickets").integers(1000))
        True
    """
    child = np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()), part))
    return np.random.Generator(np.random.PCG64(child))
