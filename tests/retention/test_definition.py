"""Each choice of a definition: what it counts, how it is told, and what is refused."""

import pandas as pd
import pytest

import cxlab.data as cx
from cxlab.errors import DataError, ParameterError
from cxlab.retention import cohort_retention


def log(*rows, columns=("unit", "time")):
    return pd.DataFrame(rows, columns=list(columns))


def counts(result, *, age=None):
    table = result.table if age is None else result.table[result.table["age"] == age]
    return table["so_far"].fillna(-1).astype(int).tolist()


@pytest.mark.parametrize(("clock", "back"), [("calendar", 1), ("elapsed", 0), ("hour_floored", 1), ("day_floored", 1)])
def test_the_clock_decides_which_day_it_is(clock, back):
    """Start 09:40, back the next day 09:10: reference, section 1."""
    table = log(("a", "2026-01-05 09:40"), ("a", "2026-01-06 09:10"))
    result = cohort_retention(table, period="day", clock=clock, observe_until="2026-01-09")
    assert result.table.loc[result.table["so_far"] > 0, "age"].tolist() == [back]


def test_hours_from_the_start_are_hours_on_the_day_the_clocks_change():
    """From 12:00 before to 11:30 on the short day are 22.5 hours in Berlin."""
    table = cx.table(log(("a", "2026-03-28T12:00+01:00"), ("a", "2026-03-29T12:30+02:00")), tz="Europe/Berlin")
    ages = {
        clock: cohort_retention(table, period="day", clock=clock, observe_until="2026-04-02").table
        for clock in ("calendar", "elapsed", "day_floored")
    }
    back = {clock: found.loc[found["so_far"] > 0, "age"].tolist() for clock, found in ages.items()}
    assert back == {"calendar": [1], "elapsed": [0], "day_floored": [1]}


def test_on_elapsed_clocks_who_started_earlier_in_a_cohort_is_seen_longer():
    table = log(("a", "2026-01-05 01:00"), ("b", "2026-01-05 23:00"), ("a", "2026-01-06 02:00"))
    result = cohort_retention(table, period="day", clock="elapsed", observe_until="2026-01-07T12:00")
    assert result.table[["age", "n", "returned", "state"]].astype(object).where(result.table["n"] > 0, None).to_numpy(
    ).tolist()[:2] == [[0, 2, 0, "complete"], [1, 1, 1, "partial"]]  # fmt: skip


def test_the_very_first_event_must_have_the_property():
    table = log(("a", "2026-01-05", "buy", "web"), ("a", "2026-01-06", "buy", "app"), ("b", "2026-01-06", "buy", "app"),
                columns=("unit", "time", "event", "platform"))  # fmt: skip
    how = {"start_event": "buy", "start_where": "platform=app", "period": "day", "observe_until": "2026-01-08"}
    sizes = {anchor: cohort_retention(table, anchor=anchor, **how).table["size"].max()
             for anchor in ("first_matching", "first_ever")}  # fmt: skip
    assert sizes == {"first_matching": 2, "first_ever": 1}


def test_a_return_must_have_its_property():
    table = log(("a", "2026-01-05", "web"), ("a", "2026-01-06", "app"), ("b", "2026-01-05", "web"),
                ("b", "2026-01-06", "web"), columns=("unit", "time", "platform"))  # fmt: skip
    result = cohort_retention(table, return_where="platform=app", period="day", observe_until="2026-01-07")
    assert counts(result, age=1)[0] == 1
    assert "with platform = 'app'" in " ".join(result.semantics)


def test_a_streak_ends_at_the_first_missed_period():
    table = log(*(("a", f"2026-01-{d:02d}") for d in (5, 6, 7, 9)))
    how = {"period": "day", "observe_until": "2026-01-10"}
    assert counts(cohort_retention(table, measure="streak", **how)) == [0, 1, 1, 0, 0, 0]
    assert counts(cohort_retention(table, measure="on", **how)) == [0, 1, 1, 0, 1, 0]
    assert counts(cohort_retention(table, measure="on_or_before", **how)) == [0, 1, 1, 1, 1, 1]


def test_the_minimum_counts_returns_within_a_cell_after_the_start():
    table = log(
        ("a", "2026-01-05 08:00"), ("a", "2026-01-05 09:00"), ("a", "2026-01-06 08:00"), ("a", "2026-01-06 09:00")
    )
    result = cohort_retention(table, period="day", minimum=2, observe_until="2026-01-06")
    assert counts(result) == [0, 1]
    assert "at least twice" in result.definition.line


def test_brackets_are_one_cell_that_is_complete_with_its_last_period():
    table = log(("a", "2026-01-05"), ("a", "2026-01-08"), ("a", "2026-01-09"))
    result = cohort_retention(table, period="day", brackets="0,1,2-3,4-7", observe_until="2026-01-10")
    columns = ["age", "bracket", "n", "so_far", "state"]
    assert result.table[columns].to_numpy().tolist() == [
        [0, "0", 1, 0, "complete"], [1, "1", 1, 0, "complete"], [2, "2 to 3", 1, 1, "complete"],
        [4, "4 to 7", 0, 1, "partial"],
    ]  # fmt: skip
    assert "bracket" in result.tables["curve"]


def test_returns_in_a_gap_between_brackets_count_nowhere():
    table = log(("a", "2026-01-05"), ("a", "2026-01-08"), ("a", "2026-01-12"))
    result = cohort_retention(table, period="day", brackets="1,7", observe_until="2026-01-12")
    assert result.table[["age", "so_far"]].to_numpy().tolist() == [[0, 0], [1, 0], [7, 1]]


