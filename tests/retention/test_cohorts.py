"""What cohort_retention does with ordinary, awkward and impossible questions."""

import json

import pandas as pd
import pytest

import cxlab.data as cx
from cxlab.errors import DataError, ParameterError
from cxlab.retention import RetentionResult, cohort_retention

FIRST = ["cohort", "age", "n", "returned", "rate", "ci_low", "ci_high", "state"]


def log(*rows, columns=("unit", "time")):
    return pd.DataFrame(rows, columns=list(columns))


def crowd(size, *days, name="u", **more):
    """`size` units, each with an event on every one of the days."""
    return pd.DataFrame([{"unit": f"{name}{i}", "time": day, **more} for i in range(size) for day in days])


@pytest.fixture(scope="module")
def shop(root):
    return cx.table(str(root / "data_samples" / "shop_events.csv.gz"), unit="user_id", time="timestamp", event="event")


@pytest.fixture(scope="module")
def monthly(shop):
    return cohort_retention(shop, period="month")


@pytest.fixture(scope="module")
def channels(shop):
    return cohort_retention(shop, period="month", segment="acquisition_channel")


def test_the_first_table_has_the_contracts_columns(monthly):
    assert list(monthly.table.columns[:8]) == FIRST
    assert isinstance(monthly, RetentionResult)


def test_the_sample_has_its_known_cohorts(monthly):
    """Counted beside with date_trunc and a join."""
    sizes = monthly.table.drop_duplicates("cohort")["size"].tolist()
    assert sizes == [63, 124, 181, 167, 62, 3]
    first = monthly.table[monthly.table["cohort"] == "2024-01-01"]
    assert first["so_far"].tolist()[1:] == [45, 38, 43, 39, 32]
    assert first["state"].tolist() == ["complete"] * 5 + ["partial"]


def test_what_cannot_be_seen_is_missing_and_never_zero(monthly):
    unseen = monthly.table[monthly.table["state"] == "unobservable"]
    assert len(unseen) == 1 + 2 + 3 + 4 + 5
    assert unseen[["returned", "rate", "ci_low", "so_far"]].isna().all().all()
    running = monthly.table[monthly.table["state"] == "partial"]
    assert running["rate"].isna().all()
    assert running["so_far"].notna().all()


def test_the_curve_pools_customers_seen_whole(monthly):
    whole = monthly.table[monthly.table["state"] == "complete"].groupby("age")[["n", "returned"]].sum()
    curve = monthly.tables["curve"].set_index("age")
    pd.testing.assert_frame_equal(whole.astype(int), curve.loc[whole.index, ["n", "returned"]].astype(int))
    assert curve.at[5, "n"] == 0
    assert pd.isna(curve.at[5, "rate"])
    assert curve.at[2, "share_observed"] == pytest.approx(368 / 600)


def test_a_return_is_later_than_the_start():
    """One event is no return to itself; two at the same instant neither; one later the same day is."""
    table = log(("a", "2026-01-05 08:00"), ("b", "2026-01-05 08:00"), ("b", "2026-01-05 08:00"),
                ("c", "2026-01-05 08:00"), ("c", "2026-01-05 08:01"))  # fmt: skip
    cell = cohort_retention(table, period="day", observe_until="2026-01-06").table.iloc[0]
    assert (cell["n"], cell["returned"]) == (3, 1)


def test_a_return_event_before_the_start_does_not_count():
    table = log(("a", "2026-01-05 08:00", "pay"), ("a", "2026-01-05 09:00", "join"), ("a", "2026-01-04", "pay"),
                columns=("unit", "time", "event"))  # fmt: skip
    result = cohort_retention(table, start_event="join", return_event="pay", period="day", observe_until="2026-01-06")
    assert result.table["so_far"].tolist() == [0, 0]


