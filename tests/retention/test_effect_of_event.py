"""Does an event go with leaving? By hand, the known ratio found and the wrong one told, and what is refused by name."""

import gzip
import json
import re
import runpy

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binom

import cxlab as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.results import publishable
from cxlab.retention.event_estimates import event_estimates
from cxlab.retention.event_regressions import NOTHING, regress
from cxlab.stats.exposure_rows import exposure_rows
from tests.retention.stays import drawn, spells, table

SAMPLE = {"unit": "customer_id", "start": "started_on", "end": "ended_on", "event_time": "first_contact_on",
          "label": "a support contact", "covariates": ["plan", "seats"], "observe_until": "2026-06-30"}  # fmt: skip
ASKED = {"method": "time-varying", "landmarks": [30, 60, 90], "since": [30, 90], "confidence": 0.95, "covariates": None}


@pytest.fixture(scope="module")
def sample(root):
    return cx.effect_of_event(root / "data_samples" / "support_contacts.csv", **SAMPLE)


@pytest.fixture(scope="module")
def people():
    return table(drawn(400, 1.5, seed=4))


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def rows(*stays):
    """One row per (end day, event day) of customers who start on 1 January 2026."""
    first = pd.Timestamp("2026-01-01")

    def moment(day):
        return None if day is None else (first + pd.Timedelta(day, unit="D")).isoformat()

    return pd.DataFrame([
        {"unit": f"c{k}", "start": first.isoformat(), "end": moment(end), "event_time": moment(came)}
        for k, (end, came) in enumerate(stays)
    ])  # fmt: skip


STAYS = [(10, 2), (14, None), (20, 8), (25, None), (30, 12), (34, None), (41, 20), (47, 3), (52, None), (58, 30),
         (61, None), (None, 40), (None, None), (70, 65), (None, 9)]  # fmt: skip


def test_the_sample_is_what_its_script_makes(root):
    script = runpy.run_path(str(root / "data_samples" / "make_support_contacts.py"))
    assert (root / "data_samples" / "support_contacts.csv").read_text(encoding="utf-8") == script["text"]()


def test_the_ratio_by_hand():
    """The partial likelihood written out: at each end, who is still here, and who has had the event by then."""
    result = cx.effect_of_event(rows(*STAYS), observe_until="2026-03-31", landmarks=[5])

    def against(b):
        told = 0.0
        for end, came in STAYS:
            if end is not None:
                here = [(e, c) for e, c in STAYS if e is None or e >= end]
                told += b * (came is not None and came < end)
                told -= np.log(sum(np.exp(b * (c is not None and c < end)) for _, c in here))
        return -told

    best = minimize_scalar(against, bounds=(-4, 4), method="bounded", options={"xatol": 1e-10}).x
    row = result.table.iloc[0]
    assert row["estimate"] == pytest.approx(np.exp(best), rel=1e-6)
    assert row[["n", "exposed", "events", "exposed_events"]].tolist() == [15, 9, 12, 7]


def test_days_of_both_states_by_hand():
    rates = cx.effect_of_event(rows(*STAYS), observe_until="2026-03-31", landmarks=[5]).tables["rates"]
    days = [end if end is not None else 90 for end, _ in STAYS]
    before = sum(min(end, came) if came is not None else end for end, (_, came) in zip(days, STAYS, strict=True))
    assert rates["days"].tolist() == [before, sum(days) - before]
    assert rates["events"].tolist() == [5, 7]
    assert rates["estimate"].tolist() == pytest.approx([30 * 5 / before, 30 * 7 / (sum(days) - before)])


def test_a_landmark_by_hand():
    """On day 15 thirteen are still here, seven of whom had the event by then; their time counts from day 15."""
    stays = [*STAYS, *((day, 1) for day in (22, 28, 33, 44)), *((day, None) for day in (27, 39))]
    found = cx.effect_of_event(rows(*stays), observe_until="2026-03-31", landmarks=[15], method="landmark")
    here = [(end, came) for end, came in stays if end is None or end > 15]
    row = found.table.iloc[0]
    assert (row["method"], row["landmark"], row["n"]) == ("landmark", 15, len(here))
    by_then = [end for end, came in here if came is not None and came <= 15]
    assert row["exposed"] == len(by_then)
    assert row["exposed_events"] == sum(end is not None for end in by_then)
    assert found.table.iloc[1]["method"] == "time-varying"
    assert "still here on day 15" in found.headline
    curve = found.tables["survival"].query("landmark == 15 and time == 0").set_index("group")["n"]
    assert curve.to_dict() == {"without it": len(here) - len(by_then), "with it": len(by_then)}


def test_an_event_in_the_moment_of_leaving_counts_as_none():
    moved = [(end, end if came == 2 else came) for end, came in STAYS]
    row = cx.effect_of_event(rows(*moved), observe_until="2026-03-31", landmarks=[5]).table.iloc[0]
    assert row[["exposed", "exposed_events"]].tolist() == [8, 6]


