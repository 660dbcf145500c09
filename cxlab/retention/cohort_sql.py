"""The one pass over the events: who began when, who came back how many periods later.

Distinct (unit, period), its first period, a join and a count. Only plain SQL is used, so that other engines can
run it. In every answer `k` is the cell, an age or a bracket of ages; rows without one hold sizes.
"""

from cxlab.data import NOT_GIVEN
from cxlab.retention.question import Question, is_named, is_return, is_start

__all__ = ["active_cells", "cluster_sql", "counts_sql", "starts_sql"]


def counts_sql(question: Question) -> str:
    """How many units began in each group, and how many of them came back in each cell?

    Args:
        question: the question.

    Returns:
        SQL with one row per cohort, segment, start period and cell: `returned` counts cells seen whole, `so_far` all;
        what they add up to over cells is the measure (see `cells`). Rows without cell count the units that began, by
        the last cell that they have seen whole and begun, and, in `varies`, those whose property changes; a row with
        cell -1 counts all units, where some may have started in no cohort.
    """
    by_start = "c" if question.cohort is None else "CAST(NULL AS INTEGER)"
    return f"""
{starts_sql(question)},
h AS ({_hits(question)})
SELECT cohort, segment, c, seen, begun, CAST(NULL AS INTEGER) AS k, count(*) AS so_far, 0 AS returned,
  sum(varies) AS varies
FROM f GROUP BY cohort, segment, c, seen, begun
UNION ALL
SELECT cohort, segment, start_period, NULL, NULL, k, sum(so_far), sum(returned), 0
FROM (SELECT cohort, segment, {by_start} AS start_period, k, so_far, returned FROM ({_steps(question)}) AS s) AS g
GROUP BY cohort, segment, start_period, k
{_everybody(question)}"""


def _everybody(question: Question) -> str:
    """All units, where some may have started in no cohort; else it would be one more pass for a known number."""
    if is_start(question) == "TRUE" and question.first_period is None:
        return ""
    return "UNION ALL\nSELECT NULL, NULL, NULL, NULL, NULL, -1, count(DISTINCT u), 0, 0 FROM a"


def starts_sql(question: Question) -> str:
    """The steps up to CTE f: one row per unit and cohort it joins.

    Args:
        question: the question.

    Returns:
        SQL that begins with WITH. a: units and periods with first start and last return; f: u, t0, c (the calendar
        period), s (the tick of the start), seen and begun (the last cells seen whole and begun), cohort, segment,
        varies.
    """
    parts = [f"a AS ({_active(question)})", f"b AS ({_begun(question)})"]
    reach = f"{question.reckoning.seen_sql('b.s')} AS seen, {question.reckoning.begun_sql('b.s')} AS begun"
    if question.cohort or question.segment:
        parts.append(f"d AS ({_properties(question)})")
        named = ", ".join(f"coalesce(d.{role}, '{NOT_GIVEN}') AS {role}" for role in ("cohort", "segment"))
        parts.append(f"f AS (SELECT b.u, b.t0, b.c, b.s, {reach}, {named}, d.varies FROM b JOIN d ON b.u = d.u)")
    else:
        nothing = "CAST(NULL AS VARCHAR) AS cohort, CAST(NULL AS VARCHAR) AS segment, 0 AS varies"
        parts.append(f"f AS (SELECT u, t0, c, s, {reach}, {nothing} FROM b)")
    return "WITH " + ",\n".join(parts)


def _active(question: Question) -> str:
    start, back = _moment(is_start(question)), _moment(is_return(question))
    named = f", min({_moment(is_named(question.start_event))}) AS named" if question.anchor == "first_ever" else ""
    return (
        f"SELECT unit AS u, {question.reckoning.cohort_sql()} AS p, min({start}) AS began, "
        f"max({back}) AS latest{named} FROM {question.relation} AS e WHERE {_seen(question)} GROUP BY 1, 2"
    )


def _seen(question: Question) -> str:
    return f"time < TIMESTAMP '{question.seen_until}'"


def _moment(event: str) -> str:
    return "time" if event == "TRUE" else f"CASE WHEN {event} THEN time END"


def _begun(question: Question) -> str:
    tick = "c" if question.clock == "calendar" else question.reckoning.tick_sql("t0")
    return f"SELECT u, t0, c, {tick} AS s FROM ({_first(question)}) AS g"


