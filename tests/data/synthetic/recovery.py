"""What today's analyses say of a company, beside what is true of it.

Each analysis is a function of one company that gives intervals with the truth they should hold, or alarms that should
be false. Counting them over many seeds is left to the tests: in short here, at length in `tests/calibration`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pandas as pd
from scipy.special import betaln
from scipy.stats import binom

import cxlab as cx
from cxlab.data.synthetic import company_truth, sample_company
from cxlab.data.synthetic.onboarding import LATER, VERIFIED, rate_within

TRUTH = company_truth()
TRIALS, STEPS = TRUTH["experiments"], TRUTH["events"]["onboarding"]["steps"]
TABLES = ("assignments", "events", "subscriptions", "surveys", "customers")
CUSTOMERS = 3000
HONEST = {
    **dict.fromkeys(("aa_check", "checkout_button", "free_delivery", "upsell_banner"), "proportion('converted')"),
    "new_homepage": "mean('visits')", "loyalty_email": "mean('revenue')", "recommendations": "mean('orders')",
}  # fmt: skip
LEVEL, SLACK = 0.95, 0.005
FAMILY = 0.001
Interval = tuple[str, float, float, float]  # what, truth, low, high
Alarm = tuple[str, bool]  # what, and whether it was raised


def trial_result(company, name: str, metrics: list[str], **more: str):
    part = company["assignments"][company["assignments"]["experiment"] == name]
    return cx.ab_test(part, metrics=metrics, **more)


def doubt(result) -> str:
    """What is said of the sizes of the groups: "info", or "warning" below p = 0.01, or "failure" below 0.001."""
    return next(check.severity for check in result.checks if check.name == "sample_ratio")


def _row(name: str, true: float, row) -> Interval:
    return name, true, row["ci_low"], row["ci_high"]


def plain_experiments(company) -> Iterator[Interval]:
    for name in ("aa_check", "checkout_button"):
        found = trial_result(company, name, ["proportion('converted')"]).table
        yield _row(name, TRIALS[name]["effect"], found.iloc[0])


def guarded_experiment(company) -> Iterator[Interval]:
    law = TRIALS["upsell_banner"]
    found = trial_result(company, "upsell_banner", ["proportion('converted')", "proportion('contacted_support')"]).table
    for (_, row), effect in zip(found.iterrows(), (law["effect"], law["guardrail_effect"]), strict=True):
        yield _row(f"upsell_banner {row['metric']}", effect, row)


def segmented_experiment(company) -> Iterator[Interval]:
    law = TRIALS["free_delivery"]
    found = trial_result(company, "free_delivery", ["proportion('converted')"], segment="segment").table
    found = found.set_index("segment")
    for segment, effect in {**law["effect"], "all": law["effect_overall"]}.items():
        yield _row(f"free_delivery {segment}", effect, found.loc[segment])


def amounts_and_ratios(company) -> Iterator[Interval]:
    for name, metric, effect in (
        ("loyalty_email", "mean('revenue')", "effect"),
        ("loyalty_email", "mean('revenue', covariate='revenue_before')", "effect"),
        ("recommendations", "ratio('orders', 'visits')", "effect"),
        ("new_homepage", "mean('visits')", "effect_on_days_with_a_click"),
    ):
        adjusted = " adjusted" if "covariate" in metric else ""
        yield _row(name + adjusted, TRIALS[name][effect], trial_result(company, name, [metric]).table.iloc[0])


def stores(company) -> Iterator[Interval]:
    """Whole stores were assigned, so that stores, not customers, are the rows."""
    part = company["assignments"][company["assignments"]["experiment"] == "store_layout"]
    means = part.groupby(["cluster", "variant"], as_index=False)["revenue"].mean()
    found = cx.ab_test(means, metrics=["mean('revenue')"]).table
    yield _row("store_layout", TRIALS["store_layout"]["effect"], found.iloc[0])


def _first_steps(company) -> pd.DataFrame:
    return company["events"][company["events"]["event"].isin(STEPS)]


def _funnel(log, within: str, **more: str) -> pd.DataFrame:
    return cx.journey_funnel(
        log, steps=STEPS, within=within, unit="customer_id", segment="channel",
        observe_until="2026-07-01", **more,
    ).table  # fmt: skip


def funnel(company) -> Iterator[Interval]:
    """Steps after the relaunch in windows of three and 14 days."""
    later, overall = np.cumprod([1.0, *LATER]), TRUTH["events"]["onboarding"]["email_verified_overall"]
    log = cx.table(_first_steps(company))
    for days in (3, 14):
        table = _funnel(log, f"{days}D", entry_from="2025-07-01")
        for _, row in table[table["step"] > 1].iterrows():
            first = overall["after"] if row["segment"] == "all" else VERIFIED[row["segment"] == "app"][1]
            true = first * later[row["step"] - 2] * rate_within(days, row["step"] - 1)
            yield _row(f"funnel {days} days {row['segment']} {row['step']}", true, row)


def funnel_before(company) -> Iterator[Interval]:
    """The first step before the relaunch, in both parts of the mix."""
    overall = TRUTH["events"]["onboarding"]["email_verified_overall"]
    table = _funnel(_first_steps(company), "14D", entry_to="2025-07-01")
    for _, row in table[table["step"] == 2].iterrows():
        first = overall["before"] if row["segment"] == "all" else VERIFIED[row["segment"] == "app"][0]
        yield _row(f"funnel before {row['segment']}", first * rate_within(14, 1), row)


def _boxes(company, columns: list[str]) -> pd.DataFrame:
    """Payments for boxes that began before the price rose, with columns of their subscriptions."""
    held = company["subscriptions"].query("cohort in ['2024Q4', '2025Q1', '2025Q2', '2025Q3']")
    log = company["events"][company["events"]["event"].isin(["box_started", "box_renewed"])]
    return log.merge(held.query("product == 'box'")[["customer_id", *columns]], on="customer_id")


def _retained(log: pd.DataFrame, **more: str):
    return cx.cohort_retention(
        log, unit="customer_id", event="event", start_event="box_started", return_event="box_renewed",
        period="day", observe_until="2026-06-30", horizon=120, **more,
    )  # fmt: skip


def kept_boxes(cohort: str, renewal: int) -> float:
    """The share of boxes paid for once more, while the price was as before."""
    law = TRUTH["subscriptions"]["box"]
    a, b = law["alpha"][cohort], law["beta"][cohort]
    return float(np.exp(betaln(a, b + renewal) - betaln(a, b)))


def retention(company) -> Iterator[Interval]:
    """The first two renewals before the price rise; the fourth of those who met it on their way."""
    found = _retained(_boxes(company, ["cohort"]), cohort="cohort").table.set_index(["cohort", "age"])
    for cohort in ("2024Q4", "2025Q1", "2025Q2"):
        for renewal in (1, 2):
            yield _row(f"box {cohort} {renewal}", kept_boxes(cohort, renewal), found.loc[(cohort, 30 * renewal)])
    stayed = 1 - TRUTH["subscriptions"]["box"]["shock"]["extra_churn_at_next_renewal"]
    yield _row("box 2025Q3 after the shock", kept_boxes("2025Q3", 4) * stayed, found.loc[("2025Q3", 120)])


def recommendation(company) -> Iterator[Interval]:
    asked = company["surveys"].query("instrument == 'nps'")
    found = cx.survey_scores(asked, kind="nps", wave="wave", segment="segment").table.set_index(["segment", "wave"])
    for wave, by_segment in TRUTH["surveys"]["nps_among_those_who_answer"].items():
        for segment, true in by_segment.items():
            if segment == "all" or wave == "2026Q2":
                yield _row(f"nps {wave} {segment}", true, found.loc[(segment, wave)])


def after_tickets(company) -> Iterator[Interval]:
    """Ripe tickets only: of the last two months' the slow ones are not solved, and not asked about, yet."""
    asked = company["surveys"].query("sent_at < '2026-05-01'")
    for kind, true in TRUTH["surveys"]["after_ticket"]["expected"].items():
        found = cx.survey_scores(asked[asked["instrument"] == kind], kind=kind, unit="customer_id").table
        yield _row(kind, true, found.iloc[0])


