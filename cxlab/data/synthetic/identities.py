"""Which ids belong to one customer: every channel knows people by an id of its own."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.people import people
from cxlab.data.synthetic.rhythm import as_times

__all__ = ["CHANNELS", "IDENTITIES", "identity_ids", "identity_map_table"]

CHANNELS = ("web", "app", "email", "phone", "chat", "store")
IDENTITIES = ("browser", "app install", "email address", "phone number", "chat handle", "loyalty card")


def identity_ids(customer: NDArray[Any], channel: NDArray[Any]) -> NDArray[Any]:
    """The id under which a channel knows a customer."""
    return customer * 10 + channel + 1


def identity_map_table(chunk: Chunk) -> Columns:
    """The table that leads from every channel's id to the customer."""
    who, n = chunk.made(people), len(CHANNELS)
    row, channel = np.repeat(np.arange(chunk.size), n), np.tile(np.arange(n), chunk.size)
    return {
        "identity_id": identity_ids(who.id[row], channel),
        "kind": labels(channel, IDENTITIES),
        "customer_id": who.id[row],
        "first_seen_at": as_times(who.signed_up[row]),
    }
