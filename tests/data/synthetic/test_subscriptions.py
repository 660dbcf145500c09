"""Retention as planted: shifted-beta-geometric cohorts with a shock, and a hazard that a contact changes."""

import numpy as np
import pandas as pd
import pytest

from tests.data.synthetic.conftest import END
from tests.data.synthetic.estimates import fitted, likelihood_p, sbg_loss, share_error, z

MONTH = pd.Timedelta("30D")
SHOCK = pd.Timestamp("2025-10-01")


@pytest.fixture(scope="module")
def boxes(company) -> pd.DataFrame:
    found = company["subscriptions"].query("product == 'box'")
    stop = np.where(found["started_at"] < SHOCK, SHOCK, END).astype("M8[us]") - pd.Timedelta("1ms")
    watched = (stop - found["started_at"]) // MONTH
    left = (found["ended_at"] - found["started_at"]) / MONTH
    return found.assign(watched=watched, left=left.round(), gone=left.round() <= watched)


def fit(part: pd.DataFrame):
    loss = sbg_loss(part.loc[part["gone"], "left"].to_numpy(), part.loc[~part["gone"], "watched"].to_numpy())
    return loss, *fitted(loss, [1.0, 5.0])


def test_boxes_end_at_renewals_only(boxes) -> None:
    exact = (boxes["ended_at"] - boxes["started_at"]) / MONTH
    assert np.allclose(exact.dropna(), exact.dropna().round(), atol=1e-8)


def test_each_cohort_has_its_parameters(company, boxes) -> None:
    truth = company.truth["subscriptions"]["box"]
    for cohort, part in boxes.groupby("cohort"):
        true = [truth["alpha"][cohort], truth["beta"][cohort]]
        loss, logs, errors, best = fit(part)
        assert likelihood_p(loss, best, true) > 1e-4, cohort
        assert (np.abs(logs - np.log(true)) < 3 * errors).all(), cohort


def test_the_price_rise_costs_its_share_of_boxes(company, boxes) -> None:
    due = boxes["started_at"] + np.ceil((SHOCK - boxes["started_at"]) / MONTH) * MONTH
    met = boxes[(boxes["started_at"] < SHOCK) & (due < END) & ~(boxes["ended_at"] < due)]
    stayed = met[~((met["ended_at"] == due[met.index]) & (met["end_reason"] == "cancelled"))]
    share = company.truth["subscriptions"]["box"]["shock"]["extra_churn_at_next_renewal"]
    assert z((stayed["end_reason"] == "price rise").mean(), share, share_error(share, len(stayed))) < 4


@pytest.fixture(scope="module")
def plans(company) -> pd.DataFrame:
    """Days and ends before and after the first contact of each care plan."""
    found = company["subscriptions"].query("product == 'care plan'")
    found = found.merge(company["customers"][["customer_id", "service_problem"]], on="customer_id")
    asked = company["tickets"].merge(found[["customer_id", "started_at"]], on="customer_id")
    first = asked[asked["created_at"] > asked["started_at"]].groupby("customer_id")["created_at"].min()
    stop = found["ended_at"].fillna(END)
    contact = found["customer_id"].map(first)
    contact = contact.where(contact < stop)
    before = (contact.fillna(stop) - found["started_at"]) / pd.Timedelta("1D")
    after = (stop - contact.fillna(stop)) / pd.Timedelta("1D")
    return found.assign(before=before, after=after, contacted=contact.notna(), over=found["ended_at"].notna())


def log_ratio(part: pd.DataFrame) -> tuple[float, float]:
    """Log ratio of the hazards after and before the contact, and its error."""
    ends = (part["over"] & ~part["contacted"]).sum(), (part["over"] & part["contacted"]).sum()
    hazards = ends[0] / part["before"].sum(), ends[1] / part["after"].sum()
    return float(np.log(hazards[1] / hazards[0])), float(np.sqrt(1 / ends[0] + 1 / ends[1]))


def test_hazards_before_and_after_a_contact(company, plans) -> None:
    truth = company.truth["subscriptions"]["care plan"]
    for problem, part in plans.groupby("service_problem"):
        ratio, error = log_ratio(part)
        assert z(ratio, np.log(truth["contact_hazard_ratio"]), error) < 4
        hazard = truth["daily_hazard"] * (truth["problem_hazard_ratio"] if problem else 1)
        ends = (part["over"] & ~part["contacted"]).sum()
        assert z(np.log(ends / part["before"].sum()), np.log(hazard), ends**-0.5) < 4


def test_without_looking_at_the_cause_contacts_seem_to_do_nothing_good(company, plans) -> None:
    ratio, error = log_ratio(plans)
    assert ratio > np.log(company.truth["subscriptions"]["care plan"]["contact_hazard_ratio"]) + 3 * error
