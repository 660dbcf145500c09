"""Small frames for the journey map: who came, went on, waited, did it again, changed channel and said what."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxlab.data import NOT_GIVEN, literal
from cxlab.feedback.word_counts import frequent_words
from cxlab.journeys.asof import arrivals_by_asof
from cxlab.journeys.counts import SECOND, Counts, count_chains
from cxlab.journeys.map_answers import Asked, link_answers, state_counts
from cxlab.journeys.map_log import FOLDS, MapLog

__all__ = ["MapCounts", "count_map"]

_SUMS = (
    "count(*) AS people, sum(y)::DOUBLE AS y, sum(m)::DOUBLE AS m, sum(y * y)::DOUBLE AS yy, "
    "sum(y * m)::DOUBLE AS ym, sum(m * m)::DOUBLE AS mm"
)


@dataclass(frozen=True)
class MapCounts:
    """Aggregates of one map; `k` is a stage from 1, `fold` one of the random groups of people.

    Attributes:
        funnel: what the funnel over the stages that all pass, and the goal, counts.
        visits: k, settled (over starts whose window is over), fold, n, gone (went on), late (later than the target),
            still (may still go on).
        waits: k, seconds, converted, n: from coming to a stage to going on, or to where watching ended.
        channels: k, channel, n and the sums of the share of events.
        switches: k, fold and the sums of the share of moves into another channel.
        repeats: k, fold, n, again.
        onward: k, destination, n: what those who did not go on did next, outside the stage.
        answers: question, k (0: no stage), fold, and the sums of the share of good or bad answers.
        states: question, state, rows, least, most.
        most: question, k, answers of the person who gave most, answers of all.
        themes: k, theme, n, comments.
        writers: k, n (people who wrote), comments.
        said: answers in all, and those that belong to no stage.
        unchannelled: events of stages without a channel, and all of them.
    """

    funnel: Counts
    visits: pd.DataFrame
    waits: pd.DataFrame
    channels: pd.DataFrame
    switches: pd.DataFrame
    repeats: pd.DataFrame
    onward: pd.DataFrame
    answers: pd.DataFrame
    states: pd.DataFrame
    most: pd.DataFrame
    themes: pd.DataFrame
    writers: pd.DataFrame
    said: tuple[int, int]
    unchannelled: tuple[int, int]


def count_map(log: MapLog, asked: Asked | None) -> MapCounts:
    """What happens in each stage?

    Args:
        log: the events.
        asked: where the answers are; None without any.

    Returns:
        Small frames.
    """
    query = log.table.query
    funnel = count_chains(log.chain)
    visits = _visits(log)
    words = {} if asked is None else _answers(log, asked)
    given = "count(*) FILTER (channel IS NULL), count(*)"
    return MapCounts(
        funnel=funnel,
        visits=query(_left(log, visits)),
        waits=pd.DataFrame(log.table.engine.arrays(_waits(log, visits))),
        channels=query(_channels(log)), switches=query(_switches(log)), repeats=query(_repeats(log)),
        onward=query(_onward(log, visits)),
        unchannelled=log.table.engine.rows(f"SELECT {given} FROM {log.touched}")[0],
        **({**_NO_ANSWERS, **words}),
    )  # fmt: skip


_NO_ANSWERS = {
    "answers": pd.DataFrame(columns=["question", "k", "fold", "people", "y", "m", "yy", "ym", "mm"]),
    "states": pd.DataFrame(columns=["question", "state", "rows", "least", "most"]),
    "most": pd.DataFrame(columns=["question", "k", "most", "answers"]),
    "themes": pd.DataFrame(columns=["k", "theme", "n", "comments"]),
    "writers": pd.DataFrame(columns=["k", "n", "comments"]),
    "said": (0, 0),
}  # fmt: skip


def _visits(log: MapLog) -> str:
    """Table of first arrivals: u, fold, k, t, gone (when they came to the next stage), settled, open."""
    chains = f"{log.chain.name}_chains"
    parts = []
    for settled in (False, True):
        came = arrivals_by_asof(log.chain, settled=settled)
        word = str(settled).casefold()
        for place, stage in enumerate(log.stages):
            step = log.passed(place)
            gone = "NULL::BIGINT" if log.ends(place) else f"c.t{step + 1}"
            whose = (
                f"SELECT c.u::VARCHAR AS u, {place + 1} AS k, {{t}} AS t, {gone} AS gone, {word} AS settled, x.is_open"
            )
            people = f"FROM {came} c JOIN {chains} x ON x.u = c.u"
            if stage.optional:
                window = "" if log.chain.rules.window is None else f" AND e.t <= c.t{step} + {log.chain.rules.window}"
                before = "" if log.ends(place) else f" AND (c.t{step + 1} IS NULL OR e.t <= c.t{step + 1})"
                parts.append(
                    f"{whose.format(t='min(e.t)')} {people} JOIN {log.touched} e ON e.u = c.u::VARCHAR "
                    f"AND e.k = {place + 1} AND e.t >= c.t{step}{window}{before} GROUP BY ALL"
                )
            else:
                parts.append(f"{whose.format(t=f'c.t{step}')} {people} WHERE c.t{step} IS NOT NULL")
    return log.chain.make("visits", " UNION ALL ".join(parts))


def _left(log: MapLog, visits: str) -> str:
    """Who went on, who went on late, who may still go on."""
    cases = " ".join(f"WHEN {k} THEN {limit}" for k, limit in enumerate(log.late, 1) if limit is not None)
    late = f"gone - t > (CASE k {cases} END)" if cases else "false"
    fold = f"(hash(u) % {FOLDS})::UTINYINT"
    return (
        f"SELECT k, settled, {fold} AS fold, count(*) AS n, count(gone) AS gone, "
        f"count(*) FILTER (gone IS NOT NULL AND {late}) AS late, count(*) FILTER (gone IS NULL AND is_open) AS still "
        f"FROM {visits} GROUP BY 1, 2, 3"
    )


def _waits(log: MapLog, visits: str) -> str:
    """Time in each stage: watched for one window from coming to it, or to the end of the data."""
    limit = f"{log.chain.rules.data_end} - t"
    if log.chain.rules.window is not None:
        limit = f"least({limit}, {log.chain.rules.window})"
    return (
        f"SELECT k, coalesce(took <= watched, false) AS converted, "
        f"coalesce(CASE WHEN took <= watched THEN took END, watched) / {SECOND} AS seconds, count(*) AS n "
        f"FROM (SELECT k, gone - t AS took, greatest({limit}, 0) AS watched FROM {visits} WHERE NOT settled) "
        "GROUP BY ALL ORDER BY ALL"
    )


def _onward(log: MapLog, visits: str) -> str:
    """What those who did not go on did next: the first event outside the stage, within the window."""
    window = log.chain.rules.window
    within = "" if window is None else f" AND e.t <= s.t + {window}"
    ends = ", ".join(str(place + 1) for place in range(len(log.stages)) if log.ends(place)) or "0"
    stopped = f"SELECT u, k, t, is_open FROM {visits} WHERE NOT settled AND gone IS NULL AND k NOT IN ({ends})"
    cases = " ".join(
        f"WHEN {literal(event)} THEN {k}" for k, stage in enumerate(log.stages, 1) for event in stage.events
    )
    return (
        f"WITH stopped AS MATERIALIZED ({stopped}), "
        f"events AS (SELECT u::VARCHAR AS u, t, event, CASE event {cases} ELSE 0 END AS k FROM {log.chain.events}), "
        "after AS (SELECT s.u, s.k, arg_min(e.event, (e.t, e.event)) AS event FROM events e JOIN stopped s "
        f"ON e.u = s.u AND e.t > s.t AND e.k <> s.k{within} GROUP BY 1, 2) "
        "SELECT s.k, coalesce(a.event, CASE WHEN s.is_open THEN '(open)' ELSE '(none)' END) AS destination, "
        "count(*) AS n FROM stopped s LEFT JOIN after a ON a.u = s.u AND a.k = s.k GROUP BY 1, 2 ORDER BY k, n DESC, 2"
    )


def _channels(log: MapLog) -> str:
    """Each stage's events by channel, as shares within people."""
    if not log.channelled:
        return "SELECT 1 AS k, '' AS channel, 0 AS n, 0.0 AS y, 0.0 AS m, 0.0 AS yy, 0.0 AS ym, 0.0 AS mm WHERE false"
    channel = f"coalesce(channel, {literal(NOT_GIVEN)}) AS channel"
    own = f"SELECT k, u, {channel}, count(*) AS y FROM {log.touched} GROUP BY 1, 2, 3"
    size = f"SELECT k, u, count(*) AS m FROM {log.touched} GROUP BY 1, 2"
    whole = f"SELECT k, sum(m)::DOUBLE AS m, sum(m * m)::DOUBLE AS mm, count(*) AS people FROM ({size}) GROUP BY 1"
    sums = "count(*) AS n, sum(y)::DOUBLE AS y, sum(y * y)::DOUBLE AS yy, sum(y * m)::DOUBLE AS ym"
    part = (
        f"SELECT own.k, channel, {sums} FROM ({own}) own JOIN ({size}) s ON s.k = own.k AND s.u = own.u GROUP BY 1, 2"
    )
    return f"SELECT part.*, w.m, w.mm, w.people FROM ({part}) part JOIN ({whole}) w ON w.k = part.k"


