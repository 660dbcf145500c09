"""Survey scores: definitions, bad input, groups, waves, privacy and words."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.stats.multiplicity import holm
from cxlab.stats.ordinal import nps_difference, nps_interval

SEED = 11


def answered(detractors: int, passives: int, promoters: int, **more) -> pd.DataFrame:
    """Recommendation answers with these counts."""
    return pd.DataFrame({"score": [3] * detractors + [8] * passives + [10] * promoters} | more)


def check(result, name: str):
    return next(one for one in result.checks if one.name == name)


# By definition, computed by hand: 0 and 6 detractors, 7 and 8 passives, 9 and 10 promoters.
def test_the_classes_of_nps_and_what_is_missing_or_invalid() -> None:
    row = cx.survey_scores(pd.DataFrame({"score": [0, 6, 7, 8, 9, 10, None, 11]})).table.iloc[0]
    assert (row["value"], row["n"], row["missing"], row["invalid"]) == (0.0, 6, 1, 1)
    assert (row["detractors"], row["passives"], row["promoters"]) == (2, 2, 2)


# brendan-r/NPS 2.0.999 run in R 4.2.2, in points.
@pytest.mark.parametrize(
    ("counts", "limits"),
    [((10, 15, 25), (7.29949096918027, 49.3042826157254)), ((2, 3, 5), (-21.6592360112463, 67.5277864933014))],
)
def test_nps_is_in_points_with_the_limits_of_r(counts, limits) -> None:
    row = cx.survey_scores(answered(*counts)).table.iloc[0]
    assert row["value"] == pytest.approx(30)
    assert np.allclose(row[["ci_low", "ci_high"]].astype(float), limits, rtol=1e-5)


# R 4.2.2 prop.test(correct = FALSE), 81 of 263.
def test_csat_is_the_top_two_boxes_with_wilson() -> None:
    row = cx.survey_scores(pd.DataFrame({"score": [5] * 40 + [4] * 41 + [3] * 182}), kind="csat").table.iloc[0]
    assert row["value"] == pytest.approx(81 / 263)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.255288519878274, 0.3662095769828), rel=1e-9)


# By definition, computed by hand: one experience scored by two instruments.
def test_effort_scores_have_their_own_direction() -> None:
    first = cx.survey_scores(pd.DataFrame({"score": [1, 2, 1, 5]}), kind="ces1")
    second = cx.survey_scores(pd.DataFrame({"score": [7, 6, 7, 2]}), kind="ces2")
    assert (first.table["value"][0], first.table["share"][0]) == (2.25, 0.75)
    assert (second.table["value"][0], second.table["share"][0]) == (5.5, 0.75)
    assert (first.instrument.direction, second.instrument.direction) == ("low is good", "high is good")
    assert "low is good" in " ".join(first.semantics)


def test_the_first_table_has_the_columns_of_the_contract() -> None:
    plain = cx.survey_scores(answered(1, 2, 3)).table
    waved = cx.survey_scores(answered(1, 2, 3, w=["a"] * 6), wave="w").table
    assert list(plain)[:7] == ["segment", "n", "missing", "invalid", "value", "ci_low", "ci_high"]
    assert list(waved)[:8] == ["segment", "wave", "n", "missing", "invalid", "value", "ci_low", "ci_high"]


# --- what is left out is said -------------------------------------------------------------------------------------


def test_codes_for_no_answer_are_left_out_and_said() -> None:
    result = cx.survey_scores(pd.DataFrame({"score": [10] * 30 + [99] * 3 + [-1] * 2 + [None]}))
    row = result.table.iloc[0]
    assert (row["n"], row["missing"], row["codes"], row["value"]) == (30, 6, 5, 100)
    found = check(result, "sentinel_codes")
    assert (found.passed, found.severity) == (False, "warning")
    assert "99 (3 times)" in found.message
    assert "−1 (2 times)" in found.message


def test_own_codes_replace_the_usual_ones_and_a_real_answer_among_them_is_doubted() -> None:
    data = pd.DataFrame({"score": [10] * 30 + [0] * 5 + [99]})
    own = cx.survey_scores(data, sentinels=[0])
    assert (own.table["codes"][0], own.table["invalid"][0]) == (5, 1)
    assert "0 can be a real answer" in check(own, "sentinel_codes").message
    none = cx.survey_scores(data, sentinels=[])
    assert (none.table["codes"][0], none.table["invalid"][0], none.table["detractors"][0]) == (0, 1, 5)


def test_halves_are_invalid_not_detractors() -> None:
    result = cx.survey_scores(pd.DataFrame({"score": [10] * 20 + [6.5, 8.5]}))
    assert (result.table["n"][0], result.table["invalid"][0], result.table["value"][0]) == (20, 2, 100)
    assert "between 6.50 and 8.50" in check(result, "invalid_answers").message


def test_many_missing_answers_are_told() -> None:
    few = cx.survey_scores(pd.DataFrame({"score": [9] * 9 + [None]}))
    many = cx.survey_scores(pd.DataFrame({"score": [9] * 7 + [None] * 3}))
    assert check(few, "missing_answers").passed
    assert not check(many, "missing_answers").passed
    assert "3 of 10 rows (30.0%)" in check(many, "missing_answers").message


def test_answers_of_a_shorter_scale_are_doubted() -> None:
    short = cx.survey_scores(pd.DataFrame({"score": [1, 2, 3, 4, 5, 5] * 6}))
    assert not check(short, "scale_used").passed
    assert check(cx.survey_scores(answered(12, 12, 12)), "scale_used").passed


# --- bad input ----------------------------------------------------------------------------------------------------


def test_a_scale_to_100_is_not_nps() -> None:
    scores = pd.DataFrame({"score": range(101)})
    with pytest.raises(
        cx.DataError, match=r"of 101 answers are not whole numbers from 0 to 10: all lie between 0 and 100"
    ):
        cx.survey_scores(scores)


@pytest.mark.parametrize(
    ("kind", "answers", "hint"),
    [
        ("csat", [0, 3, 9, 10, 8], "Name kind='nps' for “would you recommend us"),
        ("csat", [1, 3, 6, 7, 6], "Name kind='ces2' for ease, or kind='csat' and scale='1-7' for satisfaction"),
        ("ces2", [1, 3, 9, 10, 9], "Name kind='nps' .*, or kind='csat' and scale='1-10' for satisfaction"),
        ("nps", [1.5, 6.5, 9.5], "all lie between 1.50 and 9.50.*Name the column of the answers in score"),
    ],
)
def test_a_scale_that_does_not_fit_is_never_guessed_but_hinted_at(kind, answers, hint) -> None:
    with pytest.raises(cx.DataError, match=hint):
        cx.survey_scores(pd.DataFrame({"score": answers * 20}), kind=kind)


def test_text_answers_are_refused_with_row_and_value() -> None:
    with pytest.raises(cx.DataError, match=r"'score' has 'very likely' in row 2 .*expected a number"):
        cx.survey_scores(pd.DataFrame({"score": ["9", "very likely", "very likely"]}))


def test_numbers_in_text_are_read() -> None:
    assert cx.survey_scores(pd.DataFrame({"score": ["10", " 9 ", "", "99"]})).table["n"][0] == 2


@pytest.mark.parametrize("scores", [[None, None], [99, 99, None]])
def test_no_valid_answer_is_an_error_that_counts(scores) -> None:
    with pytest.raises(cx.DataError, match=r"No row of 'score' holds a valid answer.*are empty.*hold a code"):
        cx.survey_scores(pd.DataFrame({"score": pd.Series(scores, dtype=float)}))


def test_an_empty_table_is_an_error() -> None:
    with pytest.raises(cx.DataError, match="no rows"):
        cx.survey_scores(pd.DataFrame({"score": pd.Series([], dtype=float)}))


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(cx.DataError, match=r"no column 'scor'.*'score'"):
        cx.survey_scores(answered(1, 1, 1), score="scor")


def test_one_answer_gives_a_wide_interval_that_no_page_shows() -> None:
    result = cx.survey_scores(answered(0, 0, 1))
    assert result.table["value"][0] == 100
    assert result.table["ci_low"][0] < 0
    assert result.status == "Too few"
    assert result.to_dict()["tables"]["table"][0]["n"] is None
    assert result.pictures == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "npss"}, "Did you mean 'nps'"),
        ({"scale": "1-5"}, "NPS is asked on 0 to 10"),
        ({"kind": "csat", "scale": "0-100"}, "expected 3 to 11 answers"),
        ({"kind": "csat", "satisfied_from": 2}, "upper half of 1 to 5"),
        ({"satisfied_from": 9}, "belongs to kind='csat'"),
        ({"confidence": 95}, "fraction between 0 and 1"),
        ({"sentinels": ["NA"]}, "missing="),
        ({"wave": "mont"}, "Did you mean 'month'"),
        ({"wave": "month"}, "`time` names no column"),
    ],
)
def test_wrong_parameters_are_refused_in_words(wrong, message) -> None:
    with pytest.raises(cx.ParameterError, match=message):
        cx.survey_scores(answered(1, 1, 1), **wrong)


def test_scales_are_never_pooled() -> None:
    data = pd.DataFrame({"score": [5, 4, 7, 6], "scale": ["1-5", "1-5", "1-7", "1-7"]})
    with pytest.raises(cx.DataError, match=r"2 scales \(2 on 1-5, 2 on 1-7\).*never pooled"):
        cx.survey_scores(data, kind="csat", scale="scale")
    one = cx.survey_scores(data[data["scale"] == "1-7"], kind="csat", scale="scale")
    assert (one.instrument.low, one.instrument.high, one.table["value"][0]) == (1, 7, 1.0)


@pytest.mark.parametrize(
    ("scale", "satisfied_from", "value"),
    [("1-5", None, 0.0), ("1-7", None, 0.0), ("1-10", 8, 0.4), ("1-10", None, 0.2)],
)
def test_the_boxes_of_csat_follow_the_scale(scale, satisfied_from, value) -> None:
    answers = {"1-5": [1, 2, 3, 3, 3], "1-7": [5, 5, 1, 2, 3], "1-10": [9, 8, 7, 1, 2]}[scale]
    found = cx.survey_scores(pd.DataFrame({"score": answers}), kind="csat", scale=scale, satisfied_from=satisfied_from)
    assert found.table["value"][0] == pytest.approx(value)


# --- groups -------------------------------------------------------------------------------------------------------


def grouped() -> pd.DataFrame:
    parts = {"web": (60, 80, 160), "phone": (120, 80, 60), "app": (40, 60, 100)}
    return pd.concat([answered(*counts, channel=name) for name, counts in parts.items()], ignore_index=True)


def test_each_group_is_compared_with_the_others() -> None:
    result = cx.survey_scores(grouped(), segment="channel")
    rows = result.comparison.set_index("segment")
    assert list(result.table["segment"]) == ["all", "web", "phone", "app"]
    effect, low, high, p = nps_difference([120, 80, 60], [100, 140, 260])
    assert rows.loc["phone", "effect"] == pytest.approx(100 * float(effect))
    assert np.allclose(rows.loc["phone", ["ci_low", "ci_high"]].astype(float), (100 * low, 100 * high))
    assert rows.loc["phone", "p_value"] == pytest.approx(float(p))
    assert np.allclose(rows["p_adjusted"], holm(rows["p_value"]))
    assert rows.loc["phone", "reading"] == "worse"
    assert result.status == "Look here"
    assert "“phone” is 55\xa0points lower than the others" in result.headline


def test_two_groups_are_compared_once() -> None:
    data = grouped()
    result = cx.survey_scores(data[data["channel"] != "app"], segment="channel")
    assert list(zip(result.comparison["segment"], result.comparison["control"], strict=True)) == [("web", "phone")]


def test_low_effort_is_read_as_better() -> None:
    data = pd.DataFrame({"score": [1, 2] * 40 + [4, 5] * 40, "channel": ["web"] * 80 + ["phone"] * 80})
    rows = cx.survey_scores(data, kind="ces1", segment="channel").comparison.set_index("segment")
    assert rows["effect"].iloc[0] * (1 if rows.index[0] == "phone" else -1) > 0
    assert rows["reading"].iloc[0] == ("worse" if rows.index[0] == "phone" else "better")


def test_equal_groups_are_undecided() -> None:
    data = pd.concat([answered(30, 30, 40, channel=name) for name in ("a", "b")], ignore_index=True)
    result = cx.survey_scores(data, segment="channel")
    assert result.comparison["effect"].tolist() == [0]
    assert result.comparison["reading"].tolist() == ["undecided"]
    assert result.status == "Undecided"


def test_few_answers_are_not_read() -> None:
    data = pd.concat([answered(0, 0, 15, channel="a"), answered(30, 0, 0, channel="b")], ignore_index=True)
    assert cx.survey_scores(data, segment="channel").comparison["reading"].tolist() == ["too few"]


def test_rows_without_a_group_stand_apart() -> None:
    data = grouped().assign(channel=lambda frame: frame["channel"].where(frame.index % 10 > 0))
    result = cx.survey_scores(data, segment="channel")
    assert result.table["segment"].iloc[-1] == "(not given)"
    assert "(not given)" not in set(result.comparison["segment"])
    assert "76 rows have no 'channel'" in check(result, "missing_segment").message
    assert not check(result, "missing_segment").passed


def test_a_group_named_all_and_too_many_groups_are_refused() -> None:
    with pytest.raises(cx.DataError, match="has a group 'all'"):
        cx.survey_scores(answered(5, 5, 5, g=["all"] * 15), segment="g")
    with pytest.raises(cx.DataError, match="makes 60 groups; at most 50"):
        cx.survey_scores(answered(20, 20, 20, g=[f"g{i}" for i in range(60)]), segment="g")


@given(st.lists(st.tuples(st.sampled_from([0, 6, 7, 9, 10, 99, None]), st.sampled_from("ab")), min_size=8, max_size=30))
@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_every_row_is_counted_once_and_order_is_irrelevant(rows) -> None:
    data = pd.DataFrame(rows + [(9, "a"), (3, "b"), (11, "b"), (2, "b")] * 4 + [(1, "a")] * 8, columns=["score", "g"])
    first = cx.survey_scores(data, segment="g").table
    again = cx.survey_scores(data.iloc[::-1], segment="g").table
    pd.testing.assert_frame_equal(first, again)
    counted = first[["n", "missing", "invalid"]].sum(axis=1)
    assert counted.iloc[0] == len(data) == counted.iloc[1:].sum()


# --- repeated customers -------------------------------------------------------------------------------------------


def test_a_doubled_table_is_no_surer_when_customers_are_named() -> None:
    once = answered(80, 60, 160, who=range(300))
    twice = pd.concat([once, once], ignore_index=True)
    plain, named, blind = (
        cx.survey_scores(data, unit=unit).table.iloc[0] for data, unit in ((once, None), (twice, "who"), (twice, None))
    )
    width = [row["ci_high"] - row["ci_low"] for row in (plain, named, blind)]
    assert named["respondents"] == 300
    assert width[1] == pytest.approx(width[0], rel=0.01)
    assert width[2] < 0.75 * width[0]


def test_answers_without_a_customer_count_singly() -> None:
    data = answered(20, 20, 40, who=[None] * 40 + list(range(40)))
    result = cx.survey_scores(data, unit="who")
    assert (result.table["n"][0], result.table["respondents"][0]) == (80, 80)
    assert "40 answers bear no customer" in check(result, "repeated_customers").message


def test_the_same_customers_in_two_waves_make_a_change_surer() -> None:
    rng = np.random.default_rng(SEED)
    level = rng.integers(2, 11, 200)
    later = np.clip(level + rng.integers(0, 2, 200), 0, 10)
    data = pd.DataFrame({"score": [*level, *later], "w": ["1"] * 200 + ["2"] * 200, "who": [*range(200)] * 2})
    paired, apart = (cx.survey_scores(data, wave="w", unit=unit).change.iloc[0] for unit in ("who", None))
    assert paired["effect"] == apart["effect"]
    assert paired["ci_high"] - paired["ci_low"] < 0.7 * (apart["ci_high"] - apart["ci_low"])


def test_customers_in_both_groups_are_taken_into_account() -> None:
    rng = np.random.default_rng(SEED)
    level = rng.integers(2, 11, 300)
    data = pd.DataFrame({"score": [*level, *level], "g": ["a"] * 300 + ["b"] * 300, "who": [*range(300)] * 2})
    row = cx.survey_scores(data, segment="g", unit="who").comparison.iloc[0]
    blind = cx.survey_scores(data, segment="g").comparison.iloc[0]
    assert row["effect"] == pytest.approx(0, abs=1e-9)
    assert row["ci_high"] - row["ci_low"] < 0.5 * (blind["ci_high"] - blind["ci_low"])


# --- waves --------------------------------------------------------------------------------------------------------


def monthly(last: str) -> pd.DataFrame:
    days = pd.date_range("2026-01-01", last, freq="6h")
    return pd.DataFrame({"score": [10 if d.month < 3 else 6 for d in days], "at": days})


def test_periods_follow_the_clock_of_the_table() -> None:
    data = pd.DataFrame({"score": [10, 0], "at": ["2026-01-31T23:30:00Z", "2026-01-31T22:30:00Z"]})
    table = cx.survey_scores(cx.table(data, tz="Europe/Berlin"), wave="month", time="at").table
    assert table["wave"].tolist() == ["2026-01-01", "2026-02-01"]
    assert table["value"].tolist() == [-100, 100]


def test_the_change_is_between_the_last_two_whole_periods() -> None:
    result = cx.survey_scores(monthly("2026-03-31 23:00"), wave="month", time="at")
    row = result.change.iloc[0]
    assert (row["control"], row["effect"], row["reading"]) == ("Feb 2026", -200, "worse")
    assert result.status == "Down"
    assert "in Mar 2026" in result.headline


def test_a_period_that_is_not_over_is_not_told() -> None:
    result = cx.survey_scores(monthly("2026-03-12"), wave="month", time="at")
    assert "in Feb 2026" in result.headline
    assert result.change["control"].tolist() == ["Jan 2026"]
    assert "told for Feb 2026" in check(result, "partial_wave").message
    assert result.table["wave"].iloc[-1] == "2026-03-01"


def test_a_single_period_that_is_not_over_is_a_warning() -> None:
    result = cx.survey_scores(monthly("2026-01-12"), wave="month", time="at")
    assert "in Jan 2026" in result.headline
    assert check(result, "partial_wave").severity == "warning"
    assert check(cx.survey_scores(monthly("2026-02-28 23:00"), wave="month", time="at"), "partial_wave").passed


def test_wave_2_comes_before_wave_10() -> None:
    data = pd.concat([answered(10, 10, 30, w=f"wave {i}") for i in (10, 9, 2)], ignore_index=True)
    assert cx.survey_scores(data, wave="w").table["wave"].tolist() == ["wave 2", "wave 9", "wave 10"]


def test_a_column_of_a_periods_name_comes_first() -> None:
    data = answered(10, 10, 10, week=["a"] * 15 + ["b"] * 15)
    assert cx.survey_scores(data, wave="week").table["wave"].tolist() == ["a", "b"]


def test_rows_without_a_wave_are_refused() -> None:
    with pytest.raises(cx.DataError, match="3 of 9 rows have no 'w'"):
        cx.survey_scores(answered(3, 3, 3, w=["a"] * 6 + [None] * 3), wave="w")


# --- privacy ------------------------------------------------------------------------------------------------------


def secret() -> pd.DataFrame:
    parts = {"web": (60, 80, 160), "phone": (20, 20, 20), "store": (2, 0, 1)}
    return pd.concat([answered(*counts, channel=name) for name, counts in parts.items()], ignore_index=True)


def test_a_small_group_and_its_complement_are_hidden_everywhere() -> None:
    result = cx.survey_scores(secret(), segment="channel")
    told = result.to_dict()["tables"]
    hidden = {row["segment"] for row in told["table"] if row["n"] is None}
    assert hidden == {"store", "phone"}
    assert {row["segment"] for row in told["comparison"]} == {"web"}
    assert {row["segment"] for row in told["distribution"] if row["n"] is None} == hidden
    drawn = [json.dumps(result.chart(name, width=w).to_dict()) for name in result.pictures for w in (680, 340)]
    assert not any("-33" in text for text in drawn)
    shown = result._display()["Scores, with 95% intervals"].set_index("Group")
    assert shown.loc["store", "NPS"] == "–"
    assert result.table.set_index("segment").loc["store", "n"] == 3


def test_a_group_of_one_busy_customer_is_small() -> None:
    data = pd.concat(
        [
            answered(40, 40, 40, channel="web", who=[f"w{i}" for i in range(120)]),
            answered(5, 5, 5, channel="app", who=[f"a{i}" for i in range(15)]),
            answered(5, 5, 5, channel="store", who="s1"),
        ],
        ignore_index=True,
    )
    told = cx.survey_scores(data, segment="channel", unit="who").to_dict()["tables"]["table"]
    assert next(row for row in told if row["segment"] == "store")["n"] is None


# --- words and surfaces -------------------------------------------------------------------------------------------

BANNED = ("significan", "no difference", "no effect", "trending", "p < ", "caused")


ASKED = [{}, {"segment": "g"}, {"wave": "w"}, {"segment": "g", "wave": "w", "unit": "who"}]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        *(("nps", more) for more in ASKED),
        ("csat", ASKED[3]),
        ("ces1", ASKED[0]),
        ("ces1", ASKED[3]),
        ("ces2", ASKED[2]),
    ],
)
def test_sentence_table_and_page_agree(kind, more) -> None:
    rng = np.random.default_rng(SEED)
    top = {"nps": 11, "csat": 6, "ces1": 6, "ces2": 8}[kind]
    data = pd.DataFrame(
        {
            "score": rng.integers(0 if kind == "nps" else 1, top, 400),
            "g": rng.choice(["a", "b", "c"], 400),
            "w": rng.choice(["1", "2"], 400),
            "who": rng.integers(0, 250, 400),
        }
    )
    result = cx.survey_scores(data, kind=kind, **more)
    row = result.table[result.table["segment"] == "all"].iloc[-1]
    one = result.instrument
    assert f"{one.write(row['value'])}" in result.headline
    assert f"({one.write(row['ci_low'])} to {one.write(row['ci_high'])})" in result.headline
    page = result.to_html(stills=False)
    assert one.write_exact(row["value"]) in page
    assert not any(word in page.casefold() for word in BANNED)
    assert result.figures
    json.loads(result.to_json())


def test_the_parameters_reproduce_the_result() -> None:
    first = cx.survey_scores(grouped(), segment="channel", sentinels=[99], confidence=0.9)
    again = cx.survey_scores(grouped(), **json.loads(first.to_json())["parameters"])
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.to_json() == again.to_json()


def test_roles_name_columns() -> None:
    table = cx.table(answered(5, 5, 20).rename(columns={"score": "Q1"}), score="Q1")
    assert cx.survey_scores(table).table["value"][0] == 50


def test_the_level_is_one_everywhere() -> None:
    result = cx.survey_scores(answered(10, 15, 25), confidence=0.8)
    low, high = (100 * float(v) for v in nps_interval([10, 15, 25], confidence=0.8)[1:])
    assert (result.table["ci_low"][0], result.table["ci_high"][0]) == pytest.approx((low, high))
    assert "80%" in " ".join(result.semantics)
    assert "Scores, with 80% intervals" in result._display()


def test_a_reversed_frame_is_read() -> None:
    data = answered(10, 15, 25)
    assert cx.survey_scores(data.iloc[::-1]).table["value"][0] == 30