def test_events_on_the_day_of_an_end_written_as_a_day_count_as_none():
    frame = rows(*STAYS)
    frame.loc[0, "event_time"] = "2026-01-11 16:30"  # ends that day, written without a time
    found = cx.effect_of_event(frame, observe_until="2026-03-31", landmarks=[5])
    assert found.table.iloc[0]["exposed"] == 8
    assert "All times count by their day" in " ".join(found.semantics)
    frame["end"] = [None if pd.isna(end) else f"{end[:10]} 09:00" for end in frame["end"]]
    with pytest.raises(DataError, match=r"1 of 15 customers have the event after their end"):
        cx.effect_of_event(frame, observe_until="2026-03-31", landmarks=[5])


def test_what_comes_after_the_end_of_the_log_has_not_been_seen():
    frame = rows(*STAYS, (85, 80))
    until = cx.effect_of_event(frame, observe_until="2026-03-16", landmarks=[5])  # day 74
    assert until.table.iloc[0][["n", "exposed", "events"]].tolist() == [16, 9, 12]
    later = frame.assign(start=[*frame["start"][:-1], "2026-03-25"])
    found = cx.effect_of_event(later, observe_until="2026-03-16", landmarks=[5])
    assert found.table.iloc[0]["n"] == 15
    assert "1 customers who started later" in check(found, "observe_until").message


def test_a_known_ratio_is_found_and_the_split_by_ever_is_told_to_be_wrong():
    """The reference's simulation, 40 times: the interval holds the truth, ever against never is far below it."""
    for ratio, seed in ((1.0, 20261127), (1.5, 20262127)):
        hits, logs = 0, []
        for k in range(40):
            people = spells(drawn(1500, ratio, seed + k))
            stretches = exposure_rows(people.held, people.left, people.waited)
            fit = regress(stretches, people, NOTHING, 0.95)
            hits += bool(fit.hazard_ratio_low[0] <= ratio <= fit.hazard_ratio_high[0])
            logs.append(float(fit.coefficient[0]))
        assert binom.ppf(0.0005, 40, 0.95) <= hits
        assert abs(np.mean(logs) - np.log(ratio)) < 4 * np.std(logs) / np.sqrt(40)
        found = event_estimates(spells(drawn(1500, ratio, seed)), ASKED)
        wrong = float(found.immortal["wrong_estimate"].iloc[0])
        assert {1.0: 0.246, 1.5: 0.342}[ratio] < wrong < {1.0: 0.321, 1.5: 0.443}[ratio], "the reference's range"


def test_ever_against_never_is_refused_as_an_answer_and_told_beside_it(people):
    with pytest.raises(ParameterError, match="immortal time"):
        cx.effect_of_event(people, method="ever/never")
    result = cx.effect_of_event(people, observe_until="2026-06-30")
    assert "ever/never" not in set(result.table["method"])
    told = result.tables["immortal_time"].iloc[0]
    assert told["wrong_estimate"] < 0.6 < result.table.iloc[0]["ci_low"]
    message = check(result, "immortal_time").message
    assert not check(result, "immortal_time").passed
    assert f"would have said {told['wrong_estimate']:.2f}" in message
    assert "estimate" not in result.tables["immortal_time"], "no gate and no comparison of runs may take it for one"


def test_the_share_of_days_before_the_event_by_hand():
    told = cx.effect_of_event(rows(*STAYS), observe_until="2026-03-31", landmarks=[5]).tables["immortal_time"].iloc[0]
    ever = [(end or 90, came) for end, came in STAYS if came is not None]
    assert told["days"] == sum(end for end, _ in ever)
    assert told["days_before_it"] == sum(came for _, came in ever)


def test_the_sample_tells_its_truth(root, sample):
    """Twice as often in the first 30 days, 1.5 times later, with plan and seats held constant."""
    since = sample.tables["since_event"]
    for row, true in zip(since.to_dict("records"), (2.0, 1.5, 1.5), strict=True):
        assert row["ci_low"] < true < row["ci_high"]
    script = runpy.run_path(str(root / "data_samples" / "make_support_contacts.py"))
    many = cx.effect_of_event(script["contacts"](20_000, seed=5), **SAMPLE).tables["since_event"]["estimate"]
    assert many.tolist() == pytest.approx([2.0, 1.5, 1.5], rel=0.08)
    plan = sample.tables["covariates"].set_index("covariate").loc["plan"]
    assert plan["ci_low"] < 1 / 1.6 < plan["ci_high"]
    bare = sample.table[sample.table["method"] == "time-varying, nothing held constant"].iloc[0]
    assert bare["estimate"] > sample.table.iloc[0]["estimate"], "plan brings about both"