ANALYSES: tuple[Callable[..., Iterator[Interval]], ...] = (
    plain_experiments, guarded_experiment, segmented_experiment, amounts_and_ratios, stores, funnel, funnel_before,
    retention, recommendation, after_tickets,
)  # fmt: skip


def same_arms(company) -> Iterator[Alarm]:
    found = trial_result(company, "aa_check", ["proportion('converted')"], segment="segment")
    yield "two equal arms", found.table.iloc[0]["p_value"] < 1 - LEVEL
    inside = found.table[found.table["segment"] != "all"]
    yield "two equal arms in three segments", (inside["p_value"] < (1 - LEVEL) / 3).any()


def same_boxes(company) -> Iterator[Alarm]:
    """The box does not know what segment a customer belongs to."""
    found = _retained(_boxes(company, ["segment"]), segment="segment").tables["comparison"]
    yield "boxes in three segments", (found["p_adjusted"] < 1 - LEVEL).any()


def same_steps(company) -> Iterator[Alarm]:
    """Nor do the first steps."""
    log = _first_steps(company).merge(company["customers"][["customer_id", "segment"]], on="customer_id")
    found = cx.journey_funnel(log, steps=STEPS, within="14D", unit="customer_id", segment="segment",
                              observe_until="2026-07-01").tables["comparison"]  # fmt: skip
    yield "first steps in three segments", (found["p_adjusted"] < 1 - LEVEL).any()


