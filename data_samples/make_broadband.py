"""Make broadband_events.csv.gz and broadband_answers.csv: the way to an internet line of an invented provider.

python data_samples/make_broadband.py            write the tables
python data_samples/make_broadband.py --check    fail where the tables are not what this makes
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd

PEOPLE, SEED = 3600, 11
FIRST, LAST = pd.Timestamp("2026-02-01"), pd.Timestamp("2026-05-31 23:59")
CHANNELS = ("web", "app", "chat", "phone", "shop")

# One line per stage: its two events; the chance to go on; half go on within so many days; the chance to do the first
# event again within the hour; shares of the channels; the chance of another channel for the second event; the share of
# answers that are satisfied, and that say it was hard.
STAGES = {
    "Discover": ("offer_viewed", "advice_asked", 0.62, 1.5, 0.22, (0.58, 0.26, 0.04, 0.05, 0.07), 0.06, 0.74, 0.18),
    "Order": ("order_started", "order_placed", 0.78, 3.0, 0.15, (0.52, 0.34, 0.03, 0.07, 0.04), 0.10, 0.70, 0.33),
    "Delivery": ("router_sent", "router_arrived", 0.95, 2.0, 0.02, (0.30, 0.62, 0.02, 0.05, 0.01), 0.05, 0.82, 0.14),
    "Set up": ("setup_started", "setup_done", 0.83, 1.0, 0.34, (0.18, 0.66, 0.06, 0.10, 0.0), 0.24, 0.58, 0.51),
    "Support": ("help_asked", "help_answered", 0.74, 2.5, 0.38, (0.05, 0.09, 0.36, 0.50, 0.0), 0.35, 0.50, 0.60),
    "First bill": ("bill_sent", "bill_paid", 0.93, 5.0, 0.05, (0.44, 0.46, 0.02, 0.08, 0.0), 0.08, 0.71, 0.24),
}
GOAL, NEEDS_HELP, ASKED, ANSWERED = "first_month_over", 0.30, 0.70, 0.42
WORDS = {  # two sentences of the satisfied, two of the others
    "Discover": ("prices are clear", "easy to compare the offers", "too many offers",
                 "hidden costs in the small print"),
    "Order": ("quick order form", "ordered in two minutes", "order form lost my data", "had to upload my id twice"),
    "Delivery": ("router came on time", "good tracking of the parcel", "parcel left at the wrong door",
                 "router came late"),
    "Set up": ("setup was easy with the app", "connected in ten minutes", "wifi name not found",
               "setup guide is confusing"),
    "Support": ("friendly help on the phone", "problem solved in the chat", "long waiting time",
                "had to explain it again"),
    "First bill": ("bill is easy to read", "bill as agreed", "bill is higher than agreed", "extra fees on the bill"),
}  # fmt: skip

PLACE = Path(__file__).parent
EVENTS, ANSWERS = PLACE / "broadband_events.csv.gz", PLACE / "broadband_answers.csv"


def tables(people: int = PEOPLE, seed: int = SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who did what when, and who answered what?

    Args:
        people: how many.
        seed: of the random numbers.

    Returns:
        One row per event (customer_id, time, event, channel), and one per answer (customer_id, answered_at,
        satisfaction, ease, comment).
    """
    draw = np.random.default_rng(seed)
    mood, usual = draw.standard_normal(people), draw.random(people)  # some are easier to please; most keep to a channel
    at = FIRST + pd.to_timedelta(draw.uniform(0, 95, people), "D")
    here, told, said = np.arange(people), [], []
    for name, stage in STAGES.items():
        gone = _asked_for_help(draw, here) if name == "Support" else np.ones(len(here), bool)
        inside, begun = here[gone], at[gone]
        told.append(_events(draw, stage, inside, begun, usual))
        said.append(_answers(draw, name, stage, inside, begun, mood))
        at, here = _gone_on(draw, stage, here, at, gone)
    told.append(pd.DataFrame({"person": here, "time": at, "event": GOAL, "channel": "app"}))
    events = pd.concat(told).query("time <= @LAST").sort_values(["time", "person", "event"])
    answers = pd.concat([*said, _elsewhere(draw, people)]).query("time <= @LAST").sort_values(["time", "person"])
    return _written(events, "time"), _written(answers, "time").rename(columns={"time": "answered_at"})


def _asked_for_help(draw: np.random.Generator, here: np.ndarray) -> np.ndarray:
    return draw.random(len(here)) < NEEDS_HELP


