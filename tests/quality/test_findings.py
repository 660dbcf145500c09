"""Each fault by itself: found where it is, with rows, an example and words that help; what is no fault is not said."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxlab.data import table
from cxlab.quality import check_data
from tests.quality.conftest import found

Change = Callable[[pd.DataFrame], Any]


@pytest.mark.parametrize("name", ["events", "tickets", "answers", "assignments", "purchases"])
def test_nothing_is_said_of_clean_tables(name: str, request: pytest.FixtureRequest) -> None:
    kind = {"answers": "survey_responses", "purchases": "transactions"}.get(name, name)
    result = check_data(request.getfixturevalue(name), as_=kind)
    assert found(result) == {}
    assert result.headline.startswith("Nothing was found")
    assert all(check.passed for check in result.checks)


def slow(tickets: pd.DataFrame) -> pd.DataFrame:
    """Ten times as long: 12 are open at any moment."""
    ends = {name: tickets.created_at + 10 * (tickets[name] - tickets.created_at) for name in ("solved_at", "closed_at")}
    return tickets.assign(**ends)


def put(column: str, rows: list[int] | slice, value: Any) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        spoilt = frame.copy()
        if not isinstance(value, (int, float)) or not pd.api.types.is_numeric_dtype(spoilt[column]):
            spoilt[column] = spoilt[column].astype(object)
        spoilt.loc[spoilt.index[rows], column] = value
        return spoilt

    return change


def text(column: str, form: str) -> Change:
    return lambda frame: frame.assign(**{column: frame[column].dt.strftime(form)})


def opened(frame: pd.DataFrame) -> pd.DataFrame:
    """Every customer's first event is the sign-up."""
    first = ~frame.user_id.duplicated()
    return frame.assign(event=frame.event.mask(first, "signed_up"))


def early(frame: pd.DataFrame) -> pd.DataFrame:
    """One customer's second event was logged before the first."""
    return put("time", [51], frame.time[50] - pd.Timedelta("1h"))(opened(frame))