def _first(question: Question) -> str:
    after = question.first_period
    if question.anchor == "recurring":
        bound = "" if after is None else f" AND p >= {after}"
        return f"SELECT u, began AS t0, p AS c FROM a WHERE began IS NOT NULL{bound}"
    bounds = [] if after is None else [f"min(p) >= {after}"]
    if question.anchor == "first_ever":
        # The first row of that name must itself have the property; among rows of one instant any of them.
        bounds.append("min(began) = min(first_named)")
        rows = "SELECT u, p, began, min(named) OVER (PARTITION BY u) AS first_named FROM a"
    else:
        rows = "SELECT u, p, began FROM a"
    having = f" HAVING {' AND '.join(bounds)}" if bounds else ""
    return f"SELECT u, min(began) AS t0, min(p) AS c FROM ({rows}) AS r WHERE began IS NOT NULL GROUP BY u{having}"


def _properties(question: Question) -> str:
    """Per unit: its properties at its first start, and whether any of them ever changes."""
    roles = [role for role in ("cohort", "segment") if getattr(question, role)]
    here = f"e.time = s.t AND {is_start(question)}"
    values = "".join(f", min(CASE WHEN {here} THEN e.{role} END) AS {role}" for role in roles)
    values += "".join(f", CAST(NULL AS VARCHAR) AS {role}" for role in ("cohort", "segment") if role not in roles)
    changes = " OR ".join(f"min(e.{role}) <> max(e.{role})" for role in roles)
    return (
        f"SELECT e.unit AS u{values}, CASE WHEN {changes} THEN 1 ELSE 0 END AS varies FROM {question.relation} AS e "
        f"JOIN (SELECT u, min(t0) AS t FROM b GROUP BY u) AS s ON e.unit = s.u WHERE {_seen(question)} GROUP BY e.unit"
    )


def active_cells(question: Question) -> str:
    """In which cells did whoever began come back often enough?

    Args:
        question: the question.

    Returns:
        SQL on the steps of `starts_sql` with one row per unit, cohort and cell: u, cohort, segment, c, seen, begun, k.
    """
    plain = question.clock == "calendar" and question.minimum == 1
    return _by_period(question) if plain else _by_event(question)


_KEYS = "f.u, f.cohort, f.segment, f.c, f.seen, f.begun"


def _by_period(question: Question) -> str:
    """From units and periods alone: the calendar's clock, once is enough."""
    cell = question.reckoning.cell_sql("a.p - f.c")
    pairs = (
        "FROM a JOIN f ON a.u = f.u AND a.p >= f.c "
        f"WHERE a.latest IS NOT NULL AND (a.p > f.c OR a.latest > f.t0){_within(question, cell)}"
    )
    distinct = "" if question.reckoning.brackets is None else "DISTINCT "
    return f"SELECT {distinct}{_KEYS}, {cell} AS k {pairs}"


def _by_event(question: Question) -> str:
    """From every return after the start: clocks of each customer's own, and several returns."""
    reckoning = question.reckoning
    cell = reckoning.cell_sql(reckoning.age_sql("e.tick", "f.s"))
    events = (
        f"SELECT unit, time, {reckoning.tick_sql()} AS tick FROM {question.relation} AS r "
        f"WHERE {_seen(question)} AND {is_return(question)}"
    )
    often = "" if question.minimum == 1 else f" HAVING count(*) >= {question.minimum}"
    return (
        f"SELECT {_KEYS}, {cell} AS k FROM ({events}) AS e JOIN f ON e.unit = f.u AND e.time > f.t0 "
        f"WHERE TRUE{_within(question, cell)} GROUP BY {_KEYS}, {cell}{often}"
    )


def _within(question: Question, cell: str) -> str:
    bound = "" if question.horizon is None else f" AND {cell} <= {question.horizon}"
    return bound if question.reckoning.brackets is None else f"{bound} AND {cell} IS NOT NULL"


def _hits(question: Question) -> str:
    """One row per unit, cohort and cell; for other measures than "on" the one cell at which they turn, and age 0.

    "On or after" turns behind the greatest cell, a streak behind its last one, "on or before" at the first.
    """
    active = active_cells(question)
    keys = _KEYS.replace("f.", "")
    if question.measure == "on":
        return active
    if question.measure == "on_or_after":
        return f"SELECT {keys}, max(k) AS k FROM ({active}) AS x GROUP BY {keys}"
    at_start = f"SELECT {keys}, k FROM x WHERE k = 0 UNION ALL "
    if question.measure == "on_or_before":
        turns = f"SELECT {keys}, min(k) AS k FROM x WHERE k > 0 GROUP BY {keys}"
    else:
        turns = f"SELECT {keys}, max(k) AS k FROM ({_unbroken('x')}) AS y WHERE k > 0 GROUP BY {keys}"
    return f"WITH x AS ({active}) {at_start}{turns}"


