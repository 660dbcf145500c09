"""The one pass over the events: who began when, who came back how many periods later.

Distinct (unit, period), its first period, a join and a count. Only plain SQL is used, so that other engines can
run it. In every answer `k` is the age; rows without one hold sizes.
"""

from cxlab.data import NOT_GIVEN
from cxlab.retention.question import Question, is_event

__all__ = ["cluster_sql", "counts_sql"]


def counts_sql(question: Question) -> str:
    """How many units began in each group, and how many of them came back at each age?

    Args:
        question: the question.

    Returns:
        SQL with one row per cohort, segment, start period and age: `returned` counts whole cells, `so_far` all.
        Rows without age count the units that began and, in `varies`, those whose property changes; a row with
        age -1 counts all units, where some may have started in no cohort.
    """
    by_start = "c" if question.cohort is None else "CAST(NULL AS INTEGER)"
    return f"""
{_starts(question)}
SELECT cohort, segment, c, CAST(NULL AS INTEGER) AS k, count(*) AS so_far, 0 AS returned, sum(varies) AS varies
FROM f GROUP BY cohort, segment, c
UNION ALL
SELECT cohort, segment, start_period, k, count(*), sum(whole), 0
FROM (SELECT cohort, segment, {by_start} AS start_period, k, whole FROM ({_hits(question)}) AS h) AS g
GROUP BY cohort, segment, start_period, k
{_everybody(question)}"""


def _everybody(question: Question) -> str:
    """All units, where some may have started in no cohort; else it would be one more pass for a known number."""
    if question.start_event is None and question.first_period is None:
        return ""
    return "UNION ALL\nSELECT NULL, NULL, NULL, -1, count(DISTINCT u), 0, 0 FROM a"


def cluster_sql(question: Question) -> str:
    """Which sums over units give the variance of a curve to which a unit adds several cells?

    Args:
        question: the question.

    Returns:
        SQL. Rows with `c` hold, by start period, the units counted there for the first time and the sum whose
        running total is the sum of squared cells. Rows with `k` hold, by age, the sums of x, x squared and x times n.
    """
    ranked = "SELECT u, segment, c, row_number() OVER (PARTITION BY u ORDER BY c) AS r FROM f"
    sums = _cluster_on(question) if question.measure == "on" else _cluster_on_or_after(question)
    return f"""
{_starts(question)},
r AS ({ranked}),
h AS ({_hits(question)})
SELECT segment, c, CAST(NULL AS INTEGER) AS k, sum(CASE WHEN r = 1 THEN 1 ELSE 0 END) AS v1,
  sum(2 * r - 1) AS v2, 0 AS v3
FROM r GROUP BY segment, c
UNION ALL
{sums}"""


def _starts(question: Question) -> str:
    """CTE a: units and periods with first start and last return; CTE f: one row per unit and cohort it joins."""
    parts = [f"a AS ({_active(question)})", f"b AS ({_begun(question)})"]
    if question.cohort or question.segment:
        parts += [f"d AS ({_properties(question)})", f"f AS ({_joined()})"]
    else:
        nothing = "CAST(NULL AS VARCHAR) AS cohort, CAST(NULL AS VARCHAR) AS segment, 0 AS varies"
        parts.append(f"f AS (SELECT u, t0, c, {nothing} FROM b)")
    return "WITH " + ",\n".join(parts)


def _active(question: Question) -> str:
    start, back = _moment(question.start_event), _moment(question.return_event)
    return (
        f"SELECT unit AS u, {question.period_sql} AS p, min({start}) AS began, max({back}) AS latest "
        f"FROM {question.relation} AS e WHERE {_seen(question)} GROUP BY 1, 2"
    )


def _seen(question: Question) -> str:
    return f"time < TIMESTAMP '{question.seen_until}'"


def _moment(event: str | None) -> str:
    return "time" if event is None else f"CASE WHEN {is_event(event)} THEN time END"


