"""The verdict, by a rule that is fixed before the data: trust first, then harm, then plan, then gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric
from cxlab.experiments.plan import Plan
from cxlab.experiments.readings import PASSED, Reading, reading_of, ruled_out
from cxlab.results import Check

__all__ = ["Finding", "Outcome", "Verdict", "decide"]

Verdict: TypeAlias = Literal["ship", "don't ship", "keep running", "broken"]
Why: TypeAlias = Literal["broken", "harm", "more data", "gain", "guardrail open", "no gain of that size", "undecided"]
_VERDICTS: dict[Why, Verdict] = {
    "broken": "broken",
    "harm": "don't ship",
    "more data": "keep running",
    "gain": "ship",
    "guardrail open": "don't ship",
    "no gain of that size": "don't ship",
    "undecided": "don't ship",
}
_ORDER: tuple[Why, ...] = ("gain", "more data", "guardrail open", "undecided", "no gain of that size", "harm")


@dataclass(frozen=True)
class Finding:
    """One metric of one variant and what its interval says."""

    metric: Metric
    effect: Effect
    reading: Reading


@dataclass(frozen=True)
class Outcome:
    """What follows for one variant, and from which findings."""

    variant: str
    why: Why
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        return _VERDICTS[self.why]

    def of_role(self, role: str) -> tuple[Finding, ...]:
        """The findings of primary, guardrail or watched metrics."""
        return tuple(finding for finding in self.findings if finding.metric.role == role)

    @property
    def main(self) -> Finding:
        """The primary finding that the verdict rests on: the harm, the gain, else the first."""
        wanted = {"harm": {"worse"}, "gain": PASSED, "guardrail open": PASSED}.get(self.why, set())
        primary = self.of_role("primary")
        return next((finding for finding in primary if finding.reading in wanted), primary[0])


def decide(
    metrics: Sequence[Metric],
    effects: Sequence[Effect],
    checks: Sequence[Check],
    plan: Plan,
    alpha: float,
    tail: float | None = None,
) -> tuple[Outcome, ...]:
    """What should be done with each variant?

    Args:
        metrics: what is measured.
        effects: the effects over all units.
        checks: the trust checks.
        plan: what was planned.
        alpha: chance of a false finding that is accepted.
        tail: the same for tests against a margin; None takes half of alpha.

    Returns:
        One outcome per variant, the leading one first.
    """
    by_name = {metric.name: metric for metric in metrics}
    findings: dict[str, list[Finding]] = {}
    for effect in effects:
        metric = by_name[effect.metric]
        findings.setdefault(effect.variant, []).append(Finding(metric, effect, reading_of(metric, effect, alpha, tail)))
    broken = any(check.severity == "failure" for check in checks)
    outcomes = [
        Outcome(name, "broken" if broken else _why(found, plan), tuple(found)) for name, found in findings.items()
    ]
    return tuple(sorted(outcomes, key=_rank))


def _why(findings: list[Finding], plan: Plan) -> Why:
    """Reference order: harm, unfinished plan, gain with every guardrail kept, guardrail open, no gain."""
    primary = [finding for finding in findings if finding.metric.role == "primary"]
    guardrails = [finding for finding in findings if finding.metric.role == "guardrail"]
    if any(finding.reading == "worse" for finding in primary + guardrails):
        return "harm"
    passed, kept = any(f.reading in PASSED for f in primary), all(f.reading in PASSED for f in guardrails)
    if not plan.reached and not (plan.may_stop and passed and kept):
        return "more data"
    if not passed:
        excluded = all(ruled_out(finding.metric, finding.effect) for finding in primary)
        return "no gain of that size" if excluded else "undecided"
    return "gain" if kept else "guardrail open"


def _rank(outcome: Outcome) -> tuple[int, float]:
    """Better verdicts first; among equals the larger gain of the main metric."""
    place = _ORDER.index(outcome.why) if outcome.why in _ORDER else 0
    main = outcome.main
    gain = main.effect.effect if main.effect.relative_effect is None else main.effect.relative_effect
    return place, -main.metric.sign * (gain or 0.0)
