"""What changed at a release? By hand, known changes found, placebos told, and what is refused by name."""

import gzip
import json
import re
import runpy

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import cxlab as cx
from cxlab.charts.offline import to_svg
from cxlab.errors import DataError, ParameterError
from cxlab.results import publishable

SAMPLE = {"release": "2026-02-23", "unit": "customer_id", "label": "the new onboarding",
          "observe_until": "2026-06-07"}  # fmt: skip
NORTH = {"comparison": "region", "compared_with": "south"}


@pytest.fixture(scope="module")
def sample(root):
    return cx.effect_of_release(root / "data_samples" / "onboarding_visits.csv", **SAMPLE, **NORTH)


def check(result, name):
    return next(one for one in result.checks if one.name == name)


def visits(counts, *, group="a", first="2026-01-05", prefix=""):
    """Cohorts by week: (n, returned in the next week); starts are spread over the week's first three days."""
    rows = []
    for week, (n, back) in enumerate(counts):
        monday = pd.Timestamp(first) + pd.Timedelta(7 * week, unit="D")
        for k in range(n):
            start = monday + pd.Timedelta(k % 3, unit="D")
            rows.append((f"{prefix}{week}-{k}", start, group))
            if k < back:
                rows.append((f"{prefix}{week}-{k}", start + pd.Timedelta("7D"), group))
    return pd.DataFrame(rows, columns=["unit", "time", "region"])


def ends(counts, first="2026-01-05"):
    """The Sunday on which the last cohort's next week ends."""
    return (pd.Timestamp(first) + pd.Timedelta(7 * (len(counts) + 1) - 1, unit="D")).date().isoformat()


STEP = [(60, 18 + k % 3) for k in range(9)] + [(60, 30 + k % 3) for k in range(9)]
FLAT = [(50, 20 + k % 2) for k in range(18)]
RELEASE = "2026-03-09"  # the tenth Monday


def test_the_sample_is_what_its_script_makes(root):
    script = runpy.run_path(str(root / "data_samples" / "make_onboarding_visits.py"))
    assert (root / "data_samples" / "onboarding_visits.csv").read_text(encoding="utf-8") == script["text"]()


def test_cohorts_and_the_broken_trend_by_hand():
    """The cells are the ones put in, and the jump is that of a binomial regression of statsmodels."""
    result = cx.effect_of_release(visits(STEP), release=RELEASE, observe_until=ends(STEP))
    cohorts = result.tables["cohorts"]
    assert cohorts[["n", "returned"]].to_records(index=False).tolist() == STEP
    assert cohorts["at"].tolist() == list(range(-9, 9))
    at, (n, k) = np.arange(-9, 9.0), np.array(STEP).T
    after = (at >= 0).astype(float)
    x = np.column_stack([np.ones(18), at, after, at * after])
    other = sm.GLM(np.column_stack([k, n - k]), x, family=sm.families.Binomial()).fit()
    row = result.table.iloc[0]
    with_it, without = (1 / (1 + np.exp(-value)) for value in (other.params[0] + other.params[2], other.params[0]))
    assert (row["estimate"], row["control_estimate"]) == pytest.approx((with_it, without))
    assert row["effect"] == pytest.approx(with_it - without)
    assert row[["n", "control_n"]].tolist() == [540, 540]
    assert result.tables["coefficients"]["estimate"].tolist() == pytest.approx(np.exp(other.params[1:]))
    odds = cx.effect_of_release(visits(STEP), release=RELEASE, observe_until=ends(STEP), scale="odds").table.iloc[0]
    assert odds["effect"] == pytest.approx(np.exp(other.params[2]))
    assert result.status == "Up"


def test_against_a_group_by_hand():
    """With equal cohorts the change is the plain difference of differences of shares, and of log odds."""
    treated = [(60, 18)] * 9 + [(60, 30)] * 9
    control = [(60, 24)] * 9 + [(60, 27)] * 9
    frame = pd.concat([visits(treated, prefix="t"), visits(control, group="b", prefix="c")])
    asked = {"release": RELEASE, "observe_until": ends(treated), "comparison": "region", "compared_with": "b"}
    row = cx.effect_of_release(frame, **asked).table.iloc[0]
    assert row["method"] == "against comparison group"
    assert row["effect"] == pytest.approx((0.5 - 0.3) - (0.45 - 0.4), abs=1e-9)
    assert row["estimate"] == pytest.approx(0.5)
    odds = cx.effect_of_release(frame, scale="odds", **asked).table.iloc[0]
    assert odds["effect"] == pytest.approx((30 / 30) / (18 / 42) / ((27 / 33) / (24 / 36)))


