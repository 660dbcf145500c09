"""journey_funnel as users call it: counts, shares, open windows, groups, words, checks, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.data import table
from cxlab.errors import DataError, ParameterError
from cxlab.journeys import journey_funnel
from cxlab.journeys.counts import count_chains
from cxlab.journeys.events import read_events
from cxlab.stats.proportions import newcombe_difference, wilson_interval
from tests.journeys.logs import CASES, frame, moment, random_units

ABC = ["A", "B", "C"]


def steps_of(case):
    return [step if isinstance(step, str) else "|".join(step) for step in case["steps"]]


def run_case(case):
    options = case["options"]
    tolerance, window, end = options.get("tolerance"), options.get("window"), options.get("data_end")
    return journey_funnel(
        frame(case["events"]), steps=steps_of(case), within=None if window is None else f"{window}s",
        order=case["mode"],
        ties=options.get("ties", "step_order").replace("tolerance", "step_order"),
        tolerance=None if tolerance is None else f"{tolerance}s",
        observe_until=None if end is None else moment(end).isoformat(),
        entry_from=moment(options["entry_from"]).isoformat() if "entry_from" in options else None,
        entry_to=moment(options["entry_to"]).isoformat() if "entry_to" in options else None,
    )  # fmt: skip


@pytest.mark.parametrize("case", [c for c in CASES if len(c["steps"]) > 1], ids=lambda case: case["id"])
def test_reference_case(case):
    result = run_case(case)
    want = case["expected"]
    if case["options"].get("open_units") == "exclude":
        assert result.table["mature_reached"].tolist() == want["step_counts"]
        return
    assert result.table["n"].tolist() == want["step_counts"]
    for step, median in want.get("step_time_median", {}).items():
        assert result.table.loc[result.table["step"] == int(step), "median_time"].item() == median
    if "open_by_level" in want:
        assert result.table["open_here"].tolist() == [0, *want["open_by_level"][1:-1]]
    if "destinations" in want:
        found = result.tables["destinations"].groupby("step")[["destination", "n"]]
        assert {str(k): dict(rows.itertuples(index=False)) for k, rows in found} == want["destinations"]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["ordered", "strict", "any"]), st.sampled_from(["2s", "6s"]))
def test_every_step_adds_up(seed, order, within):
    rows = random_units(seed, 40)
    result = journey_funnel(frame(rows), steps=ABC, within=within, order=order)
    found = result.table
    assert (found["n"] + found["dropped"] + found["open"] == found["n"].iloc[0]).all()
    assert (found["n"].shift(1).dropna() - found["n"][1:] == (found["dropped_here"] + found["open_here"])[1:]).all()
    assert found["n"].is_monotonic_decreasing
    gone = result.tables["destinations"].groupby("step")["n"].sum().reindex([1, 2], fill_value=0)
    assert gone.tolist() == [found["n"][0] - found["n"][1], found["n"][1] - found["n"][2]]


def test_shares_are_over_the_starts_whose_window_is_over():
    rows = [(f"done{i}", 0, "A") for i in range(60)] + [(f"done{i}", 5, "B") for i in range(45)]
    rows += [(f"late{i}", 95, "A") for i in range(30)] + [("late0", 96, "B"), ("z", 100, "X")]
    result = journey_funnel(frame(rows), steps=["A", "B"], within="10s")
    start, end = result.table.to_dict("records")
    assert (start["n"], start["mature_n"], end["n"], end["open"], end["dropped"]) == (90, 60, 46, 29, 15)
    assert (end["rate"], end["step_rate"]) == (0.75, 0.75)
    assert (end["ci_low"], end["ci_high"]) == tuple(float(v) for v in wilson_interval(45, 60))
    assert "29 people" in next(c.message for c in result.checks if c.name == "open_windows")


def test_groups_are_taken_at_the_first_step_and_compared_with_the_largest():
    rng = np.random.default_rng(11)
    people = [(f"u{i}", "web" if i % 3 else "shop") for i in range(900)]
    rows = [(u, 0, "A", g) for u, g in people]
    rows += [(u, 3, "B", "elsewhere") for u, g in people if rng.random() < (0.6 if g == "web" else 0.3)]
    data = frame(rows).assign(channel=[row[3] for row in rows])
    result = journey_funnel(data, steps=["A", "B"], within="5s", segment="channel", observe_until=str(moment(50)))
    assert result.table["segment"].unique().tolist() == ["all", "web", "shop"]
    (row,) = result.tables["comparison"].to_dict("records")
    last = result.table[result.table["step"] == 2].set_index("segment")["mature_reached"]
    want = newcombe_difference(last["shop"], 300, last["web"], 600)
    assert (row["segment"], row["control"]) == ("shop", "web")
    assert (row["effect"], row["ci_low"], row["ci_high"]) == pytest.approx([float(v) for v in want])
    assert row["p_adjusted"] == row["p_value"] < 0.001
    assert last["all"] == last["web"] + last["shop"]


def test_time_to_convert_counts_those_who_never_finish_and_those_still_watched():
    rows = [("a", 0, "A"), ("a", 2, "B"), ("b", 0, "A"), ("b", 4, "B"), ("c", 0, "A"), ("d", 7, "A"), ("e", 10, "X")]
    result = journey_funnel(frame(rows), steps=["A", "B"], within="6s")
    curve = result.tables["time_to_convert"].set_index("time")["estimate"]
    assert curve.loc[2.0] == pytest.approx(1 / 4)
    assert curve.loc[4.0] == pytest.approx(1 - 3 / 4 * 1 / 2)
    assert np.isnan(result.tables["median_time"].set_index("share")["estimate"][0.75])


def test_a_step_that_never_occurs_counts_zero_and_says_so():
    result = journey_funnel(frame([("a", 0, "cart"), ("a", 1, "pay")]), steps=["cart", "pays", "thanks"], within="5s")
    assert result.table["n"].tolist() == [1, 0, 0]
    check = next(c for c in result.checks if c.name == "steps_seen")
    assert not check.passed
    assert "“pays” (did you mean 'pay'?)" in check.message
    assert "“thanks”" in check.message


def test_nobody_begins():
    result = journey_funnel(frame([("a", 0, "B"), ("b", 1, "C")]), steps=ABC, within="5s")
    assert result.table["n"].tolist() == [0, 0, 0]
    assert result.headline == "Nobody began with “A”, so there is nothing to follow."
    assert result.to_html(stills=False)


def test_steps_at_one_instant_are_counted_and_said():
    data = frame([("a", 0, "B"), ("a", 0, "A"), ("b", 0, "A"), ("b", 3, "B")])
    result = journey_funnel(data, steps=["A", "B"], within="5s")
    check = next(c for c in result.checks if c.name == "ties")
    assert not check.passed
    assert check.message.startswith("1 person did two steps at the same instant")
    assert journey_funnel(data, steps=["A", "B"], within="5s", ties="strict").table["n"].tolist() == [2, 1]


def test_the_settings_are_said_in_words():
    result = journey_funnel(frame([("a", 0, "A"), ("a", 1, "B")]), steps=["A", "B|C"], within="7D", order="strict")
    said = " ".join(result.semantics)
    for words in (
        "1. A; 2. B or C",
        "no other event between",
        "within 7\xa0days",
        "One event serves one step",
        "Wilson, 95%",
    ):
        assert words in said
    assert result.parameters["within"] == "7D"
    assert [c.name for c in result.checks] == ["steps_seen", "observe_until", "open_windows", "ties", "small_groups"]


def test_a_name_that_holds_a_bar_is_taken_as_it_is():
    data = frame([("a", 0, "in|out"), ("a", 1, "B"), ("b", 0, "in")])
    assert journey_funnel(data, steps=["in|out", "B"], within="5s").table["n"].tolist() == [1, 1]


def test_events_after_observe_until_are_not_seen():
    data = frame([("a", 0, "A"), ("a", 9, "B")])
    result = journey_funnel(data, steps=["A", "B"], within="20s", observe_until=str(moment(5)))
    assert result.table[["n", "open"]].to_numpy().tolist() == [[1, 0], [0, 1]]


def test_unicode_quotes_and_very_long_names():
    names = ["d'accord", 'Größe "x"', "步骤" * 60]
    rows = [(f"u{u}", k, name) for u in range(60) for k, name in enumerate(names)]
    result = journey_funnel(frame(rows), steps=names, within="5s", observe_until=str(moment(50)))
    assert result.table["n"].tolist() == [60, 60, 60]
    assert result.to_html(stills=False)


def test_without_a_window_who_stopped_counts_as_dropped_out():
    result = journey_funnel(frame([("a", 0, "A"), ("b", 0, "A"), ("b", 9, "B")]), steps=["A", "B"], within=None)
    assert result.table[["n", "dropped", "open"]].to_numpy().tolist() == [[2, 0, 0], [1, 1, 0]]
    assert not next(c for c in result.checks if c.name == "open_windows").passed


def test_nothing_small_leaves_python():
    rows = [(f"u{i}", 0, "A") for i in range(60)] + [(f"u{i}", 1, "B") for i in range(40)]
    data = frame(rows).assign(g=["rare" if unit in ("u0", "u1", "u2") else "usual" for unit, _, _ in rows])
    result = journey_funnel(data, steps=["A", "B"], within="5s", segment="g", observe_until=str(moment(50)))
    assert result.table.set_index(["segment", "step"])["n"]["rare", 2] == 3
    hidden = [row for row in result.to_dict()["tables"]["table"] if row["segment"] == "rare"]
    assert [(row["n"], row["rate"]) for row in hidden] == [(None, None)] * 2
    assert "under 5" in str(result._display()["Steps, rare"].to_numpy().tolist())


def test_a_bare_last_day_is_seen_to_its_local_end():
    """The event of 23:30 in Berlin is 21:30 in UTC; the one after midnight is not seen."""
    times = ["2026-06-01 09:00", "2026-06-01 23:30", "2026-06-02 00:00"]
    data = pd.DataFrame({"unit": ["a", "a", "b"], "event": ["A", "B", "A"], "time": times})
    log = table(data, tz="Europe/Berlin")
    result = journey_funnel(log, steps=["A", "B"], within="1h", observe_until="2026-06-01")
    assert result.table["n"].tolist() == [1, 0]
    assert journey_funnel(log, steps=["A", "B"], within="15h", observe_until="2026-06-01").table["n"].tolist() == [1, 1]


def test_a_moment_that_the_clock_skips_is_understood():
    log = table(frame([("a", 0, "A"), ("a", 1, "B")]), tz="Europe/Berlin")
    result = journey_funnel(log, steps=["A", "B"], within="5s", observe_until="2026-03-29T02:30")
    assert result.table["n"].tolist() == [1, 1]


def test_few_people_are_told_by_their_number_and_fewer_than_five_not_at_all():
    rows = [(f"u{i}", 0, "A") for i in range(10)] + [(f"u{i}", 1, "B") for i in range(5)]
    few = journey_funnel(frame(rows), steps=["A", "B"], within="5s", observe_until=str(moment(50)))
    assert few.headline.startswith("5 of 10 who begin reach “B” (23.7% to 76.3%).")
    one = journey_funnel(frame(rows[:1]), steps=["A", "B"], within="5s", observe_until=str(moment(50)))
    assert one.headline == "1 person began; fewer than 5 have had the whole time yet to reach “B”."
    assert one.figures[0].value == "–"
    assert few.status == "Look here"


def test_a_group_called_all_is_refused():
    data = frame([("a", 0, "A"), ("b", 1, "A"), ("b", 2, "B")]).assign(g=["all", "web", "web"])
    with pytest.raises(DataError, match="Column 'g' has a group called 'all'.*Give the group another name"):
        journey_funnel(data, steps=["A", "B"], within="5s", segment="g")


def test_names_with_quotes_and_semicolons_are_data_not_sql():
    word = "it's; DROP TABLE source;--"
    data = frame([("a", 0, word), ("a", 1, "B")]).rename(columns={"unit": 'the "unit"; x'}).assign(**{"g's": word})
    for order in ("ordered", "any"):
        given = {"unit": 'the "unit"; x', "segment": "g's", "order": order}
        result = journey_funnel(data, steps=[word, "B"], within="5s", **given)
        assert result.table["n"].tolist() == [1, 1, 1, 1]
        assert result.table["segment"].unique().tolist() == ["all", word]


REFUSALS = [
    ({"within": 7}, ParameterError, "`within` is 7; expected a number with a unit"),
    ({"within": "7"}, ParameterError, "such as '7D'"),
    ({"steps": ["A"]}, ParameterError, "expected a list of two to 30"),
    ({"steps": "A,B"}, ParameterError, "expected a list of two to 30"),
    ({"steps": ["A", 3]}, ParameterError, "`steps` holds 3"),
    ({"order": "orderd"}, ParameterError, "Did you mean 'ordered'"),
    ({"ties": "strickt"}, ParameterError, "Did you mean 'strict'"),
    ({"ties": "strict", "tolerance": "2s"}, ParameterError, "goes with ties='step_order'"),
    ({"unit": "units"}, DataError, "no column 'units'. Did you mean 'unit'"),
    ({"segment": "evnt"}, DataError, "Did you mean 'event'"),
    ({"steps": ["carts", "pays"]}, DataError, "None of the events in `steps` occurs"),
    ({"observe_until": "someday"}, ParameterError, "expected a date such as"),
    ({"entry_from": 20260101}, ParameterError, "expected a date such as"),
    ({"entry_from": "2026-01-03", "entry_to": "2026-01-03"}, ParameterError, "Give a later `entry_to`"),
    ({"confidence": 95}, ParameterError, "a fraction from 0.5 to below 1"),
    ({"within": pd.Timedelta("-1D")}, ParameterError, "expected a number with a unit"),
    ({"observe_until": "2020-01-01"}, ParameterError, "before the first event"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "words"), REFUSALS, ids=[str(r[0]) for r in REFUSALS])
def test_refused_in_words(given, kind, words):
    data = frame([("a", 0, "A"), ("a", 1, "B"), ("b", 2, "A")])
    with pytest.raises(kind, match=words.replace("(", r"\(").replace("`", "`")):
        journey_funnel(data, **{"steps": ["A", "B"], "within": "7D", **given})


def test_mixed_times_and_missing_units_are_refused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("unit,event,time\na,A,2026-01-01T10:00:00+01:00\na,B,2026-01-01 11:00\n", encoding="utf-8")
    with pytest.raises(DataError, match="mixes times with and without an offset"):
        journey_funnel(str(path), steps=["A", "B"], within="7D")
    with pytest.raises(DataError, match="1 of 2 rows have no 'unit'"):
        journey_funnel(frame([("a", 0, "A"), (None, 1, "B")]), steps=["A", "B"], within="7D")


def test_too_many_groups_are_refused():
    data = frame([(f"u{i}", 0, "A") for i in range(60)]).assign(g=[f"g{i}" for i in range(60)])
    with pytest.raises(DataError, match="60 groups; expected at most 50"):
        journey_funnel(data, steps=["A", "B"], within="1s", segment="g")


def test_clock_change_does_not_shorten_a_window(tmp_path):
    rows = pd.DataFrame({"unit": ["a", "a"], "event": ["A", "B"], "time": ["2026-03-28 12:00", "2026-03-29 12:30"]})
    counts = [
        journey_funnel(table(rows, tz="Europe/Berlin"), steps=["A", "B"], within=w).table["n"].tolist()
        for w in ("24h", "23h")
    ]
    assert counts == [[1, 1], [1, 0]]


class TestSample:
    """The shop events of data_samples. Counts: retentioneering 5.2.4 and ClickHouse windowFunnel 26.9.2.1."""

    steps = ("cart", "shipping_details", "purchase")

    @pytest.fixture
    def shop(self, root):
        return table(str(root / "data_samples" / "shop_events.csv.gz"), unit="user_id", time="timestamp")

    def test_counts_of_two_other_engines(self, shop):
        assert journey_funnel(shop, steps=list(self.steps), within=None).table["n"].tolist() == [489, 385, 213]
        assert journey_funnel(shop, steps=list(self.steps), within="30min").table["n"].tolist() == [489, 346, 142]

    def test_running_twice_gives_the_same(self, shop):
        one, two = (
            journey_funnel(shop, steps=list(self.steps), within="1D", segment="platform").to_json() for _ in "ab"
        )
        assert one == two


class TestEvaluationData:
    """Golden numbers of the evaluation sets' own description."""

    def test_loan_applications(self, evaluation_data):
        roles = {"unit": "case:concept:name", "event": "concept:name", "time": "time:timestamp"}
        log = table(str(evaluation_data / "bpic2012" / "events.parquet"), **roles)
        steps = ["A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED", "O_SENT", "O_SENT_BACK", "O_ACCEPTED"]
        result = journey_funnel(log, steps=steps, within=None)
        assert result.table["n"].tolist() == [13_087, 7_367, 5_113, 5_015, 5_015, 3_254, 2_243]

    def test_help_desk(self, evaluation_data):
        roles = {"unit": "case:concept:name", "event": "concept:name", "time": "time:timestamp"}
        log = table(str(evaluation_data / "helpdesk" / "events.parquet"), **roles)
        every = "|".join(log.values("event"))
        columns = {"unit": ("unit", "id"), "event": ("event", "text"), "time": ("time", "time")}
        choices = dict.fromkeys(["within", "tolerance", "observe_until", "entry_from", "entry_to"])
        read = read_events(
            log,
            columns=columns,
            steps=[every, "Resolve ticket"],
            choices={**choices, "order": "any", "ties": "step_order"},
        )
        with read.cleaned():
            levels = count_chains(read).reached.set_index("level")["n"]
        assert levels.tolist() == [4_580 - 4_569, 4_569]
        result = journey_funnel(log, steps=["Assign seriousness", "Resolve ticket", "Closed"], within=None)
        assert result.table["n"].iloc[0] >= 4_384


def test_a_million_events_give_the_counts_of_five_engines():
    """Counts: ClickHouse, DuckDB, polars, pandas and numpy agree on this seeded log."""
    rng = np.random.default_rng(20_260_101)
    weights = rng.lognormal(0, 0.8, 50_000)
    unit = rng.choice(50_000, size=1_000_000, p=weights / weights.sum())
    shares = np.array([0.16, 0.12, 0.10, 0.05, 0.02] + [0.55 / 15] * 15)
    name = rng.choice(20, size=1_000_000, p=shares / shares.sum()).astype(np.int8)
    second = rng.integers(0, 60 * 86_400, size=1_000_000)
    coarse = rng.random(1_000_000) < 0.02
    second[coarse] -= second[coarse] % 3_600
    names = np.array(["home", "search", "product", "cart", "purchase", *(f"other_{k:02d}" for k in range(15))])
    data = pd.DataFrame({"unit": unit, "event": names[name], "time": pd.to_datetime(second + 1_767_225_600, unit="s")})
    result = journey_funnel(data, steps=names[:5].tolist(), within="7D")
    assert result.table["n"].tolist() == [41_890, 19_196, 5_762, 1_016, 90]
