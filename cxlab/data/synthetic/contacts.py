"""Who contacts support and when: customers with trouble do so far more often."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk
from cxlab.data.synthetic.people import people
from cxlab.data.synthetic.rhythm import moments_between

__all__ = ["PER_YEAR", "Contacts", "contacts_of", "first_contact_after"]

Numbers = NDArray[Any]
PER_YEAR = (0.30, 1.60)  # without and with a service problem
_NEVER = np.iinfo(np.int64).max // 2


@dataclass(frozen=True)
class Contacts:
    """One group's contacts, by customer and then by time."""

    owner: Numbers
    opened: Numbers


def contacts_of(chunk: Chunk) -> Contacts:
    """The contacts of one group of customers."""
    who, rng = chunk.made(people), chunk.rng("tickets")
    rate = np.where(who.problem, PER_YEAR[1], PER_YEAR[0])[who.real] / 365.25
    owner, opened = moments_between(rng, who.signed_up[who.real], who.place[who.real], rate)
    order = np.lexsort((opened, owner))
    return Contacts(who.real[owner[order]], opened[order])


def first_contact_after(chunk: Chunk, owner: Numbers, since: Numbers) -> Numbers:
    """When each of these customers first wrote or called after a moment; far in the future if never."""
    held = chunk.made(contacts_of)
    start = np.full(chunk.size, _NEVER)
    start[owner] = since
    late = held.opened > start[held.owner]
    first = np.full(chunk.size, _NEVER)
    np.minimum.at(first, held.owner[late], held.opened[late])
    return first[owner]
