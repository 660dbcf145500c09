"""Do segments differ: in the metric's own size, in percent, and in words?"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from statsmodels.stats.meta_analysis import combine_effects

from cxlab.experiments import ab_test
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Mean, Proportion
from cxlab.experiments.segments import decisive_scale, heterogeneity_table, segment_words, shrunken_table

LEVELS = {"app": 0.02, "shop": 0.10, "web": 0.30}


def shares(lift, shift=0.0, n=10_000):
    """Exact shares, so that nothing hangs on chance: one row per customer."""
    rows = []
    for segment, level in LEVELS.items():
        for variant, share in (("control", level), ("new", level * (1 + lift) + shift)):
            yes = round(share * n)
            rows.append(pd.DataFrame({"variant": variant, "segment": segment, "y": [1] * yes + [0] * (n - yes)}))
    return pd.concat(rows)


def by_scale(found):
    return found.tables["heterogeneity"].set_index("scale")


def test_an_equal_lift_differs_in_points_and_not_in_percent():
    found = ab_test(shares(0.25), metrics=["proportion('y')"], segment="segment")
    table = by_scale(found)
    assert table.loc["absolute", "p_value"] < 0.001
    assert table.loc["relative", "q"] == pytest.approx(0, abs=1e-9)
    assert found.tables["segments"]["shrunken_relative_effect"].tolist() == pytest.approx([0.25] * 3)
    words = segment_words(found.tables["heterogeneity"], Effect("y", "all", "new", 1), 0.05)[1]
    assert words.startswith("The relative effect is the same in every segment as far as can be seen")
    assert words in str(found.chart("segments").to_dict()).replace("', '", " ").replace("\\n", " ")


def test_an_equal_shift_differs_in_percent_and_not_in_points():
    table = by_scale(ab_test(shares(0, 0.02), metrics=["proportion('y')"], segment="segment"))
    assert table.loc["absolute", "q"] == pytest.approx(0, abs=1e-9)
    assert table.loc["relative", "p_value"] < 0.001


def test_both_scales_are_statsmodels():
    """statsmodels 0.15.0 combine_effects on differences and on log ratios of the same shares."""
    data = shares(0.1).sample(9000, random_state=3)
    found = ab_test(data, metrics=["proportion('y')"], segment="segment")
    sums = data.groupby(["segment", "variant"])["y"].agg(["mean", "size"]).unstack()
    one, zero, n1, n0 = (sums[c, v].to_numpy() for c, v in (("mean", "new"), ("mean", "control"), ("size", "new"),
                                                            ("size", "control")))  # fmt: skip
    v1, v0 = one * (1 - one) / n1, zero * (1 - zero) / n0
    for scale, effects, variances in (("absolute", one - zero, v1 + v0),
                                      ("relative", np.log(one / zero), v1 / one**2 + v0 / zero**2)):  # fmt: skip
        known = combine_effects(effects, variances, method_re="chi2")
        assert by_scale(found).loc[scale, "q"] == pytest.approx(known.q, rel=1e-3)
        assert by_scale(found).loc[scale, "p_value"] == pytest.approx(known.test_homogeneity().pvalue, rel=1e-3)


@pytest.mark.parametrize(
    ("options", "scale"),
    [({}, "absolute"), ({"minimum_effect": "5%"}, "relative"), ({"minimum_effect": 0.01, "margin": "5%"}, "absolute"),
     ({"margin": "5%", "role": "guardrail"}, "relative"), ({"margin": 0.01}, "absolute")],
)  # fmt: skip
def test_the_plan_says_beforehand_which_scale_decides(options, scale):
    assert decisive_scale(Proportion("y", **options)) == scale


def test_the_deciding_scale_leads_the_title():
    given = {"segment": "segment", "metrics": ["proportion('y', minimum_effect='5%')"]}
    found = ab_test(shares(0.25), **given)
    assert by_scale(found)["decides"].tolist() == [False, True]
    title = " ".join(found.chart("segments").to_dict()["title"]["text"])
    assert title == "Y: in percent, segments differ no more than chance explains"
    assert "Do segments differ? Y" in found._display()


def test_percent_are_left_out_where_a_level_is_not_clearly_above_zero():
    data = shares(0.25)
    data.loc[(data["segment"] == "app") & (data["variant"] == "control"), "y"] = 0
    found = ab_test(data, metrics=["proportion('y', minimum_effect='5%')"], segment="segment")
    assert by_scale(found).index.tolist() == ["absolute"]
    assert by_scale(found)["decides"].tolist() == [True]
    assert found.tables["segments"]["shrunken_relative_effect"].isna().all()
    assert segment_words(found.tables["heterogeneity"], Effect("y", "all", "new", 1), 0.05)[1] == ""


def test_scores_that_may_be_negative_have_no_percent():
    rng = np.random.default_rng(2)
    data = shares(0).sample(600, random_state=1).assign(score=lambda d: rng.integers(0, 11, len(d)))
    table = ab_test(data, metrics=["nps('score')", "ordinal('score', role='watched')"], segment="segment")
    assert set(table.tables["heterogeneity"]["scale"]) == {"absolute"}


def effects(rng, make, ratio, segments=6):
    """What segments show whose levels differ and whose ratio is the same."""
    for place in range(segments):
        level = 0.05 * 1.5**place
        one, zero = make(rng, level * ratio), make(rng, level)
        se = tuple(np.sqrt([one[1], zero[1]]))
        yield Effect(
            "y", f"s{place}", "new", 1000, one[0], 1000, zero[0], one[0] - zero[0],
            relative_effect=one[0] / zero[0] - 1, se=float(np.hypot(*se)), arm_se=se,
        )  # fmt: skip


def share(rng, level, n=1500):
    p = rng.binomial(n, level) / n
    return p, p * (1 - p) / n


def test_the_relative_test_errs_as_often_as_it_says_and_the_absolute_one_finds_the_levels():
    rng, found = np.random.default_rng(11), []
    for _ in range(250):
        table = heterogeneity_table(list(effects(rng, share, 1.3)), [Proportion("y")]).set_index("scale")
        found.append(table["p_value"])
    wrong = pd.DataFrame(found) < 0.05
    low, high = (binom.ppf(tail, 250, p) / 250 for tail, p in ((0.0005, 0.04), (0.9995, 0.06)))
    assert low <= wrong["relative"].mean() <= high
    assert wrong["absolute"].mean() > 0.5


def test_shrunken_relative_effects_lie_between_their_own_and_each_other():
    table = shrunken_table(list(effects(np.random.default_rng(3), share, 1.2)))
    own, drawn = table["relative_effect"], table["shrunken_relative_effect"]
    assert drawn.between(own.min(), own.max()).all()
    assert drawn.std() <= own.std()


def test_one_segment_has_no_test_and_no_title():
    table = heterogeneity_table(list(effects(np.random.default_rng(3), share, 1.2, segments=1)), [Mean("y")])
    assert table.empty
