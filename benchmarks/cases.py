"""One measured piece of work each, run in a process of its own; returns the answer that peers must equal."""

from collections.abc import Callable
from typing import Any

from benchmarks import queries
from benchmarks.events import STEPS

Answer = dict[str, Any]


def _duckdb(sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def ab_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.AB_COLUMNS))[0][0]}


def ab_sql(path: str) -> Answer:
    return _by_hand(f"({queries.units(path)})")


def _moments(source: str) -> list[Answer]:
    columns = ("variant", "n", "converted", "y", "yy", "x", "xx", "xy", "num", "nn", "den", "dd", "nd")
    return [dict(zip(columns, row, strict=True)) for row in _duckdb(queries.moments(source))]


def _by_hand(source: str) -> Answer:
    return _told(_moments(source))


def _told(rows: list[Answer]) -> Answer:
    conversion = {f"{row['variant']} conversion": f"{row['converted'] / row['n']:.9g}" for row in rows}
    return conversion | {f"{row['variant']} carts": f"{row['num'] / row['den']:.9g}" for row in rows}


def ab_cxlab(path: str) -> Answer:
    return _compared(queries.units(path))


def _compared(source: str) -> Answer:
    import cxlab as cx

    metrics = [
        "proportion('converted')",
        "mean('revenue', covariate='revenue_before')",
        "ratio('carts', 'visits')",
    ]
    users = cx.table(source, unit="user_id")
    table = cx.ab_test(users, metrics=metrics, variant="variant", control="control").table
    named = {"conversion": table.iloc[0], "carts": table.iloc[2]}
    control = {f"control {name}": f"{row['control_estimate']:.9g}" for name, row in named.items()}
    revenue = table.iloc[1]
    control |= {"revenue adjusted": f"{revenue['effect']:.5g}", "revenue se": f"{revenue['se']:.5g}"}
    return control | {f"treatment {name}": f"{row['estimate']:.9g}" for name, row in named.items()}


def users_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.USER_COLUMNS))[0][0]}


def users_sql(path: str) -> Answer:
    return _by_hand(f"read_parquet('{path}')")


def users_moments_sql(path: str) -> Answer:
    """The same numbers from moments by hand, without a look at the ids: HC2 to first order from products."""
    import numpy as np

    columns = ("variant", "n", "converted", "num", "nn", "den", "dd", "nd", "products")
    rows = [dict(zip(columns, row, strict=True)) for row in _duckdb(queries.fourth_moments(f"read_parquet('{path}')"))]
    sums = {row["variant"]: np.zeros((5, 5)) for row in rows}
    for row in rows:
        sums[row["variant"]][np.triu_indices(5)] = row["products"]
    at = sum(one[0, 1] for one in sums.values()) / sum(one[0, 0] for one in sums.values())
    read, variance = {}, 0.0
    for variant, one in sums.items():
        whole = one + np.triu(one, 1).T
        n, x, y = whole[0, 0], whole[0, 1] / whole[0, 0], whole[0, 3] / whole[0, 0]
        spread = whole[1, 1] - n * x * x
        slope = (whole[1, 3] - n * x * y) / spread
        start = y - slope * x
        rest, far = np.array([-start, -slope, 0, 1, 0]), np.array([start * x, slope * x - start, -slope, -x, 1])
        weighted = rest / n + (at - x) / spread * far
        variance += weighted @ whole @ weighted * (1 + 1 / n) + far @ whole @ far / spread / n**2
        read[variant] = start + slope * at
    effect = read["treatment"] - read["control"]
    return _told(rows) | {"revenue adjusted": f"{effect:.5g}", "revenue se": f"{variance**0.5:.5g}"}


def users_table_sql(path: str) -> Answer:
    """The same numbers by hand: no user twice, sums, a line for each variant, its HC2 variance."""
    repeated = _duckdb(queries.repeated(path))[0][0]
    rows = _moments(f"read_parquet('{path}')")
    at = sum(row["x"] for row in rows) / sum(row["n"] for row in rows)
    lines, read = {}, {}
    for row in rows:
        n, y, x = row["n"], row["y"] / row["n"], row["x"] / row["n"]
        spread = row["xx"] - n * x * x
        slope = (row["xy"] - n * x * y) / spread
        lines[row["variant"]] = (n, y, x, slope, spread, (at - x) / spread)
        read[row["variant"]] = y + slope * (at - x)
    variance = sum(part for _, part in _duckdb(queries.hc2(path, lines)))
    effect = read["treatment"] - read["control"]
    return _told(rows) | {"revenue adjusted": f"{effect:.5g}", "revenue se": f"{variance**0.5:.5g}", "twice": repeated}


def users_cxlab(path: str) -> Answer:
    return _compared(path)


def retention_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.RETENTION_COLUMNS))[0][0]}