def test_what_moves_both_groups_alike_is_taken_out():
    rng = np.random.default_rng(5)
    shock = rng.integers(-9, 10, 18)
    treated = [(90, 30 + s + 9 * (k >= 9)) for k, s in enumerate(shock)]
    control = [(90, 30 + s) for s in shock]
    frame = pd.concat([visits(treated, prefix="t"), visits(control, group="b", prefix="c")])
    asked = {"release": RELEASE, "observe_until": ends(treated)}
    against = cx.effect_of_release(frame, comparison="region", compared_with="b", **asked).table
    assert against.iloc[0]["effect"] == pytest.approx(0.1, abs=0.01)
    width = (against["ci_high"] - against["ci_low"]).tolist()
    assert width[0] < 0.6 * width[1]


def test_the_scales_can_disagree_and_each_says_what_it_is():
    """From 5 to 10 of 100 against from 40 to 46: fewer points more, but more than twice the odds."""
    treated, control = [(100, 5)] * 9 + [(100, 10)] * 9, [(100, 40)] * 9 + [(100, 46)] * 9
    frame = pd.concat([visits(treated, prefix="t"), visits(control, group="b", prefix="c")])
    asked = {"release": RELEASE, "observe_until": ends(treated), "comparison": "region", "compared_with": "b"}
    points, odds = (cx.effect_of_release(frame, scale=scale, **asked) for scale in ("difference", "odds"))
    assert points.table.iloc[0]["effect"] < 0
    assert odds.table.iloc[0]["effect"] > 1
    assert "points" in points.headline
    assert "odds" in odds.headline


def test_a_release_within_a_week_leaves_that_week_out():
    result = cx.effect_of_release(visits(STEP), release="2026-03-11", observe_until=ends(STEP))
    assert "9 Mar 2026, which is left out" in check(result, "cut_period").message
    assert result.tables["cohorts"]["at"].tolist() == [*range(-10, -1), *range(8)]
    whole = cx.effect_of_release(visits(STEP), release=RELEASE, observe_until=ends(STEP))
    assert "cut_period" not in {one.name for one in whole.checks}


def test_what_reaches_everybody_counts_by_when_customers_come_back():
    found = cx.effect_of_release(visits(STEP), release=RELEASE, observe_until=ends(STEP), affects="everybody")
    cohorts = found.tables["cohorts"]
    assert cohorts.loc[cohorts["at"] == 0, "cohort"].tolist() == ["2 Mar 2026"], "starts a week before, returns after"


def test_customers_whose_week_is_not_over_count_in_neither_sum():
    result = cx.effect_of_release(visits(STEP), release=RELEASE, observe_until="2026-05-08")
    assert result.tables["cohorts"]["at"].max() == 7 - 1


def test_the_sample_tells_its_truth(root, sample):
    """Seven points in the north, nothing in the south."""
    row = sample.table.iloc[0]
    assert row["ci_low"] < 0.07 < row["ci_high"]
    assert sample.status == "Up"
    script = runpy.run_path(str(root / "data_samples" / "make_onboarding_visits.py"))
    many = cx.effect_of_release(script["visits"](1500, seed=9), **SAMPLE, **NORTH).table.iloc[0]
    assert many["effect"] == pytest.approx(0.07, abs=0.015)
    assert many["ci_low"] < 0.07 < many["ci_high"]
    assert check(sample, "parallel_trends").passed


def test_trends_that_differ_before_are_told():
    treated, control = [(200, 40 + 4 * k) for k in range(18)], [(200, 70 + k % 2) for k in range(18)]
    frame = pd.concat([visits(treated, prefix="t"), visits(control, group="b", prefix="c")])
    result = cx.effect_of_release(
        frame, release=RELEASE, observe_until=ends(treated), comparison="region", compared_with="b"
    )
    assert result.status == "Up", "what a plain difference of differences would claim"
    assert not check(result, "parallel_trends").passed
    assert "had a trend already" in check(result, "parallel_trends").message


def test_a_jump_before_the_release_is_told_by_a_placebo():
    early = [(120, 30 + k % 2) for k in range(5)] + [(120, 60 + k % 2) for k in range(13)]
    result = cx.effect_of_release(visits(early), release=RELEASE, observe_until=ends(early))
    assert not check(result, "placebo").passed
    assert "9 Feb 2026" in check(result, "placebo").message
    calm = cx.effect_of_release(visits(FLAT), release=RELEASE, observe_until=ends(FLAT))
    assert check(calm, "placebo").passed


