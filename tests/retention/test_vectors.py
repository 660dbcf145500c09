"""Published matrices, cell for cell."""

import numpy as np
import pandas as pd
import pytest

import cxlab.data as cx
from cxlab.retention import cohort_retention


def events(text: str, month: str) -> list[tuple[str, str]]:
    """ "1 10 11, 2 11" becomes person1 on the 10th and 11th, person2 on the 11th, each at 05:00 UTC."""
    return [
        (f"person{who}", f"{month}-{int(day):02d}T05:00:00Z")
        for who, *days in (part.split() for part in text.split(","))
        for day in days
    ]


def months(text: str) -> list[tuple[str, str]]:
    return [(f"person{w}", f"2020-{int(m):02d}-10T05:00:00Z") for w, *ms in map(str.split, text.split(",")) for m in ms]


def hours(text: str) -> list[tuple[str, str]]:
    return [(f"person{w}", f"2020-06-10T{int(h):02d}:00:00Z") for w, *hs in map(str.split, text.split(",")) for h in hs]


LADDER = [
    [2, 2, 2, 0, 1, 2, 1, 0, 1, 0, 1], [2, 2, 0, 1, 2, 1, 0, 1, 0, 1], [2, 0, 1, 2, 1, 0, 1, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 1, 0, 0], [2, 1, 0, 1, 0, 1], [1, 0, 0, 0, 1], [0, 0, 0, 0], [1, 0, 0],
    [0, 0], [1],
]  # fmt: skip
DAILY = [
    [1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0], [2, 2, 1, 0, 1, 2, 0, 0, 0, 0], [2, 1, 0, 1, 2, 0, 0, 0, 0],
    [1, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], [2, 0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0],
    [0, 0], [0],
]  # fmt: skip
WEEKLY = [[2, 2, 1, 2, 2, 0, 1], [2, 1, 2, 2, 0, 1], [1, 1, 1, 0, 0], [2, 2, 0, 1], [2, 0, 1], [0, 0], [1]]
ROLLING = [[2, 1, 1, 0, 0], [1, 1, 0, 0], [3, 2, 0], [3, 0], [0]]
SIGNUP = [[2, 1, 2, 2, 1, 0, 1], [1, 1, 0, 1, 1, 1], [0, 0, 0, 0, 0], [1, 1, 0, 1], [0, 0, 0], [0, 0], [0]]
WEEK_EVENTS = events("1 10 11 17 24, 2 10 11 17", "2020-06") + events("1 4 11, 2 4 11 25", "2020-07")
FIRST = [(f"person{who}" if who != "x" else "x", f"2020-06-{day:02d}T05:00:00Z") for who, day in [
    ("x", 5), ("x", 9), (1, 9), (1, 11), (1, 12), (1, 13), (1, 14), (2, 9), (3, 10), (4, 12)]]  # fmt: skip
VIEWS = events("1 10 11 12 15 16, 2 11 12 13 16, 3 11 13 14 15, 4 13 15", "2020-06") + [
    ("person1", "2020-06-15T09:00:00Z")
]


def matrix(log: pd.DataFrame, *, start: str, periods: int, **choices: object) -> list[list[int]]:
    """PostHog's form: size first, then the returns of each later period inside the window; nobody is 0."""
    result = cohort_retention(log, cohorts_from=start, horizon=periods - 1, **choices)
    table = result.table.set_index(["cohort", "age"])
    keys = [key for key in dict.fromkeys(result.table["cohort"]) if (key, 0) in table.index]
    rows = [
        [int(table.at[(key, 0), "size"]), *(int(table.at[(key, k), "so_far"]) for k in range(1, periods - row))]
        for row, key in enumerate(keys)
    ]
    return rows + [[0] * (periods - row) for row in range(len(keys), periods)]