def retention_sql(path: str) -> Answer:
    rows = _duckdb(queries.retention(path))
    return {f"{cohort:%Y-%m-%d} +{age}": returned for cohort, age, returned in rows if age > 0}


def retention_cxlab(path: str) -> Answer:
    import cxlab as cx

    events = cx.table(path, unit="user_id", time="ts")
    table = cx.cohort_retention(events, unit="unit", time="time", period="week").table
    seen = table[(table["age"] > 0) & (table["so_far"].fillna(0) > 0)]
    rows = zip(seen["cohort"], seen["age"], seen["so_far"], strict=True)
    return {f"{str(cohort)[:10]} +{age}": int(returned) for cohort, age, returned in rows}


def funnel_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.EVENT_COLUMNS))[0][0]}


def funnel_cxlab(path: str) -> Answer:
    return _funnel(path, "7D")


def _funnel(path: str, within: str | None) -> Answer:
    import cxlab as cx

    events = cx.table(path, unit="user_id", time="ts", event="event")
    table = cx.journey_funnel(events, steps=STEPS, within=within, unit="unit", time="time", event="event").table
    return {str(step): int(n) for step, n in zip(table["step"], table["n"], strict=True)}


def funnel_sql(path: str) -> Answer:
    return {str(step): n for step, n in _duckdb(queries.funnel(path, STEPS))}


def unlimited_scan(path: str) -> Answer:
    return funnel_scan(path)


def unlimited_cxlab(path: str) -> Answer:
    return _funnel(path, None)


def moves_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.EVENT_COLUMNS))[0][0]}


def moves_sql(path: str) -> Answer:
    return {f"{source} > {target}": n for source, target, n in _duckdb(queries.moves(path))}


def moves_table_sql(path: str) -> Answer:
    return {f"{source} > {target}": n for source, target, n, *_ in _duckdb(queries.move_table(path))}


def moves_cxlab(path: str) -> Answer:
    import cxlab as cx

    events = cx.table(path, unit="user_id", time="ts", event="event")
    # Seen for long after the last event, so that what comes last is the end, as it is for lead() and retentioneering.
    table = cx.journey_paths(events, top=12, positions=2, observe_until="2027-06-30").table
    rows = zip(table["source"], table["target"], table["moves"], strict=True)
    return {f"{source} > {target}": int(n) for source, target, n in rows}


def value_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.VALUE_COLUMNS))[0][0]}


def value_cxlab(path: str) -> Answer:
    import duckdb

    from cxlab.stats.purchase_models import fit_purchases
    from cxlab.stats.purchase_rows import purchase_rows

    with duckdb.connect() as connection:
        seen = connection.execute(f"SELECT {', '.join(queries.VALUE_COLUMNS)} FROM read_parquet('{path}')").fetchnumpy()
    model = fit_purchases("bg/nbd", purchase_rows(*(seen[name] for name in queries.VALUE_COLUMNS))).model
    return {name: f"{getattr(model, name):.2g}" for name in model.parameters}


def revenue_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.REVENUE_COLUMNS))[0][0]}


def revenue_sql(path: str) -> Answer:
    n, start, gross, net = _duckdb(queries.revenue(path))[0]
    return {"n": n, "start": f"{start:.2f}", "gross": f"{gross:.9g}", "net": f"{net:.9g}"}


def revenue_cxlab(path: str) -> Answer:
    import cxlab as cx

    row = cx.revenue_retention(
        path, unit="account_id", time="paid_on", amount="amount", observe_until="2026-06-30"
    ).table.iloc[0]  # fmt: skip
    return {
        "n": int(row["n"]),
        "start": f"{row['start']:.2f}",
        "gross": f"{row['grr']:.9g}",
        "net": f"{row['nrr']:.9g}",
    }


CASES: dict[str, Callable[[str], Answer]] = {
    "ab scan": ab_scan,
    "ab sql": ab_sql,
    "ab cxlab": ab_cxlab,
    "users scan": users_scan,
    "users sql": users_sql,
    "users moments sql": users_moments_sql,
    "users table sql": users_table_sql,
    "users cxlab": users_cxlab,
    "retention scan": retention_scan,
    "retention sql": retention_sql,
    "retention cxlab": retention_cxlab,
    "funnel scan": funnel_scan,
    "funnel sql": funnel_sql,
    "funnel cxlab": funnel_cxlab,
    "unlimited scan": unlimited_scan,
    "unlimited cxlab": unlimited_cxlab,
    "moves scan": moves_scan,
    "moves sql": moves_sql,
    "moves table sql": moves_table_sql,
    "moves cxlab": moves_cxlab,
    "value scan": value_scan,
    "value cxlab": value_cxlab,
    "revenue scan": revenue_scan,
    "revenue sql": revenue_sql,
    "revenue cxlab": revenue_cxlab,
}
