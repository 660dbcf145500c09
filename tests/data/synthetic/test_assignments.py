"""Every planted effect is in the data, and so is every planted fault of an experiment."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc

from cxlab.data.synthetic import outcomes
from tests.data.synthetic.estimates import share_error, slope, z


def part_of(company, name: str) -> pd.DataFrame:
    return company["assignments"][company["assignments"]["experiment"] == name]


def difference(part: pd.DataFrame, column: str) -> tuple[float, float]:
    """Treatment less control, and the error of that."""
    arms = part.groupby("variant")[column].agg(["mean", "var", "size"])
    arms["error"] = arms["var"] / arms["size"]
    return arms["mean"]["treatment"] - arms["mean"]["control"], float(np.sqrt(arms["error"].sum()))


@pytest.mark.parametrize("name", ["aa_check", "checkout_button", "upsell_banner"])
def test_plain_effects(company, name: str) -> None:
    found, error = difference(part_of(company, name), "converted")
    assert z(found, company.truth["experiments"][name]["effect"], error) < 4


def test_the_button_changes_how_many_order_and_nothing_else(company) -> None:
    law, part = company.truth["experiments"]["checkout_button"], part_of(company, "checkout_button")
    found, error = difference(part, "revenue")
    assert z(found, law["effect_on_revenue"], error) < 4
    for column, share in (("satisfied", law["satisfied_share"]), ("revenue_before", None)):
        found, error = difference(part, column)
        assert z(found, 0.0, error) < 4
        assert share is None or z(part[column].mean(), share, share_error(share, part[column].count())) < 4
    assert z(part["returned"].sum() / part["items"].sum(), law["returned_share"],
             share_error(law["returned_share"], part["items"].sum())) < 4  # fmt: skip
    assert ((part["orders"] > 0) == (part["converted"] == 1)).all()
    assert np.corrcoef(part["revenue"], part["revenue_before"])[0, 1] > 0.25


def test_habits_have_mean_one_whether_or_not_people_ordered(company) -> None:
    """Four times a Beta(0.5, 1.5): mean 1, second moment 2, third moment 5, whatever was planted into the arms."""
    law, rng = company.truth["experiments"]["checkout_button"], np.random.default_rng(20_260_209)
    share = np.repeat([0.2, 0.24], 200_000)
    habit = outcomes._habit(law, rng.random(400_000) < share, share, rng)
    for power, mean, second in ((1, 1.0, 2.0), (2, 2.0, 14.0)):
        for arm in (habit[:200_000], habit[200_000:]):
            assert z((arm**power).mean(), mean, np.sqrt((second - mean**2) / len(arm))) < 4


def test_the_win_that_harms(company) -> None:
    found, error = difference(part_of(company, "upsell_banner"), "contacted_support")
    assert z(found, company.truth["experiments"]["upsell_banner"]["guardrail_effect"], error) < 4
    assert found > 5 * error


def test_the_effect_differs_by_segment(company) -> None:
    truth = company.truth["experiments"]["free_delivery"]["effect"]
    for segment, part in part_of(company, "free_delivery").groupby("segment"):
        found, error = difference(part, "converted")
        assert z(found, truth[segment], error) < 4


def test_the_novelty_wears_off(company) -> None:
    law, part = company.truth["experiments"]["new_homepage"], part_of(company, "new_homepage")
    clicks = company["events"].query("event == 'homepage_click'").merge(part, on="customer_id")
    day = (clicks["time"] - clicks["assigned_at"]) // pd.Timedelta("1D")
    n, seen = part["variant"].value_counts(), clicks.groupby(["variant", day.clip(lower=0)]).size()
    for since in range(law["days"]):
        for variant in n.index:
            lift = law["first_effect"] * np.exp(-since / law["decay_days"]) * (variant == "treatment")
            share = law["baseline_per_day"] + lift
            assert z(seen[variant, since] / n[variant], share, np.sqrt(share * (1 - share) / n[variant])) < 4.5
    assert len(clicks) == part["visits"].sum()


def test_the_broken_experiment_has_lost_people_and_shows_an_effect_that_is_not_there(company) -> None:
    part = part_of(company, "search_ranking")
    n = part["variant"].value_counts()
    assert chdtrc(1, (n["control"] - n["treatment"]) ** 2 / n.sum()) < 1e-6
    customers = company["customers"][["customer_id", "platform"]]
    joined = part.merge(customers, left_on="unit_id", right_on="customer_id")
    for _, stratum in joined.groupby("platform"):
        found, error = difference(stratum, "converted")
        assert z(found, 0.0, error) < 4
    assert (joined.query("variant == 'treatment'")["platform"] == "app").mean() < 0.48


def test_the_covariate_has_its_correlation(company) -> None:
    law, part = company.truth["experiments"]["loyalty_email"], part_of(company, "loyalty_email")
    for _, arm in part.groupby("variant"):
        found = np.corrcoef(arm["revenue"], arm["revenue_before"])[0, 1]
        assert z(np.arctanh(found), np.arctanh(law["correlation_with_revenue_before"]), len(arm) ** -0.5) < 4
    treated = (part["variant"] == "treatment").to_numpy(float)
    (found, _), (error, _) = slope(part["revenue"].to_numpy(), treated, part["revenue_before"].to_numpy())
    assert z(found, law["effect"], error) < 4
    assert error < 0.82 * difference(part, "revenue")[1]


def test_visits_are_clustered_in_customers(company) -> None:
    law, part = company.truth["experiments"]["recommendations"], part_of(company, "recommendations")
    for variant, arm in part.groupby("variant"):
        true = law["baseline"] + law["effect"] * (variant == "treatment")
        rest = arm["orders"] - true * arm["visits"]
        error = np.sqrt((rest**2).sum()) / arm["visits"].sum()
        naive = np.sqrt(true * (1 - true) / arm["visits"].sum())
        assert z(arm["orders"].sum() / arm["visits"].sum(), true, error) < 4
        assert error > 1.2 * naive


def test_stores_were_randomised_whole(company) -> None:
    law, part = company.truth["experiments"]["store_layout"], part_of(company, "store_layout")
    assert part.groupby("cluster")["variant"].nunique().eq(1).all()
    stores = part.groupby(["variant", "cluster"])["revenue"].mean().reset_index()
    assert stores["variant"].value_counts().tolist() == [law["stores"] // 2] * 2
    found, error = difference(stores, "revenue")
    assert z(found, law["effect"], error) < 4
    assert error > 3 * difference(part, "revenue")[1]


def test_the_switchback_carries_over(company) -> None:
    law, part = company.truth["experiments"]["courier_routing"], part_of(company, "courier_routing")
    assert part["customer_id"].isna().all()
    part = part.sort_values(["cluster", "assigned_at"])
    now = (part["variant"] == "treatment").astype(float)
    before = now.groupby(part["cluster"]).shift(fill_value=0.0)
    hours = [(part["assigned_at"].dt.hour == hour).to_numpy(float) for hour in (6, 12, 18)]
    cities = [(part["cluster"] == city).to_numpy(float) for city in sorted(part["cluster"].unique())[1:]]
    found, errors = slope(part["minutes"].to_numpy(), now.to_numpy(), before.to_numpy(), *hours, *cities)
    assert z(found[0], law["effect"], errors[0]) < 4
    assert z(found[1], law["carry_over_to_next_slot"], errors[1]) < 4


def test_the_experiments_table_names_them_all(company) -> None:
    assert list(company["experiments"]["experiment"]) == list(company.truth["experiments"])
    assert set(company["assignments"]["experiment"]) == set(company.truth["experiments"])
    assert company["experiments"].set_index("experiment")["guardrail_metric"].dropna().to_dict() == {
        "upsell_banner": "contacted_support"
    }