@pytest.mark.parametrize(
    ("log", "expected", "choices"),
    [
        (events("1 10 11 12 15 16, 2 11 12 13 16", "2020-06") + [("person1", "2020-06-15T09:00:00Z")], DAILY,
         {"period": "day", "start": "2020-06-10", "periods": 11, "observe_until": "2020-06-20"}),
        (months("1 1 2 3 5 6 9, 2 1 2 3 6 7 11"), LADDER,
         {"period": "month", "start": "2020-01-01", "periods": 11, "observe_until": "2020-11-30"}),
        (WEEK_EVENTS, WEEKLY, {"period": "week", "week_start": "sunday", "start": "2020-06-07", "periods": 7,
                               "observe_until": "2020-07-25"}),
        (hours("1 6 7 8 10 11 14, 2 6 7 8 11 12 16"), LADDER,
         {"period": "hour", "start": "2020-06-10T06:00Z", "periods": 11, "observe_until": "2020-06-10T17:00Z"}),
        (events("1 10 13 14, 2 10 11, 3 11 12 13, 4 13 14, 5 14", "2020-06"), ROLLING,
         {"period": "day", "measure": "on_or_after", "start": "2020-06-11", "periods": 5,
          "observe_until": "2020-06-15"}),
    ],
    ids=["day", "month", "week from Sunday", "hour", "on or after"],
)  # fmt: skip
def test_posthog_recurring_matrices(log, expected, choices):
    """PostHog commit 02ace87d, test_retention_query_runner.py; vectors posthog_*; column 0 is the cohort's size."""
    table = pd.DataFrame(log, columns=["unit", "time"])
    assert matrix(table, anchor="recurring", **choices) == expected
    assert as_tool(table, like="posthog", anchor="recurring", **choices) == expected


def as_tool(log: pd.DataFrame, *, start: str, periods: int, **choices: object) -> list[list[int]]:
    """The preset's own matrix; cohorts of nobody at the end are no rows of it."""
    rows = cohort_retention(log, cohorts_from=start, **choices).tables["matrix"]
    found = [part["returned"].tolist() for _, part in rows.groupby("cohort", sort=True)]
    return found + [[0] * (periods - row) for row in range(len(found), periods)]


def test_posthog_first_time_signup_to_pageview():
    """PostHog commit 02ace87d, test_first_time_retention: who started before the window is left out."""
    log = pd.concat([
        pd.DataFrame(FIRST, columns=["unit", "time"]).assign(event="signup"),
        pd.DataFrame(VIEWS, columns=["unit", "time"]).assign(event="view"),
    ])  # fmt: skip
    found = matrix(log, start="2020-06-09", periods=7, start_event="signup", return_event="view", period="day",
                   observe_until="2020-06-15")  # fmt: skip
    assert found == SIGNUP
    assert as_tool(log, start="2020-06-09", periods=7, start_event="signup", return_event="view",
                             period="day", observe_until="2020-06-15", like="posthog") == SIGNUP  # fmt: skip


def test_posthog_24_hour_windows():
    """PostHog, test_retention_data_warehouse_24h_window.py; vector posthog_24h_windows."""
    starts = [(1, "01T09"), (2, "01T10"), (3, "02T09"), (4, "02T10")]
    returns = [(1, "02T12"), (2, "03T12"), (3, "03T13")]
    log = pd.DataFrame(
        [(f"user-{u}", f"2025-01-{t}:00:00Z", "start") for u, t in starts]
        + [(f"user-{u}", f"2025-01-{t}:00:00Z", "back") for u, t in returns],
        columns=["unit", "time", "event"],
    )
    for clock in ("hour_floored", "elapsed"):
        like = "posthog" if clock == "hour_floored" else None
        result = cohort_retention(log, start_event="start", return_event="back", period="day", clock=clock, like=like,
                                  observe_until="2025-01-04T23:00")  # fmt: skip
        counts = [[int(part["size"].iloc[0]), *part["so_far"].dropna().astype(int)[1:]]
                  for _, part in result.table.groupby("cohort")]  # fmt: skip
        assert [row[:4] for row in counts] == [[2, 1, 1, 0], [2, 1, 0]]
        if like:
            assert result.tables["matrix"]["returned"].tolist() == [2, 1, 1, 0, 2, 1, 0]


def test_mixpanel_keeps_the_size_beside_who_came_back_in_the_first_interval():
    """Mixpanel's documentation, retention query: first 10, counts 9, 7, 6; vector mixpanel_first_versus_counts."""
    moments = [pd.Timestamp("2012-01-02 09:00") + pd.Timedelta(hours=h) for h in (0, 1, 30, 60)]
    log = pd.DataFrame(
        [(f"u{i}", moments[k], "event integration" if k == 0 else "viewed report")
         for i in range(10) for k, n in enumerate((10, 9, 7, 6)) if i < n],
        columns=["unit", "time", "event"],
    )  # fmt: skip
    for measure in (None, "on"):
        result = cohort_retention(log, like="mixpanel", start_event="event integration", return_event="viewed report",
                                  period="day", measure=measure, observe_until="2012-01-05T09:00")  # fmt: skip
        matrix = result.tables["matrix"]
        assert matrix["size"].unique().tolist() == [10]
        assert matrix["returned"].tolist()[:3] == [9, 7, 6]
        assert matrix["share"].tolist()[:3] == [0.9, 0.7, 0.6]