def same_waves(company) -> Iterator[Alarm]:
    asked = company["surveys"].query("instrument == 'nps' and wave in ['2025Q3', '2025Q4']")
    change = cx.survey_scores(asked, kind="nps", wave="wave", unit="customer_id").change
    yield "two equal waves", change["p_value"].iloc[0] < 1 - LEVEL


ALARMS: tuple[Callable[..., Iterator[Alarm]], ...] = (same_arms, same_boxes, same_steps, same_waves)


CHECKS = 105  # bounds that are looked at together, in one test or in several: two per interval, one per alarm


class Count:
    """How often each truth lay in its interval, and each false alarm was raised."""

    def __init__(self) -> None:
        self.held, self.raised, self.runs = Counter[str](), Counter[str](), 0

    def add(self, company, analyses=ANALYSES, alarms=ALARMS) -> None:
        for analysis in analyses:
            for name, true, low, high in analysis(company):
                self.held[name] += bool(low <= true <= high)
        for analysis in alarms:
            for name, alarm in analysis(company):
                self.raised[name] += bool(alarm)
        self.runs += 1

    def surprises(self) -> list[str]:
        """What lies beyond its bound: all of them hold together 999 times in 1,000 for analyses that are right."""
        tail, said = FAMILY / CHECKS, []
        least = binom.ppf(tail, self.runs, LEVEL - SLACK)
        most = binom.isf(tail, self.runs, LEVEL + SLACK)
        for name, held in self.held.items():
            if not least <= held <= most:
                said.append(f"{name}: truth held {held} of {self.runs} times, expected {least:.0f} to {most:.0f}")
        most = binom.isf(tail, self.runs, 1 - LEVEL + SLACK)
        return said + [f"{name}: {n} false alarms, at most {most:.0f}" for name, n in self.raised.items() if n > most]

    def told(self) -> str:
        """One line per check."""
        lines = [f"{name}: held {n} of {self.runs} ({n / self.runs:.4f})" for name, n in self.held.items()]
        lines += [f"{name}: alarm in {n} of {self.runs} ({n / self.runs:.4f})" for name, n in self.raised.items()]
        return "\n".join(lines)


# Each analysis and each alarm is in one part; parts take about as long as each other.
PARTS = {
    "shares": ((plain_experiments, guarded_experiment, segmented_experiment), (same_arms,)),
    "amounts": ((amounts_and_ratios, stores), ()),
    "funnel": ((funnel,), ()),
    "first steps": ((funnel_before,), (same_steps,)),
    "retention": ((retention,), (same_boxes,)),
    "answers": ((recommendation, after_tickets), (same_waves,)),
}


def counted(seeds: Iterable[int], part: str | None = None) -> Count:
    """What all analyses, or those of a part, say of a company of each seed."""
    count, asked = Count(), (ANALYSES, ALARMS) if part is None else PARTS[part]
    for seed in seeds:
        count.add(sample_company(CUSTOMERS, seed=seed, tables=TABLES), *asked)
    return count


def split_doubts(seeds: Iterable[int]) -> Counter[str]:
    """What is said of the group sizes of seven experiments per seed whose customers were assigned as planned."""
    said = Counter[str]()
    for seed in seeds:
        company = sample_company(CUSTOMERS, seed=seed, tables=["assignments"])
        said.update(doubt(trial_result(company, name, [metric])) for name, metric in HONEST.items())
    return said


def too_many_doubts(said: Counter[str]) -> bool:
    """More than chance, which doubts one honest split in 100 and rejects one in 1,000."""
    doubted, rejected = said["warning"] + said["failure"], said["failure"]
    limits = [binom.isf(FAMILY / 2, said.total(), share) for share in (0.01, 0.001)]
    return doubted > limits[0] or rejected > limits[1]