def _unbroken(active: str) -> str:
    """The cells of each streak: the first one after the start and all that follow without a gap."""
    keys = _KEYS.replace("f.", "")
    ranked = f"SELECT {keys}, k, row_number() OVER (PARTITION BY u, c, k = 0 ORDER BY k) AS rank FROM {active}"
    return f"SELECT {keys}, k FROM ({ranked}) AS w WHERE k = 0 OR k = rank"


def _steps(question: Question) -> str:
    """Where the counts of cells rise or fall."""
    named = "SELECT cohort, segment, c"
    if question.measure == "on" or question.bounded:
        last = question.horizon if question.bounded else "k"
        return f"{named}, k, 1 AS so_far, CASE WHEN {last} <= seen THEN 1 ELSE 0 END AS returned FROM h"
    if question.measure == "on_or_before":
        return f"""{named}, k, 1 AS so_far, CASE WHEN k <= seen THEN 1 ELSE 0 END AS returned FROM h
UNION ALL {named}, begun + 1, -1, 0 FROM h WHERE k > 0
UNION ALL {named}, seen + 1, 0, -1 FROM h WHERE k > 0 AND k <= seen"""
    zero = "" if question.measure == "on_or_after" else " AND (k = 0 OR seen > 0)"
    return f"""{named}, k, 1 AS so_far, 0 AS returned FROM h
UNION ALL {named}, least(k, seen), 0, 1 FROM h WHERE seen >= 0{zero}"""


def cluster_sql(question: Question) -> str:
    """Which sums over units give the variance of a curve to which a unit adds several cells?

    Args:
        question: the question.

    Returns:
        SQL. Rows without `k` hold, by the last cell seen whole, the units counted there for the last time and the sum
        whose running total is the sum of squared cells. Rows with `k` hold, by cell, the sums of x, x squared and x
        times n.
    """
    ranked = "SELECT u, segment, seen, row_number() OVER (PARTITION BY u ORDER BY c) AS r FROM f"
    sums = _cluster_on(question) if question.measure != "on_or_after" else _cluster_on_or_after(question)
    return f"""
{starts_sql(question)},
r AS ({ranked})
SELECT segment, seen, CAST(NULL AS INTEGER) AS k, sum(CASE WHEN r = 1 THEN 1 ELSE 0 END) AS v1,
  sum(2 * r - 1) AS v2, 0 AS v3
FROM r GROUP BY segment, seen
UNION ALL
{sums}"""


def _cluster_on(question: Question) -> str:
    active = active_cells(question)
    if question.measure == "streak":
        active = _unbroken(f"({active}) AS x")
    cells = f"SELECT u, segment, k, count(*) AS x FROM ({active}) AS h WHERE k <= seen GROUP BY u, segment, k"
    return f"""SELECT segment, CAST(NULL AS INTEGER), k, sum(x), sum(x * x), sum(x * n)
FROM (SELECT x.u, x.segment, x.k, x.x, count(*) AS n FROM ({cells}) AS x
  JOIN f ON f.u = x.u AND f.seen >= x.k GROUP BY x.u, x.segment, x.k, x.x) AS y
GROUP BY segment, k"""


def _cluster_on_or_after(question: Question) -> str:
    """A unit's x falls with age in single steps; ranks by greatest age give its square the same way.

    Its n falls as well where coming back counts to the end of the log; then each pair of a cohort that came back and
    one that was seen counts up to the lesser of their two cells.
    """
    last, bound = ("least(k, seen)", "0") if question.open_ended else ("k", str(question.horizon))
    hits = f"SELECT u, segment, c, {last} AS k FROM ({_hits(question)}) AS h WHERE seen >= {bound}"
    ranked = f"SELECT u, segment, k, row_number() OVER (PARTITION BY u ORDER BY k DESC, c) AS q FROM ({hits}) AS z"
    pair = "least(z.k, f.seen)" if question.open_ended else "z.k"
    return f"""SELECT segment, CAST(NULL AS INTEGER), k, count(*), sum(2 * q - 1), 0 FROM ({ranked}) AS y
GROUP BY segment, k
UNION ALL
SELECT z.segment, CAST(NULL AS INTEGER), {pair}, 0, 0, count(*) FROM ({hits}) AS z
JOIN f ON f.u = z.u AND f.seen >= {bound} GROUP BY 1, 3"""
