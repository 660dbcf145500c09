"""Can the change at a release be trusted? Each check says what was found and what it does to the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cxlab.results import Check
from cxlab.retention.release_cohorts import ENOUGH
from cxlab.retention.release_words import told_effect
from cxlab.stats.multiplicity import holm
from cxlab.wording import count, number, p_text

if TYPE_CHECKING:
    from cxlab.retention.release_cohorts import Cohorts
    from cxlab.retention.release_estimates import ReleaseEstimates

__all__ = ["TITLES", "release_checks"]

TITLES = {
    "something_else": "What else began", "few_cohorts": "Cohorts on each side", "placebo": "Where nothing happened",
    "autocorrelation": "Neighbouring cohorts", "dispersion": "Beyond chance", "parallel_trends": "Alike before",
    "cohort_sizes": "Who starts", "cut_period": "Left out", "methods": "Other way to ask",
}  # fmt: skip
_BEYOND, _SIZES, _STRICT = 1.96, 1.5, 0.05


def release_checks(seen: Cohorts, found: ReleaseEstimates, given: dict[str, Any]) -> tuple[Check, ...]:
    """What should a reader know before trusting the result?

    Args:
        seen: the cohorts.
        found: the estimates.
        given: the arguments by name.

    Returns:
        The checks.
    """
    return (
        _else(seen, given), _few(seen), *_parallel(seen, found), _placebo(found), _neighbours(found),
        _dispersion(found), _sizes(seen), *_methods(found), *_cut(seen, given), *seen.checks,
    )  # fmt: skip


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name, passed, "info" if passed else "warning", message)


def _else(seen: Cohorts, given: dict[str, Any]) -> Check:
    told = f"Whatever else changed when {given['label']} came, such as a campaign or a season, looks like its effect"
    if seen.control is None:
        return _check("something_else", f"{told}; name a group without it in `comparison` where there is one.",
                      passed=False)  # fmt: skip
    return _check("something_else", f"{told}, unless it reached {seen.control!r} too.", passed=True)


def _few(seen: Cohorts) -> Check:
    at = seen.of()["at"]
    before, after = int((at < 0).sum()), int((at >= 0).sum())
    told = f"{count(before)} cohorts before the release, {count(after)} after it."
    if min(before, after) >= ENOUGH:
        return _check("few_cohorts", told, passed=True)
    return _check("few_cohorts", f"{told} With fewer than {ENOUGH} on a side a trend is hard to tell.", passed=False)


def _parallel(seen: Cohorts, found: ReleaseEstimates) -> list[Check]:
    if seen.control is None:
        return []
    told = f"Before the release the difference between {seen.affected!r} and {seen.control!r}"
    if not np.isfinite(found.parallel):
        return [_check("parallel_trends", f"{told} was seen too seldom to ask for a trend.", passed=False)]
    if found.parallel < _STRICT:
        more = "had a trend already, which would have gone on without it"
        return [_check("parallel_trends", f"{told} {more} (p {p_text(found.parallel)}).", passed=False)]
    return [_check("parallel_trends", f"{told} had no trend beyond chance (p {p_text(found.parallel)}).", passed=True)]


def _placebo(found: ReleaseEstimates) -> Check:
    """The same method where nothing happened."""
    rows = found.placebo
    if rows.empty:
        return _check(
            "placebo", "Too few cohorts before the release to ask for jumps where none should be.", passed=True
        )
    adjusted = holm(rows["p_value"])
    most = int(np.argmin(adjusted))
    told = f"Asked for a jump at each of {count(len(rows))} cohorts before the release"
    if float(adjusted[most]) < _STRICT:
        name, p_value = rows["cohort"].iloc[most], p_text(float(adjusted[most]))
        more = f"the same method finds one at {name} (p {p_value}, adjusted for {count(len(rows))})"
        return _check("placebo", f"{told}, {more}: it may find one anywhere.", passed=False)
    return _check("placebo", f"{told}, the same method finds none.", passed=True)


def _neighbours(found: ReleaseEstimates) -> Check:
    rest = found.fit.residuals
    alike = float(rest[1:] @ rest[:-1] / (rest @ rest)) if rest.any() else 0.0
    told = f"What the broken trend leaves over goes from cohort to cohort with a correlation of {number(alike)}"
    if abs(alike) * np.sqrt(len(rest)) > _BEYOND:
        return _check("autocorrelation", f"{told}, more than chance: intervals are too narrow.", passed=False)
    return _check("autocorrelation", f"{told}, as chance allows.", passed=True)


def _dispersion(found: ReleaseEstimates) -> Check:
    many = found.fit.dispersion
    told = f"Shares vary about the broken trend {number(many, 1)} times as much as chance alone lets them"
    return _check("dispersion", f"{told}; intervals allow for it.", passed=True)


def _sizes(seen: Cohorts) -> Check:
    """A release that changes who starts changes who comes back without doing anything for them."""
    rows = seen.of()
    late = rows["at"] >= 0
    before, after = (float(rows.loc[part, "n"].mean()) for part in (~late, late))
    told = f"Cohorts have {count(before)} customers before the release and {count(after)} after it on average."
    if 1 / _SIZES <= after / before <= _SIZES:
        return _check("cohort_sizes", told, passed=True)
    more = " Others may start now than before, who come back more or less anyway."
    return _check("cohort_sizes", told + more, passed=False)


def _methods(found: ReleaseEstimates) -> list[Check]:
    if len(found.table) < 2:
        return []
    row = found.table.iloc[1]
    return [_check("methods", f"By its own trend alone: {told_effect(row)}.", passed=True)]


def _cut(seen: Cohorts, given: dict[str, Any]) -> list[Check]:
    if not seen.mixed:
        return []
    told = f"The release lies within the {given['period']} of {seen.mixed}, which is left out: it holds both."
    return [_check("cut_period", told, passed=True)]