def test_days_follow_the_clock_changes_of_the_zone():
    """23:30 on the short day and 00:30 on the next are 24 h apart in nothing but the calendar."""
    table = log(("a", "2026-03-29T00:30:00+01:00"), ("a", "2026-03-29T23:30:00+02:00"),
                ("b", "2026-10-25T00:30:00+02:00"), ("b", "2026-10-26T00:15:00+01:00"))  # fmt: skip
    result = cohort_retention(cx.table(table, tz="Europe/Berlin"), period="day", observe_until="2026-10-31", horizon=2)
    back = result.table[result.table["returned"] > 0]
    assert back[["cohort", "age"]].to_numpy().tolist() == [["2026-03-29", 0], ["2026-10-25", 1]]


def test_the_zone_decides_the_cohort():
    table = log(("a", "2026-05-31T12:00:00Z"))
    for zone, month in (("UTC", "2026-05-01"), ("Pacific/Kiritimati", "2026-06-01")):
        assert cohort_retention(cx.table(table, tz=zone), period="month").table["cohort"].tolist() == [month]


def test_the_week_start_decides_the_cohort():
    table = log(("a", "2026-03-29"))  # a Sunday
    weeks = [cohort_retention(table, week_start=day).table["cohort"][0] for day in ("monday", "sunday")]
    assert weeks == ["2026-03-23", "2026-03-29"]


def test_a_bare_date_ends_with_its_day():
    table = log(("a", "2026-01-05"), ("a", "2026-01-06 20:00"))
    states = [cohort_retention(table, period="day", observe_until=u).table["state"].tolist()
              for u in ("2026-01-06", "2026-01-06T23:00", "2026-01-05")]  # fmt: skip
    assert states == [["complete", "complete"], ["complete", "partial"], ["complete"]]


def test_periods_in_which_nobody_starts_are_cohorts_of_nobody():
    result = cohort_retention(log(("a", "2026-01-05"), ("b", "2026-03-05")), period="month", observe_until="2026-03-31")
    february = result.table[result.table["cohort"] == "2026-02-01"]
    assert february["size"].tolist() == [0, 0, 0]
    assert february["state"].tolist() == ["complete", "complete", "unobservable"]
    assert february["rate"].isna().all()


def test_cohorts_from_reads_the_history_and_leaves_older_customers_out():
    table = log(("old", "2025-12-01"), ("old", "2026-01-05"), ("new", "2026-01-07"))
    result = cohort_retention(table, period="month", cohorts_from="2026-01-01", observe_until="2026-01-31")
    assert result.table[["cohort", "size"]].to_numpy().tolist() == [["2026-01-01", 1]]
    assert "1 of 2 customers are not in any cohort" in check(result, "not_started").message


def test_cohorts_by_a_property_count_only_who_could_be_seen():
    table = pd.concat([
        crowd(3, "2026-01-10", "2026-02-10", name="a", channel="mail"),
        crowd(2, "2026-02-10", name="b", channel="mail"),
        crowd(4, "2026-01-10", name="c", channel="shop"),
    ])  # fmt: skip
    result = cohort_retention(table, cohort="channel", period="month", observe_until="2026-02-28")
    cells = result.table[result.table["age"] == 1].set_index("cohort")
    assert cells[["size", "n", "returned", "state"]].to_numpy().tolist() == [
        [5, 3, 3, "partial"], [4, 4, 0, "complete"],
    ]  # fmt: skip


def test_a_property_that_changes_is_taken_at_the_start_and_told():
    table = log(("a", "2026-01-05", "web"), ("a", "2026-02-05", "app"), ("b", "2026-01-06", "app"),
                columns=("unit", "time", "platform"))  # fmt: skip
    result = cohort_retention(table, cohort="platform", period="month")
    assert result.table.drop_duplicates("cohort")[["cohort", "size"]].to_numpy().tolist() == [["app", 1], ["web", 1]]
    assert check(result, "segment_varies").message.startswith("1 of 2 customers change in 'platform'")
    assert not check(result, "segment_varies").passed


