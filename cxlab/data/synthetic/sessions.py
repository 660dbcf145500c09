"""How people move through the shop: a chain of pages by segment, with one rule that looks two steps back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk
from cxlab.data.synthetic.people import SEGMENTS, people
from cxlab.data.synthetic.rhythm import moments_between

__all__ = ["PAGES", "Visits", "sessions_truth", "visits_of"]

Numbers = NDArray[Any]
PAGES = ("home", "search", "product", "reviews", "basket", "checkout")
EXIT = len(PAGES)
PER_YEAR = (2.0, 1.5, 3.0)  # sessions per segment
ENTRY = (0.55, 0.30, 0.15, 0.0, 0.0, 0.0)
SECONDS_PER_PAGE = 45.0
NEXT = np.array([
    # to: home, search, product, reviews, basket, checkout, exit
    [[0.00, 0.45, 0.25, 0.00, 0.00, 0.00, 0.30],
     [0.05, 0.00, 0.60, 0.00, 0.00, 0.00, 0.35],
     [0.05, 0.20, 0.00, 0.20, 0.25, 0.00, 0.30],
     [0.00, 0.10, 0.50, 0.00, 0.15, 0.00, 0.25],
     [0.00, 0.05, 0.15, 0.00, 0.00, 0.50, 0.30],
     [0.00, 0.00, 0.00, 0.00, 0.10, 0.00, 0.90]],
    [[0.00, 0.50, 0.15, 0.00, 0.00, 0.00, 0.35],
     [0.05, 0.00, 0.50, 0.00, 0.00, 0.00, 0.45],
     [0.05, 0.25, 0.00, 0.25, 0.15, 0.00, 0.30],
     [0.00, 0.15, 0.45, 0.00, 0.10, 0.00, 0.30],
     [0.00, 0.10, 0.20, 0.00, 0.00, 0.35, 0.35],
     [0.00, 0.00, 0.00, 0.00, 0.10, 0.00, 0.90]],
    [[0.00, 0.35, 0.40, 0.00, 0.05, 0.00, 0.20],
     [0.00, 0.00, 0.75, 0.00, 0.00, 0.00, 0.25],
     [0.00, 0.15, 0.00, 0.10, 0.45, 0.00, 0.30],
     [0.00, 0.05, 0.55, 0.00, 0.25, 0.00, 0.15],
     [0.00, 0.00, 0.10, 0.00, 0.00, 0.70, 0.20],
     [0.00, 0.00, 0.00, 0.00, 0.05, 0.00, 0.95]],
])  # fmt: skip
BACK_AT_SEARCH = (0.00, 0.00, 0.40, 0.00, 0.00, 0.00, 0.60)  # when the page before was a product
_LADDERS = np.concatenate([NEXT, np.broadcast_to(NEXT[:, 1:2], (3, 1, EXIT + 1))], axis=1).cumsum(axis=2)
_LADDERS[:, EXIT] = np.cumsum(BACK_AT_SEARCH)


@dataclass(frozen=True)
class Visits:
    """One group's page views: whose, in which session, what and when."""

    owner: Numbers
    session: Numbers
    page: Numbers
    time: Numbers


def visits_of(chunk: Chunk) -> Visits:
    """The page views of one group of customers."""
    who, rng = chunk.made(people), chunk.rng("events.sessions")
    rate = np.array(PER_YEAR)[who.segment[who.real]] / 365.25
    row, time = moments_between(rng, who.signed_up[who.real], who.place[who.real], rate)
    owner = who.real[row]
    steps = _walk(rng, who.segment[owner], time)
    session, page, moment = (np.concatenate(part) for part in zip(*steps, strict=True))
    return Visits(owner[session], session, page, moment)


def _walk(rng: np.random.Generator, segment: Numbers, time: Numbers) -> list[tuple[Numbers, Numbers, Numbers]]:
    """All sessions side by side, page after page, until the last one has ended."""
    session = np.arange(len(segment))
    page = _draw(rng, np.broadcast_to(np.cumsum(ENTRY), (len(segment), len(PAGES))))
    before = np.full(len(segment), EXIT)
    steps = [(session, page, time)]
    while len(session):
        rung = np.where((page == 1) & (before == 2), EXIT, page)
        following = _draw(rng, _LADDERS[segment[session], rung])
        gone = following == EXIT
        waited = np.minimum(rng.exponential(SECONDS_PER_PAGE, len(session)), 1200) * 1e6
        time = time + waited.astype(np.int64) + 1_000_000
        session, before, page, time = session[~gone], page[~gone], following[~gone], time[~gone]
        steps.append((session, page, time))
    return steps


def _draw(rng: np.random.Generator, ladder: Numbers) -> Numbers:
    return (rng.random(len(ladder))[:, None] >= ladder[:, :-1]).sum(axis=1)


def sessions_truth() -> dict[str, Any]:
    """What was put into the page views."""
    to = (*PAGES, "exit")
    by_segment = {
        name: {page: dict(zip(to, NEXT[place, row].tolist(), strict=True)) for row, page in enumerate(PAGES)}
        for place, name in enumerate(SEGMENTS)
    }
    return {
        "entry": dict(zip(PAGES, ENTRY, strict=True)),
        "transitions": by_segment,
        "second_order": {
            "at": "search",
            "coming_from": "product",
            "to": dict(zip(to, BACK_AT_SEARCH, strict=True)),
        },
        "sessions_per_busy_year": dict(zip(SEGMENTS, PER_YEAR, strict=True)),
        "mean_seconds_per_page": SECONDS_PER_PAGE + 1,
    }
