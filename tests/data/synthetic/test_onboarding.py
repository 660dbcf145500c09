"""The newcomers' funnel: step rates, windows, and a mix that turns two gains into a loss."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tests.data.synthetic.conftest import END
from tests.data.synthetic.estimates import share_error, z

STEPS = ["signed_up", "email_verified", "profile_completed", "first_order"]


@pytest.fixture(scope="module")
def steps(company) -> pd.DataFrame:
    events = company["events"][company["events"]["event"].isin(STEPS)]
    wide = events.pivot(index="customer_id", columns="event", values="time").reset_index()
    customers = company["customers"][["customer_id", "platform"]]
    found = wide.merge(customers, on="customer_id")
    return found.assign(period=np.where(found["signed_up"] < pd.Timestamp("2025-07-01"), "before", "after"))


def test_each_step_has_its_rate(company, steps) -> None:
    truth = company.truth["events"]["onboarding"]
    ripe = steps[steps["signed_up"] < END - pd.Timedelta("60D")]
    for (platform, period), part in ripe.groupby(["platform", "period"]):
        share = truth["email_verified_by_platform"][platform][period]
        assert z(part["email_verified"].notna().mean(), share, share_error(share, len(part))) < 4
    for step, before in (("profile_completed", "email_verified"), ("first_order", "profile_completed")):
        reached = ripe[ripe[before].notna()]
        share = truth["step_rates_after"][f"{before} to {step}"]
        assert z(reached[step].notna().mean(), share, share_error(share, len(reached))) < 4


def test_both_platforms_improve_and_the_whole_gets_worse(company, steps) -> None:
    ripe = steps[steps["signed_up"] < END - pd.Timedelta("60D")]
    rates = ripe.groupby(["platform", "period"])["email_verified"].apply(lambda s: s.notna().mean())
    whole = ripe.groupby("period")["email_verified"].apply(lambda s: s.notna().mean())
    assert rates["web", "after"] > rates["web", "before"]
    assert rates["app", "after"] > rates["app", "before"]
    assert whole["after"] < whole["before"] - 0.03
    truth = company.truth["events"]["onboarding"]["email_verified_overall"]
    for period, share in truth.items():
        n = (ripe["period"] == period).sum()
        assert z(whole[period], share, share_error(share, n)) < 4


def test_a_window_keeps_the_known_share_of_the_final_rate(company, steps) -> None:
    done = steps[steps["first_order"].notna() & (steps["signed_up"] < END - pd.Timedelta("90D"))]
    took = (done["first_order"] - done["signed_up"]) / pd.Timedelta("1D")
    for days, share in company.truth["events"]["onboarding"]["share_of_final_rate_within_days"].items():
        assert z((took <= float(days)).mean(), share, share_error(share, len(done))) < 4


def test_steps_come_in_order(steps) -> None:
    for first, second in pairwise(STEPS):
        both = steps[steps[second].notna()]
        assert (both[second] >= both[first]).all()