def _gone_on(
    draw: np.random.Generator, stage: tuple, here: np.ndarray, at: pd.DatetimeIndex, gone: np.ndarray
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Who comes to the next stage, and when: exponential times; who skips a stage goes on at once."""
    stays = gone & (draw.random(len(here)) >= stage[2])
    days = np.where(gone, 0.1 + draw.exponential(stage[3] / np.log(2), len(here)), 0.05)
    later = at + pd.to_timedelta(days, "D")
    return later[~stays], here[~stays]


def _events(
    draw: np.random.Generator, stage: tuple, inside: np.ndarray, begun: pd.DatetimeIndex, usual: np.ndarray
) -> pd.DataFrame:
    """The first event, often once more within the hour, and for most the second one within hours."""
    shares = np.cumsum(stage[5])
    first = np.searchsorted(shares, np.where(draw.random(len(inside)) < 0.7, usual[inside], draw.random(len(inside))))
    other = np.searchsorted(shares, draw.random(len(inside)))
    second = np.where(draw.random(len(inside)) < stage[6], other, first)
    again, done = draw.random(len(inside)) < stage[4], draw.random(len(inside)) < 0.8
    rows = [
        (inside, begun, stage[0], first),
        (
            inside[again],
            begun[again] + pd.to_timedelta(draw.uniform(0.02, 0.9, again.sum()), "h"),
            stage[0],
            first[again],
        ),
        (inside[done], begun[done] + pd.to_timedelta(draw.uniform(1.0, 2.3, done.sum()), "h"), stage[1], second[done]),
    ]
    return pd.concat([
        pd.DataFrame({"person": who, "time": when, "event": event, "channel": np.array(CHANNELS)[np.minimum(via, 4)]})
        for who, when, event, via in rows
    ])  # fmt: skip


def _answers(
    draw: np.random.Generator, name: str, stage: tuple, inside: np.ndarray, begun: pd.DatetimeIndex, mood: np.ndarray
) -> pd.DataFrame:
    """Who is asked answers or not; satisfaction 1 to 5 and ease 1 to 7 follow one hidden mood."""
    from scipy.special import ndtri

    answers = draw.random(len(inside)) < ASKED * ANSWERED
    who, when = inside[answers], begun[answers] + pd.to_timedelta(draw.uniform(2.5, 30, answers.sum()), "h")
    hidden = 0.6 * mood[who] + 0.8 * draw.standard_normal(len(who))
    good = hidden > -ndtri(stage[7])
    hard = 0.7 * hidden + np.sqrt(1 - 0.49) * draw.standard_normal(len(who)) < ndtri(stage[8])
    satisfaction = np.where(good, draw.choice([4, 5], len(who)), draw.choice([1, 2, 3], len(who)))
    ease = np.where(hard, draw.choice([1, 2, 3], len(who)), draw.choice([4, 5, 6, 7], len(who)))
    texts = np.array(WORDS[name])[np.where(good, 0, 2) + draw.integers(0, 2, len(who))]
    wrote = draw.random(len(who)) < 0.5
    return pd.DataFrame({
        "person": who, "time": when, "satisfaction": satisfaction, "ease": ease, "comment": np.where(wrote, texts, ""),
    })  # fmt: skip


def _elsewhere(draw: np.random.Generator, people: int) -> pd.DataFrame:
    """Answers that belong to no stage: of people who are not in the log."""
    n = people // 40
    return pd.DataFrame({
        "person": people + draw.integers(0, people, n), "time": FIRST + pd.to_timedelta(draw.uniform(0, 115, n), "D"),
        "satisfaction": draw.integers(1, 6, n), "ease": draw.integers(1, 8, n), "comment": "",
    })  # fmt: skip


def _written(frame: pd.DataFrame, time: str) -> pd.DataFrame:
    named = frame.assign(customer_id=[f"B{one:05d}" for one in frame["person"]])
    named[time] = named[time].dt.strftime("%Y-%m-%d %H:%M")
    return named[["customer_id", time, *[name for name in frame if name not in ("person", time)]]]


def texts(people: int = PEOPLE, seed: int = SEED) -> tuple[str, str]:
    """The files' content.

    Args:
        people: how many.
        seed: of the random numbers.

    Returns:
        Events and answers as CSV.
    """
    events, answers = tables(people, seed)
    return tuple(one.to_csv(index=False, lineterminator="\n") for one in (events, answers))


def main(arguments: list[str]) -> int:
    """Write the tables, or compare them.

    Args:
        arguments: `--check` compares instead of writing.

    Returns:
        0, or 1 where a table differs.
    """
    events, answers = texts()
    if "--check" in arguments:
        same = gzip.decompress(EVENTS.read_bytes()).decode() == events
        return int(not same or ANSWERS.read_text(encoding="utf-8") != answers)
    EVENTS.write_bytes(gzip.compress(events.encode(), mtime=0))
    ANSWERS.write_text(answers, encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
