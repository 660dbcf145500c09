"""Everything that was logged: pages, newcomers' steps, contacts, purchases, boxes, e-mails and a robot's checks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.assignments import novelty_clicks
from cxlab.data.synthetic.chunks import SIZE, Chunk, Columns, labels, whole
from cxlab.data.synthetic.contacts import contacts_of
from cxlab.data.synthetic.identities import CHANNELS, identity_ids
from cxlab.data.synthetic.onboarding import STEPS, steps_taken
from cxlab.data.synthetic.people import people
from cxlab.data.synthetic.rhythm import DAY, END, START, as_times, moments_between
from cxlab.data.synthetic.sessions import PAGES, visits_of
from cxlab.data.synthetic.subscriptions import renewals
from cxlab.data.synthetic.tickets import CHANNELS as TICKET_CHANNELS
from cxlab.data.synthetic.tickets import tickets_of
from cxlab.data.synthetic.transactions import SHOPS, purchases

__all__ = ["EVENTS", "events_table", "events_truth"]

Numbers = NDArray[Any]
OTHERS = (
    "contacted_support", "purchase", "box_started", "box_renewed", "email_opened", "homepage_click", "health_check",
)  # fmt: skip
EVENTS = (*STEPS, *PAGES, *OTHERS)
EMAILS_PER_YEAR = 1.2
DAYS_BETWEEN_CHECKS = 7
LATE_SHARE, LATE_DAYS = 0.05, 3.0  # app events sent when the phone is online again
_PART = tuple[Numbers, Numbers | int, Numbers, Numbers]  # owner, event, channel, time


def events_table(chunk: Chunk) -> Columns:
    """The table of events, in the order in which they were received."""
    visits = chunk.made(visits_of)
    parts = [*_onboarding(chunk), *_touches(chunk), _robot(chunk)]
    pages = (visits.owner, visits.page + len(STEPS), chunk.made(people).platform[visits.owner], visits.time)
    owner, event, channel, time = _joined([pages, *parts])
    session = np.append(visits.session + chunk.number * SIZE * 20 + 1, np.full(len(owner) - len(visits.owner), -1))
    inside = time < END
    received = _received(chunk, channel, time)
    order = np.flatnonzero(inside)[np.argsort(received[inside], kind="stable")]
    who, owner, channel = chunk.made(people), owner[order], channel[order]
    return {
        "event_id": chunk.ids(len(order), 2000, first=10_000_000_000),
        "customer_id": who.id[owner],
        "identity_id": identity_ids(who.id[owner], channel),
        "session_id": whole(session[order], session[order] >= 0),
        "channel": labels(channel, CHANNELS),
        "event": labels(event[order], EVENTS),
        "time": as_times(time[order]),
        "received_at": as_times(received[order]),
    }


def _joined(parts: list[_PART]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    owner = np.concatenate([part[0] for part in parts])
    event = np.concatenate([np.broadcast_to(part[1], len(part[0])) for part in parts])
    channel = np.concatenate([part[2] for part in parts])
    return owner, event, channel, np.concatenate([part[3] for part in parts])


def _onboarding(chunk: Chunk) -> list[_PART]:
    steps, platform = chunk.made(steps_taken), chunk.made(people).platform
    return [(steps.owner, number, platform[steps.owner], time) for number, time in enumerate(steps.times)]


def _touches(chunk: Chunk) -> list[_PART]:
    """Contacts, purchases, boxes, opened e-mails and clicks on the homepage under test."""
    who, held, bought = chunk.made(people), chunk.made(contacts_of), chunk.made(purchases)
    contact = _channel_codes(TICKET_CHANNELS)[chunk.made(tickets_of).channel]
    payer, number, paid = renewals(chunk)
    clicker, clicked = novelty_clicks(chunk)
    rate = np.full(len(who.real), EMAILS_PER_YEAR / 365.25)
    reader, read = moments_between(chunk.rng("events.emails"), who.signed_up[who.real], who.place[who.real], rate)
    readers = who.real[reader]
    return [
        (held.owner, EVENTS.index("contacted_support"), contact, held.opened),
        (bought.owner, EVENTS.index("purchase"), _channel_codes(SHOPS)[bought.shop], bought.time),
        (payer, EVENTS.index("box_started") + np.minimum(number, 1), who.platform[payer], paid),
        (readers, EVENTS.index("email_opened"), np.full(len(readers), CHANNELS.index("email")), read),
        (clicker, EVENTS.index("homepage_click"), who.platform[clicker], clicked),
    ]


def _channel_codes(words: tuple[str, ...]) -> Numbers:
    return np.array([CHANNELS.index(word) for word in words])


def _robot(chunk: Chunk) -> _PART:
    """Test accounts do one thing: a robot checks the shop with them once a week."""
    tests = np.flatnonzero(chunk.made(people).test)
    nights = np.arange(START + DAY // 8, END, DAYS_BETWEEN_CHECKS * DAY)
    owner, time = np.repeat(tests, len(nights)), np.tile(nights, len(tests))
    kept = time > chunk.made(people).signed_up[owner]
    owner, time = owner[kept], time[kept]
    return owner, EVENTS.index("health_check"), np.zeros(len(owner), int), time


def _received(chunk: Chunk, channel: Numbers, time: Numbers) -> Numbers:
    """Most events arrive within seconds; some of the app's arrive days late."""
    rng = chunk.rng("events.received")
    delay = np.exp(0.5 * rng.standard_normal(len(time))) * 2e6
    late = (channel == CHANNELS.index("app")) & (rng.random(len(time)) < LATE_SHARE)
    return time + np.where(late, rng.random(len(time)) * LATE_DAYS * DAY, delay).astype(np.int64)


def events_truth() -> dict[str, Any]:
    """What was put into the log beside the journeys."""
    return {
        "late": {"channel": "app", "share": LATE_SHARE, "days_at_most": LATE_DAYS},
        "emails_opened_per_busy_year": EMAILS_PER_YEAR,
        "days_between_checks_of_a_test_account": DAYS_BETWEEN_CHECKS,
    }