@pytest.mark.parametrize("tz", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("clock", ["calendar", "day_floored"])
def test_days_at_both_ends_of_the_world(tz, clock):
    """Local 23:30 and local 00:30 are two days, wherever they are."""
    start = pd.Timestamp("2026-01-05 23:30", tz=tz)
    table = cx.table(log(("a", start.isoformat()), ("a", (start + pd.Timedelta("1h")).isoformat())), tz=tz)
    found = cohort_retention(table, period="day", clock=clock, observe_until="2026-01-08").table
    assert found.loc[found["so_far"] > 0, ["cohort", "age"]].to_numpy().tolist() == [["2026-01-05", 1]]


def test_the_definition_is_an_object_and_stands_on_every_picture(shop_by_week):
    line = str(shop_by_week.definition)
    assert line == (
        "Definition: start is the first event; back is an event in that very week; calendar weeks from Monday, UTC."
    )
    assert (shop_by_week.definition.clock, shop_by_week.definition.minimum) == ("calendar", 1)
    for picture in shop_by_week.pictures:
        subtitle = " ".join(shop_by_week.chart(picture).to_dict()["title"]["subtitle"])
        assert line in subtitle


@pytest.fixture(scope="module")
def shop(root):
    return cx.table(str(root / "data_samples" / "shop_events.csv.gz"), unit="user_id", time="timestamp", event="event")


@pytest.fixture(scope="module")
def shop_by_week(shop):
    return cohort_retention(shop, period="week", churn_after=2, observe_until="2024-06-29")


def test_a_preset_says_what_the_three_tools_would_find(shop):
    result = cohort_retention(shop, like="mixpanel", period="week", observe_until="2024-06-29")
    tools = result.tables["tools"].set_index("tool")
    assert list(tools.index) == ["PostHog", "Mixpanel", "Amplitude"]
    assert tools["clock"].tolist() == ["calendar", "elapsed", "day_floored"]
    curve = result.tables["curve"].set_index("age")
    assert tools.at["Mixpanel", "rate"] == curve.at[1, "rate"]
    alone = cohort_retention(shop, like="posthog", period="week", observe_until="2024-06-29").tables["curve"]
    assert tools.at["PostHog", "rate"] == alone.set_index("age").at[1, "rate"]
    told = next(c.message for c in result.checks if c.name == "definition")
    assert f"{100 * tools.at['Mixpanel', 'rate']:.1f}% as Mixpanel counts" in told
    assert result.semantics[0].startswith("As Mixpanel counts")


def test_a_preset_to_the_end_of_the_log_warns_and_a_horizon_is_the_cure(shop):
    result = cohort_retention(shop, like="mixpanel", period="month", observe_until="2024-06-29")
    assert [c.name for c in result.failed if c.name == "horizon"] == ["horizon"]
    bound = cohort_retention(shop, like="mixpanel", period="month", horizon=2, observe_until="2024-06-29")
    assert not [c.name for c in bound.failed if c.name == "horizon"]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"like": "mixpanell"}, "Did you mean 'mixpanel'"),
        ({"like": "mixpanel", "clock": "day_floored"}, "`clock` is 'day_floored', but Mixpanel .* has only 'elapsed'"),
        ({"like": "posthog", "measure": "streak"}, "PostHog .* has only 'on', 'on_or_after'"),
        ({"like": "amplitude", "cohort": "platform"}, "one customer would stand in a cohort several times"),
        ({"minimum": 0}, "`minimum` is 0; expected a whole number of times from 1 up"),
        ({"brackets": "0,2-1"}, "`brackets` is '0,2-1'; expected rising ages"),
        ({"brackets": "0,1-3,3-4"}, "expected rising ages"),
        ({"brackets": "one"}, "expected rising ages"),
        ({"brackets": "1,7", "horizon": 3}, "`horizon` is given with `brackets`"),
        ({"brackets": "1,7", "measure": "streak"}, "`brackets` have gaps"),
        ({"brackets": "1,2", "churn_after": 1}, "`churn_after` with `brackets`"),
        ({"anchor": "recurring", "churn_after": 1}, "would leave several times"),
        ({"anchor": "recurring", "measure": "on_or_before"}, "is not known here"),
        ({"clock": "day_floored", "period": "hour"}, "'day_floored' with hours"),
        ({"start_where": "platform"}, "expected a column and its value"),
        ({"trend_age": 0}, "`trend_age` is 0"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(shop, choices, message):
    with pytest.raises(ParameterError, match=message):
        cohort_retention(shop, **choices)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"start_where": "platform=andriod"}, "No row has platform = 'andriod' .*Values: "),
        ({"return_where": "colour=red"}, "no column 'colour'"),
        ({"start_event": "purchase", "start_where": "platform=nope"}, "No row has the event 'purchase' with platform"),
    ],
)
def test_properties_that_are_not_there_are_refused(shop, choices, message):
    with pytest.raises(DataError, match=message):
        cohort_retention(shop, **choices)


@pytest.mark.parametrize("like", [None, "posthog", "mixpanel", "amplitude"])
@pytest.mark.parametrize("table", [
    log(("a", "2026-01-05"), ("b", "2026-01-05")),
    log(("a", "2026-01-05"), ("a", "2026-01-05"), ("a", "2036-01-05")),
    log(("a", "2026-01-05"), ("b", "2026-01-06"), ("c", "2026-01-07")),
], ids=["nobody returns, one cohort", "one returns in the future", "all partial"])  # fmt: skip
def test_thin_logs_are_answered_without_a_number(like, table):
    result = cohort_retention(table, like=like, period="month", observe_until="2026-01-20", churn_after=None)
    assert result.table["returned"].isna().all()
    assert (result.table["n"] == 0).all()
    assert result.status == "Too few"
    result.to_html(stills=False)