def test_neighbours_that_go_together_few_cohorts_and_other_starters_are_told():
    waves = [(200, int(60 + 25 * np.sin(k / 2.0))) for k in range(18)]
    assert not check(cx.effect_of_release(visits(waves), release=RELEASE, observe_until=ends(waves)),
                     "autocorrelation").passed  # fmt: skip
    short = STEP[4:14]
    few = cx.effect_of_release(visits(short), release="2026-02-09", observe_until=ends(short))
    assert not check(few, "few_cohorts").passed
    grown = [(60, 20 + k % 2) for k in range(9)] + [(120, 40 + k % 2) for k in range(9)]
    assert not check(cx.effect_of_release(visits(grown), release=RELEASE, observe_until=ends(grown)),
                     "cohort_sizes").passed  # fmt: skip
    assert not check(few, "something_else").passed


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"release": "soon"}, "expected a date"), ({"age": 0}, "`age` is 0"), ({"scale": "odd"}, "Did you mean 'odds'"),
     ({"affects": "newcomer"}, "Did you mean 'newcomers'"), ({"confidence": 95}, "confidence"),
     ({"compared_with": "b"}, "name its column in `comparison`"),
     ({"comparison": "region"}, "has 1 groups ('a'); expected two"),
     ({"comparison": "region", "compared_with": "c", "_two": True}, "the group without the release: 'a' and 'b'"),
     ({"period": "weak"}, "Did you mean 'week'")],
)  # fmt: skip
def test_settings_that_cannot_be(settings, told):
    frame = visits(FLAT)
    if settings.pop("_two", False):
        frame = pd.concat([frame, visits(FLAT, group="b", prefix="c")])
    with pytest.raises(ParameterError, match=re.escape(told)):
        cx.effect_of_release(frame, **{"release": RELEASE, "observe_until": ends(FLAT)} | settings)


def test_data_that_cannot_be():
    with pytest.raises(DataError, match=r"18 cohorts before the release and 0 after it"):
        cx.effect_of_release(visits(FLAT), release="2027-01-04", observe_until=ends(FLAT))
    nobody = [(50, 20)] * 9 + [(50, 0)] * 9
    with pytest.raises(DataError, match="no finite value"):
        cx.effect_of_release(visits(nobody), release=RELEASE, observe_until=ends(nobody))
    with pytest.raises(DataError, match="Did you mean 'region'"):
        cx.effect_of_release(visits(FLAT), release=RELEASE, comparison="regio", compared_with="a")


def test_one_number_in_sentence_table_and_picture(sample):
    row = sample.table.iloc[0]
    told = f"{100 * row['effect']:+.1f}"
    assert told in sample.headline
    assert told in sample.figures[1].value
    assert told in to_svg(sample.chart("cohorts"))
    assert "Whatever else began with the new onboarding is in it" in sample.headline


def test_small_cohorts_stay_in_python():
    tiny = [(4, 2)] + [(60, 20 + k % 3) for k in range(17)]
    result = cx.effect_of_release(visits(tiny), release=RELEASE, observe_until=ends(tiny))
    assert result.tables["cohorts"]["rate"].iloc[0] == 0.5
    assert publishable(result.tables["cohorts"])["rate"].isna().tolist()[:2] == [True, False]


@pytest.mark.parametrize("width", [680, 340])
@pytest.mark.parametrize("scale", ["difference", "odds"])
def test_pictures_are_drawn(root, width, scale):
    path = root / "data_samples" / "onboarding_visits.csv"
    result = cx.effect_of_release(path, scale=scale, **SAMPLE, **NORTH)
    assert result.pictures == ("cohorts", "leads", "placebo")
    for name in result.pictures:
        assert "<svg" in to_svg(result.chart(name, width=width))


def test_surfaces_tell_the_same(root, sample):
    record = json.loads(json.dumps(sample.to_dict()))
    assert record["tables"]["table"][0]["effect"] == sample.table.iloc[0]["effect"]
    assert sample.headline in sample.to_html().replace("&#x27;", "'")
    assert len(gzip.compress(sample.to_html().encode())) < 400_000
    again = cx.effect_of_release(root / "data_samples" / "onboarding_visits.csv", **record["parameters"])
    assert again.table.equals(sample.table)