def unopened(frame: pd.DataFrame) -> pd.DataFrame:
    """2 events of each of 150 customers; the sign-ups of the first 20 were before the log."""
    whole = opened(frame.assign(user_id=frame.index // 2))
    return whole.drop(index=range(0, 40, 2))


def offsets(first: str, then: str) -> Change:
    return lambda f: f.assign(time=f.time.dt.strftime("%Y-%m-%dT%H:%M:%S") + np.where(f.index < 250, first, then))


EVENTS: list[tuple[str, Change, tuple[str, int]]] = [
    ("missing_column", lambda f: f.drop(columns="event"), ("event", 300)),
    ("missing_values", put("user_id", [3, 4], None), ("user_id", 2)),
    ("missing_words", put("event", [7], "N/A"), ("event", 1)),
    ("missing_ids", lambda f: put("user_id", [7], "NA")(f.astype({"user_id": str})), ("user_id", 1)),
    ("rounded_ids", lambda f: f.assign(user_id=[f"{1.2345 + i / 1e4:.4f}E+11" for i in f.user_id]), ("user_id", 300)),
    ("rounded_ids", lambda f: f.assign(user_id=(f.user_id + 9007199254740992 * 2) // 4 * 4), ("user_id", 300)),
    ("decimal_ids", lambda f: f.assign(user_id=f.user_id.astype(str) + ".0"), ("user_id", 300)),
    ("spaced_ids", lambda f: put("user_id", [1], " 1001")(f.astype({"user_id": str})), ("user_id", 1)),
    ("duplicate_ids", lambda f: pd.concat([f, f.iloc[:5]]), ("event_id", 5)),
    ("repeated_under_new_ids", lambda f: pd.concat([f, f.iloc[:5].assign(event_id=range(901, 906))]),
     ("all columns but the id", 5)),
    ("repeated_rows", lambda f: pd.concat([f, f.iloc[:5]]).drop(columns="event_id"), ("all columns", 5)),
    ("tied_times", lambda f: f.assign(time=f.time.where(f.index % 2 == 0, f.time.shift()), user_id=f.user_id // 2),
     ("time", 150)),
    ("day_first_dates", text("time", "%d/%m/%Y"), ("time", 300)),
    ("month_first_dates", text("time", "%m/%d/%Y %H:%M:%S"), ("time", 300)),
    ("unclear_dates", lambda f: text("time", "%m.%d.%Y %H:%M")(f[f.time.dt.day <= 12]), ("time", 120)),
    ("mixed_date_forms", lambda f: f.assign(time=np.where(f.index % 2, f.time.dt.strftime("%d/%m/%Y %H:%M"),
                                                          f.time.dt.strftime("%m/%d/%Y %H:%M"))), ("time", 300)),
    ("number_dates", text("time", "%Y%m%d"), ("time", 300)),
    ("number_dates", lambda f: f.assign(time=f.time.astype("datetime64[s]").astype("int64")), ("time", 300)),
    ("unreadable_times", lambda f: put("time", [9], "last Tuesday")(text("time", "%Y-%m-%dT%H:%M:%SZ")(f)),
     ("time", 1)),
    ("naive_times", text("time", "%Y-%m-%d %H:%M:%S"), ("time", 300)),
    ("several_offsets", offsets("+01:00", "+02:00"), ("time", 300)),
    ("mixed_offsets", offsets("+01:00", ""), ("time", 50)),
    ("future_times", put("time", [2], pd.Timestamp("2190-01-01")), ("time", 1)),
    ("placeholder_dates", put("time", [2, 3], pd.Timestamp("1970-01-01")), ("time", 2)),
    ("stray_times", put("time", [2], pd.Timestamp("2026-06-01")), ("time", 1)),
    ("partial_last_period", lambda f: f.iloc[:250], ("time", 53)),
    ("day_precision", lambda f: f.assign(time=f.time.dt.normalize()), ("time", 300)),
    ("misspelt_values", put("event", [5], "bakset"), ("event", 1)),
    ("spellings", put("event", [5, 6, 7], "Visit "), ("event", 3)),
    ("too_many_values", lambda f: f.assign(event="page " + f.event_id.astype(str)), ("event", 300)),
    ("broken_letters", lambda f: f.assign(note=["MÃ¼ller"] * 4 + ["fine"] * 296), ("note", 4)),
    ("html_entities", lambda f: f.assign(note=["a &amp; b"] * 4 + ["fine & well"] * 296), ("note", 4)),
    ("constant_columns", lambda f: f.assign(app="one"), ("app", 300)),
    ("empty_columns", lambda f: f.assign(app=pd.Series([None] * 300, dtype="str")), ("app", 300)),
    ("column_names", lambda f: f.rename(columns={"event_id": "\ufeffevent_id"}), ("'\\ufeffevent_id'", 300)),
    ("mixed_types", lambda f: put("value", [0, 1], "lots")(f.assign(value=f.event_id.astype(str))), ("value", 2)),
    ("mixed_types", lambda f: put("value", [0, 1], "1_000")(f.assign(value=f.event_id.astype(str))), ("value", 2)),
    ("line_breaks", lambda f: f.assign(note=["two\nlines"] * 4 + ["one line"] * 296), ("note", 4)),
    ("events_before_start", early, ("time", 1)),
    ("late_log_start", unopened, ("time", 20)),
    ("decimal_commas", lambda f: put("value", [0, 1], "1,50")(f.assign(value=f.event_id.astype(str))), ("value", 2)),
    ("deciding_value", put("value", [0], 1e6), ("value", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "where"), EVENTS, ids=[f"{i} {case[0]}" for i, case in enumerate(EVENTS)])
def test_a_fault_of_events_is_found(events: pd.DataFrame, name: str, change: Change, where: tuple[str, int]) -> None:
    base = events.assign(value=np.arange(300.0)) if name == "deciding_value" else events
    seen = found(check_data(change(base), as_="events"))
    assert seen[name] == where
    follows = {"day_precision", "naive_times", "tied_times", "repeated_under_new_ids"}  # of days, or of text times
    assert set(seen) - {name} <= follows


def test_codes_for_missing_name_what_they_do_to_the_mean(answers: pd.DataFrame) -> None:
    result = check_data(put("score", [1, 2, 3, 4], 99)(answers), as_="survey_responses")
    assert found(result) == {"sentinel_values": ("score", 4)}
    row = result.table.iloc[0]
    clean = answers.drop(index=[1, 2, 3, 4]).score.mean()
    assert row["severity"] == "failure"
    assert f"instead of {clean:.2f}" in row["effect"]
    assert 'missing=["99"]' in row["advice"]


def test_scales_are_told_apart_by_instrument() -> None:
    frame = pd.DataFrame(
        {"instrument": ["nps", "csat", "CES 2"] * 40, "score": [10, 5, 7] * 40, "response_id": range(120)}
    )
    assert found(check_data(frame, as_="survey_responses")) == {}
    frame.loc[2, "score"] = 9
    assert found(check_data(frame, as_="survey_responses")) == {"out_of_scale": ("score", 1)}


def test_answers_off_the_scale_and_between_marks_are_found(answers: pd.DataFrame) -> None:
    spoilt = answers.astype({"score": float})
    spoilt.loc[[1, 2], "score"] = [11, 7.5]
    assert found(check_data(spoilt, as_="survey_responses")) == {"out_of_scale": ("score", 2)}


def test_a_code_far_from_all_other_numbers_is_found(purchases: pd.DataFrame) -> None:
    spoilt = purchases.assign(items=np.arange(500) % 6 + 1)
    spoilt.loc[:2, "items"] = -99
    assert found(check_data(spoilt, as_="transactions")) == {"sentinel_values": ("items", 3)}


def test_prices_that_end_in_99_are_no_codes(purchases: pd.DataFrame) -> None:
    spoilt = purchases.assign(
        price=np.where(np.arange(500) % 3, 99.0, 49.0), list=np.where(np.arange(500) % 3, 999.0, 499.0)
    )
    assert found(check_data(spoilt, as_="transactions")) == {}


@pytest.mark.parametrize(
    ("name", "change", "where"),
    [
        ("negative_durations",
         lambda f: f.assign(solved_at=f.solved_at.where(f.index > 0, f.created_at - pd.Timedelta("1D"))),
         ("solved_at", 1)),
        ("administrative_close", lambda f: f.assign(closed_at=f.solved_at + pd.Timedelta("5D")), ("closed_at", 176)),
        ("closed_without_time", put("status", [0], "solved"), ("solved_at", 1)),
        ("only_finished", lambda f: slow(f[f.status == "solved"]).drop(columns="status"), ("solved_at", 176)),
        ("missing_values", put("channel", [0, 1], None), ("channel", 2)),
        ("duplicate_ids", put("ticket_id", [0, 1], 7), ("ticket_id", 2)),
    ],
)  # fmt: skip
def test_a_fault_of_tickets_is_found(tickets: pd.DataFrame, name: str, change: Change, where: tuple[str, int]) -> None:
    frame = tickets
    if name == "closed_without_time":
        frame = frame.assign(solved_at=frame.solved_at.where(frame.index > 0))
        frame = frame.assign(closed_at=frame.closed_at.where(frame.index > 0))
    solved = int(tickets.solved_at.notna().sum())
    column, rows = where
    seen = found(check_data(change(frame), as_="tickets"))
    assert seen[name] == (column, solved if rows == 176 else rows)
    assert set(seen) == {name}


@pytest.mark.parametrize(
    ("name", "change", "where"),
    [
        ("unit_in_two_variants", lambda f: pd.concat([f, f.iloc[:3].assign(variant="other")]), ("user_id", 6)),
        ("unit_twice", lambda f: pd.concat([f, f.iloc[:3]]), ("user_id", 3)),
        ("one_variant", lambda f: f.assign(variant="new"), ("variant", 1000)),
        ("no_unit", lambda f: f.drop(columns="user_id"), ("unit", 1000)),
        ("missing_by_variant", lambda f: f.assign(revenue=f.revenue.where((f.variant == "new") | (f.index % 10 > 0))),
         None),
        ("mixed_flags", lambda f: f.assign(member=["yes", "no", "1", "0"] * 250), ("member", 500)),
        ("deciding_value", put("revenue", [0], 1e6), ("revenue", 1)),
        ("too_many_values", lambda f: f.assign(variant="v" + (f.index % 40).astype(str)), ("variant", 1000)),
    ],
)  # fmt: skip
def test_a_fault_of_assignments_is_found(assignments: pd.DataFrame, name: str, change: Change, where: Any) -> None:
    seen = found(check_data(change(assignments), as_="assignments"))
    assert set(seen) == {name}
    assert where is None or seen[name] == where


def test_a_customer_may_be_in_several_experiments(assignments: pd.DataFrame) -> None:
    both = pd.concat(
        [
            assignments.assign(experiment="a"),
            assignments.assign(experiment="b", variant=assignments.variant[::-1].to_numpy()),
        ]
    )
    assert found(check_data(both, as_="assignments")) == {}


@pytest.mark.parametrize(
    ("name", "change", "where"),
    [
        ("negative_amounts", put("amount", [0, 1], -5.0), ("amount", 2)),
        ("zero_amounts", put("amount", [0, 1, 2], 0.0), ("amount", 3)),
        ("mixed_currencies", lambda f: f.assign(currency=["EUR"] * 490 + ["USD"] * 10), ("currency", 10)),
        ("last_cohort", lambda f: f.assign(customer_id=f.index % 60), ("time", 60)),
    ],
)  # fmt: skip
def test_a_fault_of_transactions_is_found(purchases: pd.DataFrame, name: str, change: Change, where: Any) -> None:
    seen = found(check_data(change(purchases), as_="transactions"))
    assert set(seen) == {name}
    assert where is None or seen[name] == where


def test_subscriptions_overlap_only_within_a_plan() -> None:
    frame = pd.DataFrame({"customer_id": [1, 1, 2, 2], "plan": ["a", "b", "a", "a"],
                          "started_at": pd.to_datetime(["2026-01-01", "2026-01-05", "2026-01-01", "2026-02-01"]),
                          "ended_at": pd.to_datetime([None, None, "2026-03-01", None])})  # fmt: skip
    assert found(check_data(frame, as_="subscriptions")) == {"overlapping": ("started_at", 1)}


def test_what_was_declared_is_no_finding(answers: pd.DataFrame, events: pd.DataFrame) -> None:
    coded = put("score", [1, 2], "?")(answers.astype({"score": str}))
    assert found(check_data(table(coded, missing=["?"]), as_="survey_responses")) == {"missing_values": ("score", 2)}
    dated = events.assign(time=events.time.dt.strftime("%d-%m-%Y %H:%M:%S"))
    assert found(check_data(table(dated, time_format="%d-%m-%Y %H:%M:%S", tz="Europe/Berlin"), as_="events")) == {}
    priced = events.assign(value=events.event_id.astype(str) + ",5")
    assert found(check_data(table(priced, decimal=","), as_="events")) == {}


@pytest.mark.parametrize(
    "values",
    [
        ["SÃO PAULO", "AÇÃO"],
        ["voilà !", "l’été…”"],
        ["R&D", "Q&A; more"],
        ["región", "café"],
        ["東京", "北京"],
        ["привет", "мир"],
    ],
)
def test_letters_of_other_languages_are_not_broken(events: pd.DataFrame, values: list[str]) -> None:
    assert found(check_data(events.assign(note=(values * 150)), as_="events")) == {}


@pytest.mark.parametrize(
    "values",
    [["Region one", "Region two"], ["mobile", "mobil"], ["v1", "v2"], ["CODE OK", "CODE NOK"], ["cart", "card"]],
)
def test_values_that_are_alike_by_nature_are_no_slips(events: pd.DataFrame, values: list[str]) -> None:
    named = np.where(events.index < 3, values[1], values[0])
    assert found(check_data(events.assign(channel=named), as_="events")) == {}


def test_namibia_is_a_country(assignments: pd.DataFrame) -> None:
    frame = pd.DataFrame({"customer_id": range(200), "country": ["NA", "DE", "FR", "ES"] * 50})
    assert found(check_data(frame, as_="customers")) == {}


def test_a_skewed_amount_is_no_outlier(purchases: pd.DataFrame) -> None:
    rng = np.random.default_rng(11)
    heavy = purchases.assign(amount=rng.lognormal(3, 1, 500))
    assert found(check_data(heavy, as_="transactions")) == {}


def test_a_first_order_beside_its_purchase_is_no_tie(events: pd.DataFrame) -> None:
    marks = events.groupby("user_id", as_index=False).first().assign(event="first visit", event_id=range(1001, 1061))
    assert found(check_data(pd.concat([events, marks]), as_="events")) == {}