def _switches(log: MapLog) -> str:
    """Moves from a stage's event to the person's next one: is it in another channel?"""
    order = "PARTITION BY u ORDER BY t, k, event, channel"
    moved = (
        f"SELECT k, fold, u, t, channel, lead(t) OVER w AS after, lead(channel) OVER w AS other FROM {log.touched} "
        f"WHERE channel IS NOT NULL WINDOW w AS ({order})"
    )
    own = (
        f"SELECT k, fold, u, count(*) AS m, count(*) FILTER (channel <> other) AS y FROM ({moved}) "
        f"WHERE after - t <= {log.linked} GROUP BY 1, 2, 3"
    )
    return f"SELECT k, fold, {_SUMS} FROM ({own}) GROUP BY 1, 2"


def _repeats(log: MapLog) -> str:
    """Who does the same again soon? The same event at the same instant is one event written twice."""
    before = f"SELECT *, lag(t) OVER (PARTITION BY u, event ORDER BY t) AS before FROM {log.touched}"
    soon = f"coalesce(t > before AND t - before <= {log.again}, false)"
    own = f"SELECT k, fold, u, max(CASE WHEN {soon} THEN 1 ELSE 0 END) AS again FROM ({before}) GROUP BY 1, 2, 3"
    return f"SELECT k, fold, count(*) AS n, sum(again) AS again FROM ({own}) GROUP BY 1, 2"