def test_one_number_in_sentence_table_and_picture(sample):
    row = sample.table.iloc[0]
    for told in (sample.headline, sample.figures[0].value, sample.to_html()):
        assert f"{row['estimate']:.2f} times" in told
    drawn_rows = next(iter(sample.chart("ways").to_dict()["datasets"].values()))
    assert drawn_rows[0]["estimate"] == row["estimate"]
    assert drawn_rows[-1]["kind"] == "wrong"
    assert drawn_rows[-1]["ci_low"] is None
    assert "does not show that one brings about the other" in sample.headline


def test_an_interval_excludes_one_exactly_when_a_direction_is_told(people):
    for frame in (people, table(drawn(400, 1.0, seed=8))):
        result = cx.effect_of_event(frame, observe_until="2026-06-30")
        row = result.table.iloc[0]
        assert (result.status == "Undecided") == (row["ci_low"] <= 1 <= row["ci_high"])


def test_events_that_keep_customers_read_leave_later():
    result = cx.effect_of_event(table(drawn(900, 0.5, seed=3)), observe_until="2026-06-30")
    assert result.status == "Leave later"
    assert result.table.iloc[0]["ci_high"] < 1


def test_other_order_of_rows_and_ids_change_nothing(people):
    one = cx.effect_of_event(people, observe_until="2026-06-30").table
    other = people.sample(frac=1, random_state=1).assign(unit=lambda frame: "x" + frame["unit"])
    pd.testing.assert_frame_equal(one, cx.effect_of_event(other, observe_until="2026-06-30").table, rtol=1e-9)


def test_time_zones_shift_nothing(people):
    one = cx.effect_of_event(cx.table(people, tz="UTC"), observe_until="2026-07-05").table["estimate"]
    other = cx.effect_of_event(cx.table(people, tz="Asia/Tokyo"), observe_until="2026-07-05").table["estimate"]
    assert one.tolist() == pytest.approx(other.tolist(), rel=0.01)


def test_stays_of_one_customer_get_a_robust_interval():
    """Every customer twice adds no knowledge: the ratio stays, its interval must not shrink."""
    people = drawn(300, 1.5, seed=6)
    single = table(people)
    again = single.assign(start=single["start"] - pd.Timedelta("800D"), end=single["end"] - pd.Timedelta("800D"),
                          event_time=single["event_time"] - pd.Timedelta("800D"))  # fmt: skip
    again["end"] = again["end"].fillna(again["start"] + pd.to_timedelta(people["held"], unit="D"))
    both = cx.effect_of_event(pd.concat([single, again]), observe_until="2026-06-30")
    apart = pd.concat([single, again.assign(unit="other " + again["unit"])])
    naive = cx.effect_of_event(apart, observe_until="2026-06-30")
    assert both.table.iloc[0]["estimate"] == pytest.approx(naive.table.iloc[0]["estimate"])
    width = [np.log(found.table.iloc[0]["ci_high"] / found.table.iloc[0]["ci_low"]) for found in (both, naive)]
    assert width[0] > 1.25 * width[1]
    assert "300 customers" in check(both, "repeated_units").message


def test_numbers_and_groups_are_told_apart_and_rare_groups_put_together(people):
    plans = ["a"] * 252 + ["b"] * 140 + ["c"] * 4 + ["d"] * 4
    frame = people.assign(plan=plans, seats=np.arange(400) % 7, vip=np.arange(400) % 2)
    result = cx.effect_of_event(frame, covariates=["plan", "seats", "vip"], observe_until="2026-06-30")
    told = result.tables["covariates"][["covariate", "change"]].to_records(index=False).tolist()
    assert told == [("plan", "b instead of a"), ("plan", "other instead of a"), ("seats", "2.00 more"),
                    ("vip", "1 instead of 0")]  # fmt: skip
    missing = frame.assign(plan=[None, *plans[1:]])
    assert len(cx.effect_of_event(missing, covariates=["plan"], observe_until="2026-06-30").table) == 5
    with pytest.raises(DataError, match=r"1 of 400 rows have no 'seats'"):
        cx.effect_of_event(frame.assign(seats=[np.nan, *range(1, 400)]), covariates=["seats"])


def test_calls_to_cancel_are_found():
    people = drawn(600, 1.0, seed=12)
    calls = people["left"] & (np.arange(600) % 4 == 0)
    people.loc[calls, "waited"] = (people["held"] - 0.5)[calls].clip(lower=0)
    result = cx.effect_of_event(table(people), observe_until="2026-06-30")
    assert not check(result, "leaving_contact").passed
    assert "may be part of leaving" in check(result, "leaving_contact").message
    assert check(cx.effect_of_event(table(drawn(600, 1.0, seed=12)), observe_until="2026-06-30"),
                 "leaving_contact").passed  # fmt: skip


