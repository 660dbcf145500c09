"""The analyses find what was planted: intervals cover the truth as often as they say, and alarms are true ones.

Each seed makes a company, and every analysis answers for it. `make calibrate` takes 400 seeds, the short form a few.
The bounds hold for the whole family of checks together: one false failure in a hundred runs.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln
from scipy.stats import binom

import cxlab as cx
from cxlab.data.synthetic import company_truth, sample_company
from cxlab.data.synthetic.onboarding import LATER, VERIFIED, rate_within
from cxlab.data.synthetic.seeds import stream
from cxlab.stats.sample_ratio import sample_ratio_test

TRUTH = company_truth()
TABLES = ("assignments", "events", "subscriptions", "surveys")
CUSTOMERS, FAMILY = 3000, 0.01
Interval = tuple[str, float, float, float]  # what, truth, low, high


def tested(company, name: str, metrics: list[str], **more: str) -> pd.DataFrame:
    part = company["assignments"][company["assignments"]["experiment"] == name]
    return cx.ab_test(part, metrics=metrics, **more).table


def plain_experiments(company) -> Iterator[Interval]:
    for name in ("aa_check", "checkout_button"):
        row = tested(company, name, ["proportion('converted')"]).iloc[0]
        yield name, TRUTH["experiments"][name]["effect"], row["ci_low"], row["ci_high"]


def guarded_experiment(company) -> Iterator[Interval]:
    law = TRUTH["experiments"]["upsell_banner"]
    found = tested(company, "upsell_banner", ["proportion('converted')", "proportion('contacted_support')"])
    for row, effect in zip(found.itertuples(), (law["effect"], law["guardrail_effect"]), strict=True):
        yield f"upsell {row.metric}", effect, row.ci_low, row.ci_high


def segmented_experiment(company) -> Iterator[Interval]:
    found = tested(company, "free_delivery", ["proportion('converted')"], segment="segment").set_index("segment")
    for segment, effect in TRUTH["experiments"]["free_delivery"]["effect"].items():
        yield f"free_delivery {segment}", effect, found.loc[segment, "ci_low"], found.loc[segment, "ci_high"]


def covariate_and_ratio(company) -> Iterator[Interval]:
    row = tested(company, "loyalty_email", ["mean('revenue', covariate='revenue_before')"]).iloc[0]
    yield "loyalty_email", TRUTH["experiments"]["loyalty_email"]["effect"], row["ci_low"], row["ci_high"]
    row = tested(company, "recommendations", ["ratio('orders', 'visits')"]).iloc[0]
    yield "recommendations", TRUTH["experiments"]["recommendations"]["effect"], row["ci_low"], row["ci_high"]


def stores(company) -> Iterator[Interval]:
    part = company["assignments"][company["assignments"]["experiment"] == "store_layout"]
    means = part.groupby(["cluster", "variant"], as_index=False)["revenue"].mean()
    row = cx.ab_test(means, metrics=["mean('revenue')"]).table.iloc[0]
    yield "store_layout", TRUTH["experiments"]["store_layout"]["effect"], row["ci_low"], row["ci_high"]


def funnel(company) -> Iterator[Interval]:
    steps = TRUTH["events"]["onboarding"]["steps"]
    table = cx.journey_funnel(
        company["events"], steps=steps, within="7D", unit="customer_id", segment="channel",
        observe_until="2026-07-01", entry_from="2025-07-01",
    ).table  # fmt: skip
    later = np.cumprod([1.0, *LATER])
    for row in table[table["segment"].isin(["web", "app"]) & (table["step"] > 1)].itertuples():
        final = VERIFIED[row.segment == "app"][1] * later[row.step - 2]
        yield f"funnel {row.segment} {row.step}", final * rate_within(7, row.step - 1), row.ci_low, row.ci_high


def retention(company) -> Iterator[Interval]:
    law = TRUTH["subscriptions"]["box"]
    held = company["subscriptions"].query("cohort in ['2024Q4', '2025Q1', '2025Q2']")[["customer_id", "cohort"]]
    log = company["events"].merge(held, on="customer_id").query("event in ['box_started', 'box_renewed']")
    found = cx.cohort_retention(
        log, unit="customer_id", event="event", start_event="box_started", return_event="box_renewed",
        cohort="cohort", period="day", horizon=60, observe_until="2026-06-30",
    ).table.set_index(["cohort", "age"])  # fmt: skip
    for cohort in ("2024Q4", "2025Q1", "2025Q2"):
        for renewal in (1, 2):
            a, b = law["alpha"][cohort], law["beta"][cohort]
            row = found.loc[(cohort, 30 * renewal)]
            kept = float(np.exp(betaln(a, b + renewal) - betaln(a, b)))
            yield f"box {cohort} {renewal}", kept, row["ci_low"], row["ci_high"]


def scores(company) -> Iterator[Interval]:
    asked = company["surveys"].query("instrument == 'nps'")
    found = cx.survey_scores(asked, kind="nps", wave="wave").table.query("segment == 'all'").set_index("wave")
    for wave, true in TRUTH["surveys"]["nps_among_those_who_answer"].items():
        yield f"nps {wave}", true["all"], found.loc[wave, "ci_low"], found.loc[wave, "ci_high"]


ANALYSES = (plain_experiments, guarded_experiment, segmented_experiment, covariate_and_ratio, stores, funnel,
            retention, scores)  # fmt: skip


def covered(seeds: range) -> tuple[Counter[str], Counter[str]]:
    """How often each truth lay in its interval, and how often it was asked for."""
    hits, asked = Counter[str](), Counter[str]()
    for seed in seeds:
        company = sample_company(CUSTOMERS, seed=seed, tables=TABLES)
        for analysis in ANALYSES:
            for name, true, low, high in analysis(company):
                hits[name] += low <= true <= high
                asked[name] += 1
    return hits, asked


def check_coverage(seeds: range) -> None:
    hits, asked = covered(seeds)
    assert len(asked) == 26
    alpha = FAMILY / len(asked) / 2
    for name, n in asked.items():
        assert n == len(seeds)
        low, high = binom.ppf(alpha, n, 0.95), binom.ppf(1 - alpha, n, 0.95)
        assert low <= hits[name] <= high, (name, hits[name], low, high)


def test_intervals_cover_the_truth_in_short() -> None:
    check_coverage(range(1000, 1006))


@pytest.mark.calibrate
def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    check_coverage(range(400))


def test_a_split_of_51_to_49_is_found() -> None:
    found = 0
    for seed in range(400):
        control = stream(seed, "tests.split").binomial(100_000, 0.51)
        found += sample_ratio_test([control, 100_000 - control], [1, 1]).p_value < 0.001
    assert found > 0.99 * 400


def test_an_honest_split_is_left_in_peace() -> None:
    alarms = 0
    for seed in range(400):
        control = stream(seed, "tests.honest").binomial(100_000, 0.5)
        alarms += sample_ratio_test([control, 100_000 - control], [1, 1]).p_value < 0.001
    assert alarms <= binom.ppf(1 - FAMILY, 400, 0.001)


def check_of(company, name: str, word: str) -> bool:
    part = company["assignments"][company["assignments"]["experiment"] == name]
    checks = {check.name: check for check in cx.ab_test(part, metrics=["proportion('converted')"]).checks}
    return checks[word].passed


def test_the_broken_experiment_is_called_broken_and_the_others_are_not(company) -> None:
    assert not check_of(company, "search_ranking", "sample_ratio")
    for name in ("aa_check", "checkout_button", "free_delivery", "upsell_banner"):
        assert check_of(company, name, "sample_ratio"), name
