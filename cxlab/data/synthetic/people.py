"""Who the customers are: where they live, when they came, what they are like."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.chunks import Chunk, Columns, labels
from cxlab.data.synthetic.rhythm import END, START, ZONES, as_times, busy_moments, instant

__all__ = ["PLATFORMS", "SEGMENTS", "SEGMENT_SHARE", "People", "customers_table", "people", "people_truth"]

Numbers = NDArray[Any]
SEGMENTS = ("consumer", "student", "business")
SEGMENT_SHARE = (0.60, 0.25, 0.15)
PLATFORMS = ("web", "app")
APP_SHARE = (0.25, 0.65)  # before and after the app was relaunched
RELAUNCH = instant("2025-07-01")
TEST_SHARE = 0.004
PROBLEM_SHARE = 0.30
STORES = 40
_COUNTRIES = ("GB", "US", "US", "DE", "FR", "ES", "JP", "BR", "TW")
_LANGUAGES = ("en", "en", "en", "de", "fr", "es", "ja", "pt", "zh")
_PLACE_SHARE = (0.20, 0.19, 0.09, 0.18, 0.12, 0.08, 0.06, 0.04, 0.04)
_SOURCES = ("search", "advertising", "friend", "partner", "store")
_SOURCE_SHARE = (0.36, 0.27, 0.18, 0.09, 0.10)
_AGES = ("18-24", "25-34", "35-49", "50-64", "65+")
_AGE_SHARE = (0.16, 0.27, 0.29, 0.19, 0.09)
_GROWTH = 1.2  # how much more there are per day at the end than at the start


@dataclass(frozen=True)
class People:
    """One group's customers, column by column."""

    id: Numbers
    signed_up: Numbers
    place: Numbers
    segment: Numbers
    platform: Numbers
    source: Numbers
    age: Numbers
    problem: Numbers
    test: Numbers
    mood: Numbers

    @property
    def language(self) -> Numbers:
        """Number of each customer's language in LANGUAGES."""
        return _LANGUAGE_OF[self.place]

    @property
    def real(self) -> Numbers:
        """Rows of the customers that are no test accounts."""
        return np.flatnonzero(~self.test)


LANGUAGES = tuple(dict.fromkeys(_LANGUAGES))
_LANGUAGE_OF = np.array([LANGUAGES.index(word) for word in _LANGUAGES])


def pick(rng: np.random.Generator, share: tuple[float, ...], n: int) -> Numbers:
    """Numbers 0, 1, … drawn with these shares."""
    return np.searchsorted(np.cumsum(share)[:-1], rng.random(n), side="right")


def people(chunk: Chunk) -> People:
    """The customers of one group."""
    rng, n = chunk.rng("customers"), chunk.size
    place = pick(rng, _PLACE_SHARE, n)
    signed_up = _signed_up(rng, place)
    app = rng.random(n) < np.where(signed_up < RELAUNCH, *APP_SHARE)
    return People(
        id=chunk.ids(n, 1, first=1_000_000),
        signed_up=signed_up,
        place=place,
        segment=pick(rng, SEGMENT_SHARE, n),
        platform=app.astype(int),
        source=pick(rng, _SOURCE_SHARE, n),
        age=pick(rng, _AGE_SHARE, n),
        problem=rng.random(n) < PROBLEM_SHARE,
        test=rng.random(n) < TEST_SHARE,
        mood=rng.standard_normal(n),
    )


def _signed_up(rng: np.random.Generator, place: Numbers) -> Numbers:
    """More sign-ups later on, with the rhythm of weeks and years."""
    u, growth = rng.random(len(place)), _GROWTH
    grown = (np.sqrt(1 + u * growth * (2 + growth)) - 1) / growth
    return np.asarray(busy_moments(grown, np.full(len(u), START), END, place))


def customers_table(chunk: Chunk) -> Columns:
    """The table of customers."""
    who = chunk.made(people)
    return {
        "customer_id": who.id,
        "signed_up_at": as_times(who.signed_up),
        "country": labels(_codes(_COUNTRIES)[who.place], tuple(dict.fromkeys(_COUNTRIES))),
        "time_zone": labels(who.place, ZONES),
        "language": labels(who.language, LANGUAGES),
        "segment": labels(who.segment, SEGMENTS),
        "platform": labels(who.platform, PLATFORMS),
        "source": labels(who.source, _SOURCES),
        "age_band": labels(who.age, _AGES),
        "service_problem": who.problem,
        "is_test": who.test,
    }


def _codes(words: tuple[str, ...]) -> Numbers:
    distinct = list(dict.fromkeys(words))
    return np.array([distinct.index(word) for word in words])


def people_truth() -> dict[str, Any]:
    """What was put into the table of customers."""
    return {
        "segment_share": dict(zip(SEGMENTS, SEGMENT_SHARE, strict=True)),
        "app_share": {"before": APP_SHARE[0], "after": APP_SHARE[1], "from": "2025-07-01"},
        "test_account_share": TEST_SHARE,
        "service_problem_share": PROBLEM_SHARE,
        "sign_ups_per_day_last_over_first": 1 + _GROWTH,
    }
