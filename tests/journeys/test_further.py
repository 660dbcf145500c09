"""What is asked beside the funnel: it adds up with the steps, equals counting by hand, and is refused in words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from cxlab.data import table
from cxlab.errors import DataError, ParameterError
from cxlab.journeys import journey_funnel
from cxlab.journeys.attempt_rates import attempt_differences, attempt_products, attempt_rates, attempt_sums
from cxlab.journeys.attribution import attribution_check
from cxlab.journeys.correlates import correlate_table
from cxlab.journeys.dropouts import contact_table, path_table, stay_table
from cxlab.journeys.first_starts import cohort_table
from cxlab.journeys.further import count_further
from cxlab.journeys.packed import chains_by_keys
from cxlab.results import publishable
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.odds import cut_odds
from cxlab.stats.proportions import newcombe_difference, wilson_interval
from tests.journeys.logs import STEPS, by_unit, expected, frame, moment, random_units
from tests.journeys.test_engine_chains import read

ABC = ["A", "B", "C"]
ASKED = {"next_events": 2, "contact": ["D", "X"], "contact_within": "3s"}


def ask(rows, *, steps=("A", "B"), within="10s", end=1000, **given):
    data = rows if isinstance(rows, pd.DataFrame) else frame(rows)
    return journey_funnel(data, steps=list(steps), within=within, observe_until=moment(end).isoformat(), **given)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["ordered", "strict", "any"]), st.sampled_from(["2s", "6s", None]))
def test_those_who_stopped_add_up_with_the_steps(seed, order, within):
    result = journey_funnel(frame(random_units(seed, 60, longest=10)), steps=ABC, within=within, order=order, **ASKED)
    after = result.table.set_index("step")
    paths, stays, contacts = (result.tables[name] for name in ("dropped_paths", "after_stopping", "contacts"))
    for step in (1, 2):
        dropped, still = int(after["dropped_here"][step + 1]), int(after["open_here"][step + 1])
        own = paths[paths["step"] == step]
        assert own["n"].sum() == dropped + still == after["n"][step] - after["n"][step + 1]
        assert own.loc[own["path"] == "(open)", "n"].sum() == still
        assert stays.loc[stays["step"] == step, "n"].sum() == dropped
        row = contacts[contacts["step"] == step]
        assert row["n"].sum() + row["open"].sum() == dropped
        assert own["rate"].sum() == pytest.approx(float(dropped > 0))


def stopped(rows, *, window, end):
    """Events after the last step of everybody who stopped, by hand: step, open, time, [(time, name)]."""
    for unit, events in by_unit([row for row in rows if row[1] <= end]).items():
        level, times, still = expected(events, STEPS["distinct"], window=window, end=end)
        if 0 < level < 3:
            later = sorted((t, name) for t, _, name in events if t > times[-1])
            yield unit, level, still, times, later


@pytest.mark.parametrize("seed", range(4))
def test_paths_stays_and_contacts_equal_counting_by_hand(seed):
    rows = random_units(f"after {seed}", 250, longest=10)
    want = {}, {}, {}
    for _, level, still, times, later in stopped(rows, window=4, end=9):
        own = [name for t, name in later if t <= times[0] + 4]
        path = "(open)" if still else " → ".join([*own[:2], "(none)"][:2])
        want[0][level, path] = want[0].get((level, path), 0) + 1
        if not still:
            took = max((t for t, _ in later if t <= times[0] + 4), default=None)
            want[1].setdefault(level, []).append(None if took is None else took - times[-1])
            helped = any(name in "DX" for t, name in later if t <= times[-1] + 2)
            want[2].setdefault(level, []).append(helped if times[-1] + 2 <= 9 else None)
    log = read(rows, STEPS["distinct"], window=4, end=9)
    given = {"within": "4s", "next_events": 2, "contact": ["D", "X"], "contact_within": "2s"}
    with log.cleaned():
        counts = count_further(log, chains_by_keys(log), given)
    frequent = {key: n for key, n in want[0].items() if n >= 5 or key[1] == "(open)"}
    found = {(row.step, row.path): row.n for row in counts["paths"].itertuples()}
    assert {key: n for key, n in found.items() if key[1] != "(other)"} == frequent
    assert sum(found.values()) == sum(want[0].values())
    for step, times in want[1].items():
        own = counts["stays"][counts["stays"]["step"] == step]
        assert own.loc[own["seconds"].isna(), "n"].sum() == times.count(None)
        again = np.repeat(own["seconds"].dropna(), own["n"][own["seconds"].notna()])
        assert sorted(again) == sorted(t for t in times if t is not None)
        row = counts["contacts"].set_index("step").loc[step]
        assert (row["n"], row["contacted"], row["open"]) == (
            sum(h is not None for h in want[2][step]), want[2][step].count(True), want[2][step].count(None)
        )  # fmt: skip


def first_starts(rows, *, window, end):
    """Everybody by the first start, by hand: unit, entered, finished within the window, window over, finish."""
    for unit, events in by_unit([row for row in rows if row[1] <= end]).items():
        level, times, _ = expected(events, STEPS["distinct"], window=window, end=end)
        if level:
            entered = min(t for t, _, name in events if name == "A")
            done = times[-1] if level == 3 else None
            yield unit, entered, done is not None and done <= entered + window, entered + window <= end, done, events


@pytest.mark.parametrize("seed", range(3))
def test_exposures_before_the_start_and_by_the_landmark_equal_counting_by_hand(seed):
    rows = random_units(f"exposed {seed}", 300, longest=10, span=20, letters="AABBCCDXX")
    log = read(rows, STEPS["distinct"], window=6, end=15)
    given = {"within": "6s", "look_back": "3s", "landmark": "2s"}
    with log.cleaned():
        found = count_further(log, chains_by_keys(log), given)["goes_with"]
    people, first = list(first_starts(rows, window=6, end=15)), min(t for _, t, _ in rows)
    before = [
        (d, {n for t, _, n in own if at - 3 <= t < at}) for _, at, d, over, _, own in people if over and at - 3 >= first
    ]
    soon = [
        (done, {n for t, _, n in own if at < t <= at + 2} - {"B", "C"})
        for _, at, done, over, finish, own in people if over and not (finish is not None and finish <= at + 2)
    ]  # fmt: skip
    for kind, exposed in (("event before the start", before), ("event by the landmark", soon)):
        want = {}
        for name in set().union(*(names for _, names in exposed)):
            has = [done for done, names in exposed if name in names]
            rest = [done for done, names in exposed if name not in names]
            want[name] = (len(has), sum(has), len(rest), sum(rest))
        own = found[found["kind"] == kind]
        cells = own[["n", "finished", "control_n", "control_finished"]].itertuples(index=False, name=None)
        assert dict(zip(own["value"], cells, strict=True)) == want


def test_a_person_belongs_to_the_period_of_the_first_start_and_has_one_window_from_there():
    day = 86_400
    rows = [
        ("a", 0, "A"),
        ("a", 5, "B"),
        ("b", 0, "A"),
        ("b", 2 * day, "A"),
        ("b", 2 * day + 5, "B"),
        ("c", 2 * day, "A"),
    ]
    result = ask(rows, trend="day", end=3 * day + 10)
    assert result.tables["trend"][["cohort", "size", "n", "finished", "state"]].to_numpy().tolist() == [
        ["2026-01-01", 2, 2, 1, "complete"], ["2026-01-02", 0, 0, 0, "complete"], ["2026-01-03", 1, 1, 0, "complete"],
    ]  # fmt: skip
    assert "trend_over_cohorts" not in result.tables
    (check,) = [one for one in result.checks if one.name == "trend_periods"]
    assert check.passed and "5 are needed" in check.message


def test_periods_are_those_of_the_local_calendar_and_the_last_ones_say_how_much_is_known():
    utc = ("2026-03-01 22:30", "2026-03-01 23:30", "2026-03-03 10:00", "2026-03-03 21:30", "2026-03-04 08:00")
    times = [f"{time}Z" for time in utc]
    data = pd.DataFrame({"unit": list("abcde"), "event": "A", "time": times})
    log = table(pd.concat([data, data.head(1).assign(event="B", unit="z")]), tz="Europe/Berlin")
    result = journey_funnel(log, steps=["A", "B"], within="12h", trend="day", observe_until="2026-03-04T10:00")
    found = result.tables["trend"][["cohort", "size", "n", "state"]].to_numpy().tolist()
    assert found == [
        ["2026-03-01", 1, 1, "complete"], ["2026-03-02", 1, 1, "complete"], ["2026-03-03", 2, 1, "partial"],
        ["2026-03-04", 1, 0, "unobservable"],
    ]  # fmt: skip


def test_a_week_that_entries_are_cut_in_is_partial():
    rows = [(f"u{k}", 86_400 * k, "A") for k in range(40)]
    result = ask(rows, trend="week", end=86_400 * 45, entry_from="2026-01-07", entry_to="2026-01-28")
    assert result.tables["trend"]["state"].tolist() == ["partial", "complete", "complete", "partial"]


@pytest.fixture(scope="module")
def busy():
    """1,800 people over twelve weeks; who saw help before or is a member finishes more often, and more do each week."""
    rng = np.random.default_rng(5)
    rows, members, ages = [], [], []
    for k in range(1_800):
        week, helped, member = k % 12, rng.random() < 0.3, bool(rng.random() < 0.4)
        start = week * 7 * 86_400 + int(rng.integers(0, 6 * 86_400)) + 4 * 86_400
        own = [("help", start - 3_600)] * helped + [("A", start)]
        own += [("look", start + 60)] * bool(rng.random() < 0.5)
        if rng.random() < 0.15 + 0.015 * week + 0.2 * helped + 0.1 * member:
            own.append(("B", start + 7_200))
        elif rng.random() < 0.3:
            own.append(("ticket", start + 1_000))
        rows += [(f"u{k}", t, name) for name, t in own]
        members += [("yes" if member else "no")] * len(own)
        ages += [int(rng.integers(18, 80))] * len(own)
    return frame(rows).assign(member=members, age=ages)


@pytest.fixture(scope="module")
def asked(busy):
    return ask(
        busy, within="1D", end=100 * 86_400, trend="week", goes_with=["member", "age"], look_back="1D", landmark="1h",
        next_events=2, contact=["ticket"], segment="member",
    )  # fmt: skip


def test_what_goes_with_finishing_is_found_and_what_does_not_is_not(asked):
    rows = asked.tables["goes_with"].set_index("value")
    assert {"help", "yes"} <= set(rows.index[rows["p_adjusted"] < 0.01])
    assert rows.loc["look", "p_adjusted"] > 0.05 and "no" not in rows.index
    assert [value for value in rows.index if "above" in value or "up to" in value] and len(rows) == 8
    row = rows.loc["help"]
    n1, n0 = row["n"], row["control_n"]
    x1, x0 = round(n1 * row["estimate"]), round(n0 * row["control_estimate"])
    assert (row["effect"], row["ci_low"], row["ci_high"]) == pytest.approx(
        [*map(float, newcombe_difference(x1, n1, x0, n0))]
    )
    odds = cut_odds(x1, n1 - x1, x0, n0 - x0)
    assert (row["odds_ratio"], row["odds_low"]) == pytest.approx((np.exp(odds.value), np.exp(odds.ci_low)))
    assert rows["p_adjusted"].to_numpy() == pytest.approx(benjamini_hochberg(rows["p_value"]))


def test_a_trend_is_found_and_said(asked):
    (row,) = asked.tables["trend_over_cohorts"].to_dict("records")
    assert row["ci_low"] > 0 and row["cohorts"] == 12 - (asked.tables["trend"]["state"] != "complete").sum()
    assert (
        asked.chart("trend").to_dict()["title"]["text"][0].startswith("The share that finishes rises from week to week")
    )


def test_contacts_and_ways_tell_the_same_people(asked):
    (contact,) = asked.tables["contacts"].to_dict("records")
    paths = asked.tables["dropped_paths"]
    helped = paths[paths["path"].str.contains("ticket")]["n"].sum()
    assert contact["contacted"] == helped and contact["n"] == asked.table["dropped_here"].iloc[1]
    low, high = wilson_interval(contact["contacted"], contact["n"])
    assert (contact["ci_low"], contact["ci_high"]) == (float(low), float(high))
    (stay,) = asked.tables["after_stopping"].to_dict("records")
    assert stay["median_time"] in (60, 1_000) and stay["time_low"] <= stay["median_time"] <= stay["time_high"]


def test_all_steps_of_all_groups_are_compared_with_the_largest(asked):
    (row,) = asked.tables["step_differences"].to_dict("records")
    (primary,) = asked.tables["comparison"].to_dict("records")
    assert [row[name] for name in ("segment", "effect", "ci_low", "ci_high")] == pytest.approx(
        [primary[name] for name in ("segment", "effect", "ci_low", "ci_high")]
    )
    assert row["p_value"] == pytest.approx(primary["p_value"])


def test_what_was_asked_is_defined_checked_and_shown(asked):
    said = " ".join(asked.semantics)
    for words in (
        "does not show why",
        "in the 1\xa0day before",
        "Benjamini-Hochberg",
        "half a person added",
        "“ticket”",
    ):
        assert words in said
    names = [one.name for one in asked.checks]
    assert names[-4:] == ["trend_periods", "goes_with", "look_back", "contact_seen"]
    assert {"trend", "goes_with", "contacts"} <= set(asked.pictures)
    captions = list(asked._display())
    assert "What goes with finishing" in captions and "Ways of those who stopped" in captions
    assert asked.to_html(stills=False) and asked.to_json()


@pytest.mark.parametrize("width", [680, 340])
@pytest.mark.parametrize("name", ["trend", "goes_with", "contacts"])
def test_pictures_are_drawn_wide_and_narrow(asked, name, width):
    drawn = asked.chart(name, width=width).to_dict()
    assert drawn["description"].endswith("Numbers in the table below.")
    assert len(" ".join(drawn["title"]["text"])) <= 90


def test_partial_periods_are_drawn_hollow(asked):
    drawn = asked.chart("trend").to_dict()
    fills = [layer["mark"].get("fill") for layer in drawn["vconcat"][0]["layer"] if layer["mark"]["type"] == "point"]
    assert "#1B2026" in fills
    assert ("white" in fills) == (asked.tables["trend"]["state"] == "partial").any()


def test_nothing_further_is_told_where_nothing_was_asked(busy):
    plain = ask(busy, within="1D", end=100 * 86_400)
    assert set(plain.tables) == {"destinations", "time_to_convert", "median_time"}
    assert not [one for one in plain.checks if one.name in ("trend_periods", "goes_with")]


def test_an_empty_cell_gets_half_a_person_and_fisher_and_says_so():
    counts = pd.DataFrame([("property", "g", "x", 60, 0, 400, 30)], columns=["kind", "factor", "value", "n", "finished",
                                                                         "control_n", "control_finished"])  # fmt: skip
    (row,) = correlate_table(counts, confidence=0.95).to_dict("records")
    odds = cut_odds(0, 60, 30, 370)
    assert row["half_added"] and (row["odds_low"], row["odds_high"]) == pytest.approx(
        np.exp([odds.ci_low, odds.ci_high])
    )
    assert row["p_value"] == pytest.approx(fisher_exact([[0, 60], [30, 370]]).pvalue)


def test_few_people_are_not_compared_and_that_is_said():
    rows = [(f"u{k}", 0, "A") for k in range(80)] + [(f"u{k}", 1, "B") for k in range(40)]
    data = frame(rows).assign(g=["rare" if int(u[1:]) < 30 else "usual" for u, *_ in rows])
    result = ask(data, goes_with=["g"])
    assert result.tables["goes_with"].empty and "goes_with" not in result.pictures
    check = next(one for one in result.checks if one.name == "goes_with")
    assert (check.passed, check.message[:27]) == (False, "Nothing could be compared. ")


def test_no_way_of_fewer_than_five_is_told_or_can_be_subtracted():
    counts = pd.DataFrame({"step": 1, "path": ["a", "b", "(other)", "(open)"], "n": [20, 6, 3, 2], "people": 29})
    table = path_table(counts, ("A", "B"), confidence=0.95)
    assert table[["path", "n"]].to_numpy().tolist() == [["a", 20], ["(other)", 9], ["(open)", 2]]
    assert table["rate"].tolist()[:2] == pytest.approx([20 / 29, 9 / 29]) and np.isnan(table["rate"].iloc[2])


def test_small_periods_are_hidden_and_cannot_be_subtracted():
    counts = pd.DataFrame({"period": range(3), "cohort": list("abc"), "size": [3, 40, 60], "n": [3, 40, 60],
                           "finished": [1, 9, 20], "state": "complete"})  # fmt: skip
    shown = publishable(cohort_table(counts, confidence=0.95)[0])
    assert shown["n"].isna().tolist() == [True, True, False] and shown["size"].isna().tolist() == [True, True, False]


def test_names_with_quotes_are_data_not_sql():
    word = "it's; DROP"
    data = frame([(f"u{k}", t, name) for k in range(120) for t, name in ((0, word), (4, "A"), (5, "x'y"))])
    data = data.assign(**{"the \"g'": ["l'x" if int(u[1:]) % 2 else "y" for u in data["unit"]]})
    result = ask(
        data,
        goes_with=["the \"g'"],
        look_back="2s",
        landmark="3s",
        exposures=[word, "x'y"],
        next_events=1,
        contact=["x'y"],
        contact_within="5s",
    )
    assert result.tables["contacts"]["contacted"].tolist() == [120]
    assert result.tables["dropped_paths"]["path"].tolist() == ["x'y"]


def test_events_that_never_occur_are_named():
    result = ask([("a", 0, "A"), ("b", 0, "help")], contact=["helpp"], look_back="1s", exposures=["hel"])
    said = {one.name: one.message for one in result.checks}
    assert said["contact_seen"] == "Never seen in the data: “helpp” (did you mean 'help'?)."
    assert said["exposures_seen"].startswith("Never seen")


REFUSALS = [
    ({"trend": "year"}, ParameterError, "`trend` is 'year'"),
    ({"trend": "week", "within": None}, ParameterError, "had the same time to finish, and `within` is None"),
    ({"goes_with": ["member"], "within": None}, ParameterError, "`goes_with` compares starts"),
    ({"goes_with": "member"}, ParameterError, "expected a list of names, such as"),
    ({"goes_with": ["membr"]}, DataError, "Did you mean 'member'"),
    ({"look_back": "0s"}, ParameterError, "expected a time longer than none"),
    ({"landmark": "2D"}, ParameterError, "no time to finish is left"),
    ({"exposures": ["help"]}, ParameterError, "names events, but not when they count"),
    ({"next_events": 9}, ParameterError, "expected a whole number from 1 to 5"),
    ({"contact": [3]}, ParameterError, "`contact` is"),
]


@pytest.mark.parametrize(("given", "kind", "words"), REFUSALS, ids=[str(r[0]) for r in REFUSALS])
def test_refused_in_words(given, kind, words):
    data = frame([("a", 0, "A"), ("b", 0, "A")]).assign(member="yes")
    with pytest.raises(kind, match=words):
        ask(data, **given)


@pytest.mark.parametrize(("at", "passed"), [("first", True), (1, True), ("last", False), (2, False)])
def test_groups_that_are_decided_after_the_start_are_said(at, passed):
    check = attribution_check(at, "channel", steps=3)
    assert check.passed is passed and "channel" in check.message


@pytest.mark.parametrize("at", ["next", 0, 4, True, None])
def test_a_moment_that_is_none_is_refused(at):
    with pytest.raises(ParameterError, match="`segment_at` is"):
        attribution_check(at, "channel", steps=3)


@pytest.fixture(scope="module")
def attempts():
    rng = np.random.default_rng(8)
    rows = []
    for k in range(150):
        for group in ("x", "y")[: 1 + k % 2]:
            m = int(rng.integers(1, 6))
            reached = int(rng.binomial(m, 0.5))
            rows.append((k, group, m, reached, int(rng.binomial(reached, 0.4))))
    return pd.DataFrame(rows, columns=["u", "segment", "r1", "r2", "r3"])


def test_sums_of_attempts_are_those_of_people(attempts):
    log = table(attempts)
    found = attempt_sums(log.query, log.relation, steps=3).set_index(["segment", "step"])
    whole = attempts.groupby("u")[["r1", "r2", "r3"]].sum()
    for name, rows in (("all", whole), *attempts.groupby("segment")):
        for step in (1, 2, 3):
            m, y = rows["r1"], rows[f"r{step}"]
            want = [len(rows), m.sum(), y.sum(), (m**2).sum(), (y**2).sum(), (m * y).sum()]
            columns = ["n", "attempts", "reached", "attempts_squares", "reached_squares", "products"]
            assert found.loc[(name, step), columns].tolist() == want


def test_rates_of_attempts_are_wider_than_of_independent_ones_and_differences_know_who_is_in_both(attempts):
    log = table(attempts)
    rates = attempt_rates(attempt_sums(log.query, log.relation, steps=3), confidence=0.95)
    low, high = wilson_interval(rates["reached"], rates["attempts"])
    assert (rates["ci_low"] <= low + 1e-12).all() and (rates["ci_high"] >= high - 1e-12).all()
    products = attempt_products(log.query, log.relation, control="x", steps=3)
    joined = attempts.pivot(index="u", columns="segment").dropna()
    row = products[products["step"] == 2].iloc[0]
    assert (row["rr"], row["people"]) == ((joined["r2"]["x"] * joined["r2"]["y"]).sum(), len(joined))
    found = attempt_differences(rates, products, control="x", confidence=0.95)
    alone = attempt_differences(rates, products.head(0), control="x", confidence=0.95)
    assert found["step"].tolist() == [2, 3] and found["effect"].tolist() == alone["effect"].tolist()
    assert (found["ci_low"] != alone["ci_low"]).all()


def test_attempts_in_one_group_need_no_other(attempts):
    one = attempts[attempts["segment"] == "x"].assign(segment="all")
    log = table(one)
    assert attempt_sums(log.query, log.relation, steps=3)["segment"].unique().tolist() == ["all"]


def test_the_window_of_a_first_start_does_not_move_with_a_later_one():
    rows = [("a", 0, "A"), ("a", 8, "A"), ("a", 15, "B")]
    result = ask(rows, trend="day")
    assert result.table["n"].tolist() == [1, 1]
    assert result.tables["trend"]["finished"].tolist() == [0]


def test_where_people_have_several_chains_they_count_once_from_the_start_and_intervals_know_it():
    rows = [(f"u{k}", t, name) for k in range(40) for t, name in ((0, "A"), (3, "X"), (20, "A"), (23, "X"))]
    log = read(rows, STEPS["distinct"], window=5, end=60)
    given = {
        "within": "5s",
        "trend": "day",
        "look_back": "1s",
        "next_events": 1,
        "contact": ["X"],
        "contact_within": "9s",
    }
    with log.cleaned():
        one = log.table.query(f"SELECT * FROM {chains_by_keys(log)}")
        log.table.engine.register("visits", pd.concat([one, one]).assign(person=lambda frame: frame["u"]))
        visits = log.make("visits", "SELECT * FROM visits")
        keyed = replace(log, events=f"(SELECT *, u AS person FROM {log.events})")
        counts = count_further(keyed, visits, given)
    assert counts["trend"]["size"].tolist() == [40]
    assert counts["contacts"][["n", "contacted", "people"]].to_numpy().tolist() == [[80, 80, 40]]
    assert counts["paths"][["n", "people"]].to_numpy().tolist() == [[80, 40]]
    table = contact_table(counts["contacts"], ("A",), confidence=0.95)
    assert table["ci_low"].item() == wilson_interval(40, 40)[0]
    stays = stay_table(counts["stays"], ("A",), confidence=0.95)
    assert stays["median_time"].item() == 3 and np.isnan(stays["time_low"].item())
