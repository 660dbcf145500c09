"""Support tickets: log-normal times by channel, open ones cut off, satisfaction falling day by day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.contacts import PER_YEAR, contacts_of
from cxlab.data.synthetic.people import LANGUAGES, SEGMENTS, people, pick
from cxlab.data.synthetic.rhythm import DAY, END, HOUR, MISSING, as_times

__all__ = ["CHANNELS", "Tickets", "days_to_solution", "ticket_ids", "tickets_of", "tickets_table", "tickets_truth"]

Numbers = NDArray[Any]
CHANNELS = ("email", "phone", "chat", "web", "store")
CHANNEL_SHARE = (0.34, 0.24, 0.22, 0.14, 0.06)
MEDIAN_HOURS = (20.0, 3.0, 1.5, 30.0, 8.0)
SIGMA = (1.1, 1.0, 0.9, 1.2, 1.0)
TOPICS = ("delivery", "billing", "technical", "account", "other")
_TOPIC_SHARE = (0.32, 0.22, 0.24, 0.14, 0.08)
PRIORITIES = ("low", "normal", "high")
ONE_TOUCH_SHARE = 0.55
REOPENED_SHARE = 0.07
REOPENED_WITHIN_DAYS = 7.0
SATISFACTION = {"at_once": 72.0, "per_day": -3.0, "days_at_most": 10.0, "sd": 8.0}
RATED_SHARE = 0.40


@dataclass(frozen=True)
class Tickets:
    """One group's tickets; times after the end are kept here and left out of the tables."""

    owner: Numbers
    opened: Numbers
    channel: Numbers
    replied: Numbers
    solved: Numbers
    reopened: Numbers
    solved_again: Numbers
    touches: Numbers

    @property
    def days(self) -> Numbers:
        """Days from opening to the first solution."""
        return (self.solved - self.opened) / DAY


def tickets_of(chunk: Chunk) -> Tickets:
    """The tickets of one group of customers."""
    held, rng = chunk.made(contacts_of), chunk.rng("tickets.handling")
    n = len(held.owner)
    channel = pick(rng, CHANNEL_SHARE, n)
    solving = _solving(rng, channel)
    solved = held.opened + solving
    again = rng.random(n) < REOPENED_SHARE
    reopened = np.where(again, solved + (rng.random(n) * REOPENED_WITHIN_DAYS * DAY).astype(np.int64), END)
    touches = np.where(rng.random(n) < ONE_TOUCH_SHARE, 1, 1 + rng.geometric(0.6, n))
    replied = held.opened + (solving * (0.05 + 0.45 * rng.random(n))).astype(np.int64)
    second = reopened + _solving(rng, channel)
    return Tickets(held.owner, held.opened, channel, replied, solved, reopened, second, np.minimum(touches, 8))


def _solving(rng: np.random.Generator, channel: Numbers) -> Numbers:
    spread = np.array(SIGMA)[channel] * rng.standard_normal(len(channel))
    return (np.array(MEDIAN_HOURS)[channel] * np.exp(spread) * HOUR).astype(np.int64) + 60_000_000


def ticket_ids(chunk: Chunk) -> Numbers:
    """The ids of one group's tickets."""
    return chunk.ids(len(chunk.made(tickets_of).owner), 20, first=70_000_000)


def known(moments: Numbers) -> Any:
    """Times, missing where they lie after the end."""
    return as_times(np.where(moments < END, moments, MISSING))


def _satisfaction(rng: np.random.Generator, tickets: Tickets) -> Numbers:
    law = SATISFACTION
    mean = law["at_once"] + law["per_day"] * np.minimum(tickets.days, law["days_at_most"])
    score = np.clip(np.round(mean + law["sd"] * rng.standard_normal(len(mean))), 0, 100)
    return np.where((rng.random(len(mean)) < RATED_SHARE) & (tickets.solved < END), score, np.nan)


def tickets_table(chunk: Chunk) -> Columns:
    """The table of tickets."""
    who, made, rng = chunk.made(people), chunk.made(tickets_of), chunk.rng("tickets.words")
    n, reopened = len(made.owner), made.reopened < END
    last = np.where(reopened, made.solved_again, made.solved)
    return {
        "ticket_id": ticket_ids(chunk),
        "customer_id": who.id[made.owner],
        "segment": labels(who.segment[made.owner], SEGMENTS),
        "channel": labels(made.channel, CHANNELS),
        "topic": labels(pick(rng, _TOPIC_SHARE, n), TOPICS),
        "priority": labels(pick(rng, (0.25, 0.6, 0.15), n), PRIORITIES),
        "language": labels(who.language[made.owner], LANGUAGES),
        "created_at": as_times(made.opened),
        "first_reply_at": known(made.replied),
        "solved_at": known(made.solved),
        "reopened_at": known(made.reopened),
        "last_solved_at": known(last),
        "status": labels((last < END).astype(int), ("open", "solved")),
        "satisfaction": _satisfaction(rng, made),
    }


def days_to_solution(points: int = 2001) -> tuple[Numbers, Numbers]:
    """The law of the days to the first solution: equally likely values in each channel, and their weights."""
    at = ndtri((np.arange(points) + 0.5) / points)
    hours = [median * np.exp(sigma * at) + 1 / 60 for median, sigma in zip(MEDIAN_HOURS, SIGMA, strict=True)]
    return np.concatenate(hours) / 24, np.repeat(np.array(CHANNEL_SHARE) / points, points)


def tickets_truth() -> dict[str, Any]:
    """What was put into the tables of tickets and their history."""
    times = {
        name: {"median_hours": MEDIAN_HOURS[place], "sigma": SIGMA[place], "share": CHANNEL_SHARE[place]}
        for place, name in enumerate(CHANNELS)
    }
    return {
        "resolution": {"law": "log-normal, first solution", "by_channel": times},
        "contacts_per_busy_year": {"without_problem": PER_YEAR[0], "with_problem": PER_YEAR[1]},
        "one_touch_share": ONE_TOUCH_SHARE,
        "reopened": {"share": REOPENED_SHARE, "within_days": REOPENED_WITHIN_DAYS},
        "satisfaction": {"law": "0 to 100, falls with each day to the first solution", **SATISFACTION},
        "rated_share": RATED_SHARE,
    }
