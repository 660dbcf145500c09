"""The tables as readers see them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.amounts import Amounts, capital
from cxlab.experiments.decision import Finding
from cxlab.experiments.metrics import Metric
from cxlab.results import SMALLEST_GROUP, publishable
from cxlab.wording import MISSING, count, p_text, relative, share

__all__ = ["bayes_display", "effects_display", "missing_display", "segments_display"]


def effects_display(
    findings: Sequence[Finding], control: str, confidence: float, *, counted: str = "customers"
) -> pd.DataFrame:
    """Every measure over all that was counted, as text."""
    several = len({finding.effect.variant for finding in findings}) > 1
    return pd.DataFrame([_row(one, control, confidence, counted, several=several) for one in findings]).fillna(MISSING)


def _row(finding: Finding, control: str, confidence: float, counted: str, *, several: bool) -> dict[str, str]:
    metric, effect = finding.metric, finding.effect
    amounts = Amounts(metric, effect)
    new = {"Variant": effect.variant} if several else {}
    head = {"Measure": capital(metric.words)} | new
    if min(effect.n, effect.control_n) < SMALLEST_GROUP:
        return head
    return head | {
        capital(counted): count(effect.n + effect.control_n),
        control: amounts.level(effect.control_estimate),
        "New" if several else effect.variant: amounts.level(effect.estimate),
        "Change": amounts.change(effect.effect),
        f"{confidence:.0%} interval": _span(amounts, effect.ci_low, effect.ci_high),
        "Relative": _relative(finding),
        "p, adjusted": p_text(effect.p_adjusted),
    }


def _span(amounts: Amounts, low: float | None, high: float | None) -> str:
    return MISSING if low is None else f"{amounts.plain(low, sign=True)} to {amounts.plain(high, sign=True)}"


def _relative(finding: Finding) -> str:
    effect = finding.effect
    if effect.relative_ci_low is None:
        return MISSING
    ends = f"{relative(effect.relative_ci_low)} to {relative(effect.relative_ci_high)}"
    return f"{relative(effect.relative_effect)} ({ends})"


def segments_display(findings: Sequence[Finding], hidden: frozenset[tuple[str, str, str]]) -> pd.DataFrame:
    """The first primary measure in each segment, as text; small groups hidden."""
    several = len({finding.effect.variant for finding in findings}) > 1
    rows = []
    for finding in findings:
        metric, effect = finding.metric, finding.effect
        amounts = Amounts(metric, effect)
        seen = (effect.metric, effect.segment, effect.variant) not in hidden and effect.effect is not None
        rows.append({
            "Segment": effect.segment,
                **({"Variant": effect.variant} if several else {}),
            "Customers": count(effect.n + effect.control_n) if seen else f"under {SMALLEST_GROUP}",
            "Control": amounts.level(effect.control_estimate) if seen else MISSING,
            "New": amounts.level(effect.estimate) if seen else MISSING,
            "Change": amounts.change(effect.effect) if seen else MISSING,
            "Interval": _span(amounts, effect.ci_low, effect.ci_high) if seen else MISSING,
            "p, adjusted": p_text(effect.p_adjusted) if seen else MISSING,
        })  # fmt: skip
    return pd.DataFrame(rows)


def bayes_display(bayes: pd.DataFrame, findings: Sequence[Finding], confidence: float) -> pd.DataFrame:
    """Every effect over all customers with what was known before, as text."""
    known = publishable(bayes).dropna(subset=["effect"])
    rows = known[known["segment"] == ALL].set_index(["metric", "variant"])
    several = len({finding.effect.variant for finding in findings}) > 1
    shown = [finding for finding in findings if (finding.effect.metric, finding.effect.variant) in rows.index]
    return pd.DataFrame([
        {
            "Measure": capital(finding.metric.words),
            **({"Variant": finding.effect.variant} if several else {}),
            "Change": amounts.change(row["effect"]),
            f"{confidence:.0%} credible": _span(amounts, row["ci_low"], row["ci_high"]),
            "Chance to beat the control": _chance(row["chance_to_beat_control"]),
            "Expected loss if taken": amounts.change(row["expected_loss"], sign=False),
            "if not": amounts.change(row["expected_loss_control"], sign=False),
        }
        for finding in shown
        for row, amounts in [(rows.loc[finding.effect.metric, finding.effect.variant],
                              Amounts(finding.metric, finding.effect))]
    ])  # fmt: skip


def _chance(value: float) -> str:
    """A chance in percent that never claims to be certain."""
    return "above 99.9%" if value > 0.999 else "below 0.1%" if value < 0.001 else share(value)


def missing_display(missing: pd.DataFrame, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Customers without a value, per measure that lacks some and group, as text."""
    missing = missing[missing.groupby("metric")["missing"].transform("sum") > 0]
    words = {metric.name: capital(metric.words) for metric in metrics}
    policy = {"drop": "left out", "zero": "counted as 0"}
    return pd.DataFrame({
        "Measure": missing["metric"].map(words), "Group": missing["variant"],
        "Customers": missing["n"].map(count), "Without a value": missing["missing"].map(count),
        "Share": missing["missing_rate"].map(share), "They are": missing["policy"].map(policy),
        "p, same share": missing["p_value"].map(p_text),
    })  # fmt: skip