def _answers(log: MapLog, asked: Asked) -> dict[str, object]:
    """Answers, comments and what keeps them from being trusted."""
    states, linked = state_counts(asked), link_answers(log, asked)
    query = log.table.query
    sums, most = [], []
    for name, one in asked.instruments.items():
        low, high = one.good if name == "satisfaction" else one.bad
        own = (
            f"SELECT k, fold, coalesce(u, 'row ' || row_number() OVER ()) AS u, 1 AS m, "
            f"CASE WHEN {name} BETWEEN {low} AND {high} THEN 1 ELSE 0 END AS y FROM {linked} WHERE {name} IS NOT NULL"
        )
        own = f"SELECT k, fold, u, sum(m) AS m, sum(y) AS y FROM ({own}) GROUP BY 1, 2, 3"
        sums.append(f"SELECT '{name}' AS question, k, fold, {_SUMS} FROM ({own}) GROUP BY 2, 3")
        most.append(f"SELECT '{name}' AS question, k, max(m) AS most, sum(m) AS answers FROM ({own}) GROUP BY 2")
    said = f"SELECT count(*), count(*) FILTER (k = 0) FROM {linked}"
    wrote = f"(SELECT k, u, comment FROM {linked} WHERE k > 0 AND comment IS NOT NULL)"
    writers = f"SELECT k, count(DISTINCT u) AS n, count(*) AS comments FROM {wrote} GROUP BY 1"
    found: dict[str, object] = {"states": states, "said": log.table.engine.rows(said)[0]}
    if asked.instruments:
        found |= {"answers": query(" UNION ALL ".join(sums)), "most": query(" UNION ALL ".join(most))}
    if asked.comment:
        found |= {"themes": frequent_words(log.table.engine, wrote), "writers": query(writers)}
    return found