def test_amplitude_rounds_down_to_the_hour_and_starts_a_window_each_time():
    """Amplitude's documentation, "How time works in a retention analysis", 5:59 pm and 5 pm the next day."""
    log = pd.DataFrame([("a", "2025-12-01 17:59"), ("a", "2025-12-02 17:00")], columns=["unit", "time"])
    table = cohort_retention(log, like="amplitude", period="day", observe_until="2025-12-04").table
    assert table.loc[table["so_far"] > 0, ["cohort", "age"]].to_numpy().tolist() == [["2025-12-01", 1]]
    assert table.drop_duplicates("cohort")["size"].tolist() == [1, 1]


def test_amplitude_counts_weeks_in_days():
    """The same page: a week is seven days, counted by the day and not by the hour."""
    log = pd.DataFrame([("a", "2025-12-01 17:59"), ("a", "2025-12-08 09:00")], columns=["unit", "time"])
    table = cohort_retention(log, like="amplitude", period="week", observe_until="2025-12-31").table
    assert table.loc[table["so_far"] > 0, ["cohort", "age"]].to_numpy().tolist() == [["2025-12-01", 1]]


def test_cells_carry_wilson_intervals():
    """R 4.2.2 prop.test(correct=FALSE), vector wilson_intervals: 3 of 12 and 0 of 20."""
    log = [(f"a{i}", "2026-01-05") for i in range(12)] + [(f"a{i}", "2026-01-06") for i in range(3)]
    log += [(f"b{i}", "2026-01-06") for i in range(20)]
    result = cohort_retention(pd.DataFrame(log, columns=["unit", "time"]), period="day", observe_until="2026-01-08")
    cells = result.table[result.table["age"] == 1].set_index("cohort")
    np.testing.assert_allclose(
        cells.loc["2026-01-05", ["ci_low", "ci_high"]].astype(float), [0.0889416683940547, 0.532305334933566], rtol=1e-9
    )
    assert cells.loc["2026-01-06", "ci_low"] == 0
    assert cells.loc["2026-01-06", "ci_high"] == pytest.approx(0.161125158052819, rel=1e-9)


def scale_events(n: int, users: int) -> pd.DataFrame:
    """The recipe of vector scale_weekly_matrix, draw for draw."""
    g = np.random.default_rng(7)
    signup = g.integers(0, 182, users)
    life = np.minimum(7 * g.geometric(g.beta(0.7, 1.2 * 8, users)), 364)
    span = np.maximum(np.minimum(life, 364 - signup), 1)
    weight = g.gamma(0.6, 1, users) * span
    count = 1 + g.multinomial(n - users, weight / weight.sum())
    u = np.repeat(np.arange(users), count)
    f = g.random(n)
    f[np.concatenate([[0], np.cumsum(count)[:-1]])] = 0
    micros = np.trunc((signup[u] + f * span[u]) * 86400e6).astype("int64")
    return pd.DataFrame({"unit": u, "time": np.datetime64("2024-01-01", "us") + micros.astype("timedelta64[us]")})


def test_weekly_matrix_at_scale():
    """Vector scale_weekly_matrix, small size: counted there by numpy and DuckDB."""
    result = cohort_retention(cx.table(scale_events(200_000, 10_000)), period="week", observe_until="2025-02-28")
    table = result.table[result.table["age"] > 0]
    rows = [g["so_far"].tolist() for _, g in table.groupby("cohort", sort=True)]
    size = result.table.drop_duplicates("cohort")["size"].tolist()
    assert ([size[0], *rows[0][:5]], [size[13], *rows[13][:5]]) == (
        [361, 150, 131, 135, 126, 126], [355, 153, 148, 128, 126, 127],
    )  # fmt: skip
    assert sum(size) + int(table["so_far"].sum()) == 95415
    assert len(size) + int((table["so_far"] > 0).sum()) == 1027