def test_what_fades_with_the_days_since_the_event_is_told(sample):
    assert not check(sample, "since_event").passed
    steady = cx.effect_of_event(table(drawn(900, 1.5, seed=2)), observe_until="2026-06-30")
    assert check(steady, "since_event").passed
    assert check(steady, "proportional_hazards").passed


def test_without_covariates_it_is_said_that_nothing_is_held_constant(people, sample):
    assert not check(cx.effect_of_event(people, observe_until="2026-06-30"), "confounding").passed
    assert "plan and seats" in check(sample, "confounding").message


def test_days_with_too_few_say_nothing_and_leave_the_others_alone(people):
    result = cx.effect_of_event(people, observe_until="2026-06-30", since=[60, 300])
    since = result.tables["since_event"]
    assert since["estimate"].isna().tolist() == [False, False, True]
    assert np.isfinite(since["estimate"][:2]).all()
    first = cx.effect_of_event(people, observe_until="2026-06-30", since=[60]).tables["since_event"]
    assert since["estimate"][0] == pytest.approx(first["estimate"][0], rel=1e-3)


def test_an_unasked_end_of_the_log_is_said(people):
    assert "the last moment in the data" in check(cx.effect_of_event(people), "observe_until").message


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"method": "time varying"}, "Did you mean 'time-varying'"),
     ({"method": "ever against never"}, "That is no answer"),
     ({"landmarks": [60, 30]}, "`landmarks` is [60, 30]"), ({"since": [0]}, "whole days from 1 up"),
     ({"landmarks": "30"}, "`landmarks` is '30'"), ({"confidence": 95}, "confidence"),
     ({"covariates": "plan"}, "such as ['plan']"), ({"covariates": ["start"]}, "is the column of `start` already"),
     ({"covariates": ["plan", "plan"]}, "stands there twice"),
     ({"observe_until": "2025-01-01"}, "the first start is on"), ({"observe_until": "soon"}, "expected a date")],
)  # fmt: skip
def test_settings_that_cannot_be(people, settings, told):
    with pytest.raises(ParameterError, match=re.escape(told)):
        cx.effect_of_event(people.assign(plan="a"), **settings)


def test_data_that_cannot_be(people):
    late = people.assign(event_time=people["end"] + pd.Timedelta("1D"))
    gone = int(people["end"].notna().sum())
    with pytest.raises(DataError, match=rf"{gone} of 400 customers have the event after their end.*cannot make them"):
        cx.effect_of_event(late)
    with pytest.raises(DataError, match=r"400 of 400 customers end before they start"):
        cx.effect_of_event(people.assign(end=people["start"] - pd.Timedelta("1D"), event_time=None))
    with pytest.raises(DataError, match=r"1 customers stand in several rows with the same 'start'"):
        cx.effect_of_event(pd.concat([people, people.head(1)]), observe_until="2026-06-30")
    with pytest.raises(DataError, match=r"0 of 400 customers had the event while they were there"):
        cx.effect_of_event(people.assign(event_time=None), observe_until="2026-06-30")
    with pytest.raises(DataError, match=r"Did you mean 'event_time'"):
        cx.effect_of_event(people, event_time="event_tme")
    with pytest.raises(DataError, match=r"in the future"):
        cx.effect_of_event(people.assign(end=people["end"] + pd.Timedelta("36500D")))
    with pytest.raises(DataError, match=r"Too few customers left after day 350"):
        cx.effect_of_event(people, observe_until="2026-06-30", method="landmark", landmarks=[350])


def test_small_groups_stay_in_python(people):
    result = cx.effect_of_event(people, observe_until="2026-06-30", since=[30, 250])
    for name, frame in {"table": result.table, **result.tables}.items():
        shown = publishable(frame)
        assert not ((shown["n"] > 0) & (shown["n"] < 5)).any() if "n" in shown else name == "covariates"
    assert (result.table["exposed"] >= 5).all() and ((result.table["n"] - result.table["exposed"]) >= 5).all()


@pytest.mark.parametrize("width", [680, 340])
def test_pictures_are_drawn(sample, width):
    assert sample.pictures == ("ways", "since_event", "survival")
    for name in sample.pictures:
        assert "<svg" in to_svg(sample.chart(name, width=width))


def test_surfaces_tell_the_same(sample):
    record = json.loads(json.dumps(sample.to_dict()))
    assert record["tables"]["table"][0]["estimate"] == sample.table.iloc[0]["estimate"]
    assert sample.headline in sample.to_html().replace("&#x27;", "'")
    assert record["data"]["to"].startswith("2026-06-30")
    assert len(gzip.compress(sample.to_html().encode())) < 400_000
    again = cx.effect_of_event("data_samples/support_contacts.csv", **record["parameters"])
    assert again.table.equals(sample.table)
