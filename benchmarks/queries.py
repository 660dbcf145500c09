"""Hand-written DuckDB SQL: what someone who knows SQL well would type, and the floor beneath every answer."""

AB_COLUMNS = ("user_id", "ts", "event", "value", "variant")
USER_COLUMNS = ("user_id", "variant", "converted", "revenue", "revenue_before", "carts", "visits")
EVENT_COLUMNS = ("user_id", "ts", "event")
RETENTION_COLUMNS = ("user_id", "ts")
VALUE_COLUMNS = ("frequency", "recency", "age")
REVENUE_COLUMNS = ("account_id", "paid_on", "amount")


def scan(path: str, columns: tuple[str, ...]) -> str:
    """Read and hash every value of the columns; a footer cannot answer it."""
    return f"SELECT max(hash({', '.join(columns)})) FROM read_parquet('{path}')"


def units(path: str) -> str:
    """One row per unit: what an experiment is analysed from."""
    return f"""
        SELECT user_id, any_value(variant) AS variant,
            max((event = 'purchase' AND ts >= TIMESTAMP '2026-02-04')::INT) AS converted,
            sum(CASE WHEN ts >= TIMESTAMP '2026-02-04' THEN value ELSE 0 END) AS revenue,
            sum(CASE WHEN ts < TIMESTAMP '2026-02-04' THEN value ELSE 0 END) AS revenue_before,
            count(*) FILTER (event = 'cart') AS carts,
            count(*) FILTER (event = 'visit') AS visits
        FROM read_parquet('{path}') GROUP BY user_id"""


def moments(source: str) -> str:
    """The sums per variant from which every estimate, variance and covariance follows."""
    return f"""
        SELECT variant, count(*) AS n, sum(converted)::BIGINT AS converted,
            sum(revenue) AS y, sum(revenue * revenue) AS yy,
            sum(revenue_before) AS x, sum(revenue_before * revenue_before) AS xx,
            sum(revenue * revenue_before) AS xy,
            sum(carts)::BIGINT AS num, sum(carts * carts)::BIGINT AS nn,
            sum(visits)::BIGINT AS den, sum(visits * visits)::BIGINT AS dd, sum(carts * visits)::BIGINT AS nd
        FROM {source} GROUP BY variant ORDER BY variant"""


PARTS = ("1.0", "revenue_before", "revenue_before * revenue_before", "revenue", "revenue * revenue_before")


def fourth_moments(source: str) -> str:
    """The sums per variant from which the HC2 variance follows too: products of 1, x, x^2, y and xy in pairs."""
    pairs = [f"sum({one} * {other})" for k, one in enumerate(PARTS) for other in PARTS[k:]]
    return f"""
        SELECT variant, count(*) AS n, sum(converted)::BIGINT AS converted,
            sum(carts)::BIGINT AS num, sum(carts * carts)::BIGINT AS nn,
            sum(visits)::BIGINT AS den, sum(visits * visits)::BIGINT AS dd, sum(carts * visits)::BIGINT AS nd,
            [{", ".join(pairs)}] AS products
        FROM {source} GROUP BY variant ORDER BY variant"""


def repeated(path: str) -> str:
    """How many rows repeat a user who has one already."""
    return f"SELECT count(user_id) - count(DISTINCT user_id) FROM read_parquet('{path}')"


def hc2(path: str, lines: dict[str, tuple[float, ...]]) -> str:
    """The HC2 variance of each variant's line at the common covariate: constants are n, means, slope, spread, tilt."""
    rows = ", ".join(f"('{variant}', {', '.join(map(repr, line))})" for variant, line in lines.items())
    return f"""
        SELECT variant, sum(power(1 / n + tilt * gap, 2) * power(rest, 2) / (1 - 1 / n - gap * gap / spread)) FROM (
            SELECT variant, k.n, k.tilt, k.spread, u.revenue_before - k.x AS gap,
                u.revenue - k.y - k.slope * (u.revenue_before - k.x) AS rest
            FROM read_parquet('{path}') AS u
            JOIN (SELECT v AS variant, a::DOUBLE AS n, b::DOUBLE AS y, c::DOUBLE AS x, d::DOUBLE AS slope,
                e::DOUBLE AS spread, f::DOUBLE AS tilt FROM (VALUES {rows}) AS t(v, a, b, c, d, e, f)) AS k
            USING (variant)
        ) GROUP BY variant"""


def retention(path: str) -> str:
    """Weekly cohorts by first event: how many came back in each calendar week after it."""
    return f"""
        WITH weeks AS (
            SELECT DISTINCT user_id, date_trunc('week', ts) AS week FROM read_parquet('{path}')
        ), starts AS (SELECT user_id, min(week) AS cohort FROM weeks GROUP BY user_id)
        SELECT cohort, date_diff('week', cohort, week) AS age, count(*) AS returned
        FROM weeks JOIN starts USING (user_id) GROUP BY 1, 2 ORDER BY 1, 2"""


def funnel(path: str, steps: list[str], days: int = 7) -> str:
    """How many get to each step in this order, all within so many days of the first; any start may lead on."""
    parts = [f"a1 AS (SELECT user_id, ts, ts AS start FROM read_parquet('{path}') WHERE event = '{steps[0]}')"]
    parts += [
        f"a{k} AS (SELECT x.user_id, x.ts, p.start FROM (SELECT user_id, ts FROM read_parquet('{path}') "
        f"WHERE event = '{step}') x ASOF JOIN a{k - 1} p ON x.user_id = p.user_id AND x.ts >= p.ts "
        f"WHERE x.ts - p.start <= INTERVAL {days} DAY)"
        for k, step in enumerate(steps[1:], 2)
    ]
    counts = " UNION ALL ".join(f"SELECT {k}, count(DISTINCT user_id) FROM a{k}" for k in range(1, len(steps) + 1))
    return f"WITH {', '.join(parts)} {counts}"


def moves(path: str) -> str:
    """How often each event follows each other one."""
    following = "lead(event) OVER (PARTITION BY user_id ORDER BY ts, event)"
    return f"""
        SELECT event, next, count(*) FROM (SELECT event, {following} AS next FROM read_parquet('{path}'))
        WHERE next IS NOT NULL GROUP BY ALL ORDER BY ALL"""


def move_table(path: str) -> str:
    """How often each event follows each other one, for how many people, and how soon."""
    window = "WINDOW w AS (PARTITION BY user_id ORDER BY ts, event)"
    onward = f"lead(event) OVER w AS next, epoch_us(lead(ts) OVER w) - epoch_us(ts) AS wait FROM read_parquet('{path}')"
    return f"""
        SELECT event, next, count(*), count(DISTINCT user_id), median(wait)
        FROM (SELECT user_id, event, {onward} {window}) WHERE next IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"""


def revenue(path: str) -> str:
    """Of what was paid in June 2025, how much stayed until June 2026, and how much the same accounts pay then."""
    return f"""
        WITH months AS (
            SELECT account_id, date_trunc('month', paid_on) AS month, sum(amount) AS paid
            FROM read_parquet('{path}') GROUP BY 1, 2
        ), ends AS (
            SELECT account_id, sum(paid) FILTER (month = DATE '2025-06-01') AS before,
                coalesce(sum(paid) FILTER (month = DATE '2026-06-01'), 0) AS after
            FROM months GROUP BY account_id
        )
        SELECT count(*), sum(before), sum(least(before, after)) / sum(before), sum(after) / sum(before)
        FROM ends WHERE before > 0"""