@pytest.mark.parametrize("role", ["segment", "cohort"])
def test_a_group_called_all_is_refused(role):
    table = log(("a", "2026-01-05", "all"), ("b", "2026-01-06", "app"), columns=("unit", "time", "platform"))
    with pytest.raises(DataError, match="Column 'platform' has a group called 'all'.*Give the group another name"):
        cohort_retention(table, **{role: "platform"}, period="month")


def test_a_missing_property_is_a_group_of_its_own():
    table = log(("a", "2026-01-05", None), ("b", "2026-01-06", "app"), columns=("unit", "time", "platform"))
    result = cohort_retention(table, segment="platform", period="month")
    assert set(result.tables["segments"]["segment"]) == {"all", "(not given)", "app"}
    assert "1 customers have no 'platform'" in check(result, "missing_segment").message


def test_segments_add_up_to_all(channels):
    parts = channels.tables["segments"]
    total = parts[parts["segment"] != "all"].groupby("age")[["n", "returned", "size"]].sum()
    whole = parts[parts["segment"] == "all"].set_index("age")
    assert (total["n"] == whole["n"]).all()
    assert (total["size"] == whole["size"]).all()


def test_an_open_difference_is_called_open(channels):
    assert channels.status == "Undecided"
    assert "is open: −7.1 to +20.4" in channels.headline
    assert channels.pictures[0] == "curves"


def test_a_clear_difference_is_told_with_its_interval():
    table = pd.concat([
        crowd(200, "2026-01-10", "2026-02-10", name="a", plan="team"),
        crowd(200, "2026-01-10", name="b", plan="solo"),
        crowd(30, "2026-01-10", "2026-02-10", name="c", plan="solo"),
    ])  # fmt: skip
    result = cohort_retention(table, segment="plan", period="month", observe_until="2026-02-28")
    assert result.status == "Segments differ"
    assert "team keeps more than solo in month 1: 100% and 13%, +81.6 to +90.7" in result.headline
    assert result.tables["comparison"]["p_adjusted"][0] < 1e-6


def test_newer_cohorts_that_come_back_more_are_up():
    table = pd.concat([
        crowd(100, "2026-01-10", name="a"), crowd(30, "2026-01-11", "2026-02-10", name="b"),
        crowd(100, "2026-02-10", "2026-03-10", name="c"), crowd(60, "2026-02-11", name="d"),
    ])  # fmt: skip
    result = cohort_retention(table, period="month", observe_until="2026-03-31")
    assert result.status == "Up"
    assert "since Feb 2026 come back more often in month 1: 62%, before that 23%" in result.headline


def test_the_headline_speaks_of_people(monthly):
    assert monthly.headline.startswith("73 of 100 customers are active in month 2 (68 to 77).")
    assert [figure.value for figure in monthly.figures] == ["73.1%", "+13.4\u00a0points", "600"]


def test_too_few_customers_give_no_number():
    result = cohort_retention(log(("a", "2026-01-05"), ("a", "2026-02-05")), period="month")
    assert result.headline == "No month after the start has been seen whole for 50 customers yet."
    assert result.status == "Too few"
    assert result.pictures == ("curves",)


def test_an_assumed_end_is_told(monthly, shop):
    assert "It was assumed" in check(monthly, "observe_until").message
    given = cohort_retention(shop, period="month", observe_until="2024-05-31")
    assert "as stated" in check(given, "observe_until").message
    assert "later rows were not used" in check(given, "observe_until").message


def test_an_assumed_horizon_is_told(shop):
    result = cohort_retention(shop, period="month", measure="on_or_after", return_event="purchase")
    assert result.table["age"].max() == 2
    assert "half of what the log spans" in check(result, "horizon").message
    named = cohort_retention(shop, period="month", measure="on_or_after", return_event="purchase", horizon=2)
    assert "horizon" not in {c.name for c in named.checks}
    pd.testing.assert_frame_equal(named.table, result.table)


def test_a_swollen_first_cohort_is_suspicious():
    table = pd.concat([crowd(n, f"2026-0{m}-10", name=f"m{m}_") for m, n in ((1, 200), (2, 60), (3, 60))])
    assert "Old customers probably look new" in check(cohort_retention(table, period="month"), "history_start").message
    later = cohort_retention(table, period="month", cohorts_from="2026-02-01")
    assert check(later, "history_start").passed