def _begun(question: Question) -> str:
    after = question.first_period
    if question.anchor == "recurring":
        bound = "" if after is None else f" AND p >= {after}"
        return f"SELECT u, began AS t0, p AS c FROM a WHERE began IS NOT NULL{bound}"
    bound = "" if after is None else f" HAVING min(p) >= {after}"
    return f"SELECT u, min(began) AS t0, min(p) AS c FROM a WHERE began IS NOT NULL GROUP BY u{bound}"


def _properties(question: Question) -> str:
    """Per unit: its properties at its first start, and whether any of them ever changes."""
    roles = [role for role in ("cohort", "segment") if getattr(question, role)]
    here = f"e.time = s.t AND {is_event(question.start_event)}"
    values = "".join(f", min(CASE WHEN {here} THEN e.{role} END) AS {role}" for role in roles)
    values += "".join(f", CAST(NULL AS VARCHAR) AS {role}" for role in ("cohort", "segment") if role not in roles)
    changes = " OR ".join(f"min(e.{role}) <> max(e.{role})" for role in roles)
    return (
        f"SELECT e.unit AS u{values}, CASE WHEN {changes} THEN 1 ELSE 0 END AS varies FROM {question.relation} AS e "
        f"JOIN (SELECT u, min(t0) AS t FROM b GROUP BY u) AS s ON e.unit = s.u WHERE {_seen(question)} GROUP BY e.unit"
    )


def _joined() -> str:
    named = ", ".join(f"coalesce(d.{role}, '{NOT_GIVEN}') AS {role}" for role in ("cohort", "segment"))
    return f"SELECT b.u, b.t0, b.c, {named}, d.varies FROM b JOIN d ON b.u = d.u"


def _hits(question: Question) -> str:
    """One row per unit, cohort and age with a return, and whether the cell was seen whole.

    For "on or after" there is one row per unit and cohort, with the greatest age: every age up to it has one.
    """
    bound = "" if question.horizon is None else f" AND a.p - f.c <= {question.horizon}"
    pairs = (
        "FROM a JOIN f ON a.u = f.u AND a.p >= f.c "
        f"WHERE a.latest IS NOT NULL AND (a.p > f.c OR a.latest > f.t0){bound}"
    )
    if question.measure == "on":
        return (
            "SELECT f.u, f.cohort, f.segment, f.c, a.p - f.c AS k, "
            f"CASE WHEN a.p <= {question.last_whole} THEN 1 ELSE 0 END AS whole {pairs}"
        )
    whole = f"CASE WHEN f.c + {question.horizon} <= {question.last_whole} THEN 1 ELSE 0 END"
    keys = "f.u, f.cohort, f.segment, f.c"
    return f"SELECT {keys}, max(a.p - f.c) AS k, {whole} AS whole {pairs} GROUP BY {keys}"


def _cluster_on(question: Question) -> str:
    cells = "SELECT u, segment, k, sum(whole) AS x FROM h WHERE whole = 1 GROUP BY u, segment, k"
    return f"""SELECT segment, CAST(NULL AS INTEGER), k, sum(x), sum(x * x), sum(x * n)
FROM (SELECT x.u, x.segment, x.k, x.x, count(*) AS n FROM ({cells}) AS x
  JOIN f ON f.u = x.u AND f.c <= {question.last_whole} - x.k GROUP BY x.u, x.segment, x.k, x.x) AS y
GROUP BY segment, k"""


def _cluster_on_or_after(question: Question) -> str:
    """A unit's x falls with age in single steps; ranks by greatest age give its square the same way."""
    ranked = "SELECT u, segment, k, row_number() OVER (PARTITION BY u ORDER BY k DESC, c) AS q FROM h WHERE whole = 1"
    totals = f"SELECT u, count(*) AS n FROM f WHERE c <= {question.last_whole} - {question.horizon} GROUP BY u"
    return f"""SELECT segment, CAST(NULL AS INTEGER), k, count(*), sum(2 * q - 1), sum(n)
FROM (SELECT y.segment, y.k, y.q, z.n FROM ({ranked}) AS y JOIN ({totals}) AS z ON y.u = z.u) AS v
GROUP BY segment, k"""
