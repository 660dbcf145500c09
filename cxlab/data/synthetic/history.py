"""What happened in each ticket, step by step, as a help desk's log has it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.rhythm import END, as_times
from cxlab.data.synthetic.tickets import Tickets, ticket_ids, tickets_of

__all__ = ["ACTORS", "KINDS", "ticket_events_table"]

Numbers = NDArray[Any]
KINDS = ("created", "assigned", "replied", "customer_replied", "solved", "reopened")
ACTORS = ("customer", "system", "agent")
_ACTOR_OF = np.array([0, 1, 2, 0, 2, 0])


def ticket_events_table(chunk: Chunk) -> Columns:
    """The table of ticket events: one row per step of a ticket."""
    parts = _parts(chunk.made(tickets_of))
    ticket = np.concatenate([rows for rows, _, _ in parts])
    kind = np.concatenate([np.full(len(rows), kind) for rows, kind, _ in parts])
    time = np.concatenate([times for _, _, times in parts])
    ticket, kind, time = ticket[time < END], kind[time < END], time[time < END]
    order = np.lexsort((time, ticket))
    ticket, kind, time = ticket[order], kind[order], time[order]
    return {
        "ticket_event_id": chunk.ids(len(ticket), 500, first=3_000_000_000),
        "ticket_id": ticket_ids(chunk)[ticket],
        "event": labels(kind, KINDS),
        "actor": labels(_ACTOR_OF[kind], ACTORS),
        "time": as_times(time),
    }


def _parts(made: Tickets) -> list[tuple[Numbers, int, Numbers]]:
    """Rows, kind and times of every sort of step; between replies the customer answers."""
    rows = np.arange(len(made.owner))
    reply_rows, reply_times, answer_rows, answer_times = _replies(made)
    again = rows[made.reopened < END]
    return [
        (rows, 0, made.opened),
        (rows, 1, made.opened + 30_000_000),
        (reply_rows, 2, reply_times),
        (answer_rows, 3, answer_times),
        (rows, 4, made.solved),
        (again, 5, made.reopened[again]),
        (again, 4, made.solved_again[again]),
    ]


def _replies(made: Tickets) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Replies spread evenly from the first one to the solution."""
    rows = np.repeat(np.arange(len(made.owner)), made.touches)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(made.touches) - made.touches, made.touches)
    step = ((made.solved - made.replied) // np.maximum(made.touches, 1))[rows]
    times = made.replied[rows] + place * step
    later = place > 0
    return rows, times, rows[later], (times - step // 2)[later]
