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


def _by_hand(source: str) -> Answer:
    columns = ("variant", "n", "converted", "y", "yy", "x", "xx", "xy", "num", "nn", "den", "dd", "nd")
    rows = [dict(zip(columns, row, strict=True)) for row in _duckdb(queries.moments(source))]
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
    return control | {f"treatment {name}": f"{row['estimate']:.9g}" for name, row in named.items()}


def users_scan(path: str) -> Answer:
    return {"scan": _duckdb(queries.scan(path, queries.USER_COLUMNS))[0][0]}


def users_sql(path: str) -> Answer:
    return _by_hand(f"read_parquet('{path}')")


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
    import cxlab as cx

    events = cx.table(path, unit="user_id", time="ts", event="event")
    table = cx.journey_funnel(events, steps=STEPS, within="7D", unit="unit", time="time", event="event").table
    return {str(step): int(n) for step, n in zip(table["step"], table["n"], strict=True)}


CASES: dict[str, Callable[[str], Answer]] = {
    "ab scan": ab_scan,
    "ab sql": ab_sql,
    "ab cxlab": ab_cxlab,
    "users scan": users_scan,
    "users sql": users_sql,
    "users cxlab": users_cxlab,
    "retention scan": retention_scan,
    "retention sql": retention_sql,
    "retention cxlab": retention_cxlab,
    "funnel scan": funnel_scan,
    "funnel cxlab": funnel_cxlab,
}