def test_small_cohorts_are_counted_and_told(monthly):
    assert check(monthly, "small_groups").message.startswith("1 of 6 cohorts have fewer than 50")


def test_every_definition_is_put_into_words(shop):
    result = cohort_retention(shop, period="week", measure="on_or_after", horizon=4, anchor="recurring",
                              start_event="home", return_event="purchase", segment="platform")  # fmt: skip
    text = " ".join(result.semantics)
    for words in ("every week with a 'home'", "one 'purchase'", "beginning on Monday", "time zone UTC", "up to week 4",
                  "seen for the whole week", "Wilson, 95%", "clustered by customer", "platform", "Holm"):  # fmt: skip
        assert words in text


def test_the_parameters_reproduce_the_result(channels, shop):
    again = cohort_retention(shop, **json.loads(channels.to_json())["parameters"])
    pd.testing.assert_frame_equal(again.table, channels.table)
    assert again.headline == channels.headline


def test_published_tables_hide_small_groups(monthly):
    rows = json.loads(monthly.to_json())["tables"]["table"]
    june = [row for row in rows if row["cohort"] == "2024-06-01"]
    assert all(row["size"] is None and row["n"] is None and row["so_far"] is None for row in june)


def check(result, name):
    return next(c for c in result.checks if c.name == name)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"return_event": "purchas"}, "No row has the event 'purchas' .*Did you mean 'purchase'"),
        ({"start_event": "signup"}, "No row has the event 'signup'"),
        ({"segment": "platfrom"}, "no column 'platfrom'. Did you mean 'platform'"),
        ({"observe_until": "2020-01-01"}, "`observe_until` is 2020-01-01, but the first event is on 4 January 2024"),
        ({"cohorts_from": "2030-01-01"}, "Nobody started from the first cohort asked for on"),
        ({"segment": "user_id"}, "`segment` has 600 different values; at most 20"),
    ],
)
def test_data_that_cannot_answer_is_refused(shop, choices, message):
    with pytest.raises(DataError, match=message):
        cohort_retention(shop, **choices)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"period": "weekly"}, "Did you mean 'week'"),
        ({"measure": "on_or_affter"}, "Did you mean 'on_or_after'"),
        ({"anchor": "recurring", "cohort": "unit"}, "one customer would stand in a cohort several times"),
        ({"anchor": "first"}, "`anchor` is 'first'; expected one of 'first_matching', 'first_ever', 'recurring'"),
        ({"week_start": "tuesday"}, "`week_start` is 'tuesday'"),
        ({"horizon": 0}, "`horizon` is 0; expected a whole number of periods from 1 up"),
        ({"horizon": True}, "`horizon` is True"),
        ({"horizon": 2.5}, "`horizon` is 2.5"),
        ({"confidence": 95}, "`confidence` is 95; expected a fraction"),
        ({"observe_until": "yesterday"}, "`observe_until` is 'yesterday'; expected a date"),
    ],
)
def test_choices_that_do_not_exist_are_refused(shop, choices, message):
    with pytest.raises(ParameterError, match=message):
        cohort_retention(shop, **choices)


def test_more_cells_than_anybody_reads_are_refused():
    table = log(("a", "2020-01-01"), ("b", "2026-01-01"))
    with pytest.raises(DataError, match="2,193 cohorts times 2,193 ages .* `horizon` such as 30"):
        cohort_retention(table, period="day")


def test_a_table_without_rows_is_refused():
    with pytest.raises(DataError, match="no rows"):
        cohort_retention(pd.DataFrame({"unit": pd.Series([], dtype=str), "time": pd.Series([], dtype=str)}))


def test_two_customers_by_number_and_by_text_are_not_confused():
    result = cohort_retention(log(("007", "2026-01-05"), ("7", "2026-01-05"), ("NA", "2026-01-05")), period="day")
    assert result.table["size"][0] == 3
