"""Can this experiment be trusted? The checks that come before any effect."""

from __future__ import annotations

from typing import Literal, TypeAlias

import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.caps import unadjusted_width
from cxlab.experiments.effects import Effect
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.metrics import Metric
from cxlab.experiments.phrases import SURVEYS, names_of
from cxlab.experiments.plan import Plan
from cxlab.results import Check
from cxlab.stats.sample_ratio import equal_share_test, sample_ratio_test
from cxlab.wording import count, p_text, sentence_list, share

__all__ = ["checks_of", "missing_table", "ratio_words"]

Severity: TypeAlias = Literal["info", "warning", "failure"]

_WARN, _FAIL = 0.01, 0.001
_SMALL = 50
_MOST_LISTED = 6


def checks_of(
    measured: Measurement, planned: list[float], effects: list[Effect], plan: Plan, unit: str | None
) -> tuple[Check, ...]:
    """Which questions of trust does this experiment answer, and how?

    Args:
        measured: the sums.
        planned: the planned ratio in the order of the variants.
        effects: the effects.
        plan: what was planned.
        unit: column of the unit, or None.

    Returns:
        Every check; those that did not pass say what it means for the result.
    """
    found = [
        _sample_ratio(measured, planned, stated=plan.ratio_stated),
        _missing(measured),
        _planned_size(plan),
        _units(measured, unit),
        _small_groups(measured),
        *_period(plan),
        *_skewed(measured),
        *_relative(measured, effects),
        *_covariates(measured, effects),
    ]
    return tuple(found)


def _passed(name: str, message: str) -> Check:
    return Check(name=name, passed=True, severity="info", message=message)


def _failed(name: str, severity: Severity, message: str) -> Check:
    return Check(name=name, passed=False, severity=severity, message=message)


def _level(p_value: float) -> Severity:
    return "failure" if p_value < _FAIL else "warning" if p_value < _WARN else "info"


def ratio_words(planned: list[float]) -> str:
    """The planned ratio in words.

    Examples:
        >>> ratio_words([0.9, 0.1])
        '9 to 1'
    """
    smallest = min(planned)
    if len(planned) > _MOST_LISTED:
        return "equal parts" if max(planned) == smallest else f"parts of 1 to {round(max(planned) / smallest, 2):g}"
    return " to ".join(f"{round(part / smallest, 2):g}" for part in planned)


def _sizes(measured: Measurement) -> list[int]:
    return [measured.rows[ALL, variant] for variant in measured.variants]


def _counts(sizes: list[int]) -> str:
    """The groups' sizes in words, however many there are."""
    if len(sizes) <= _MOST_LISTED:
        return sentence_list([count(size) for size in sizes])
    return f"{len(sizes)} groups of {count(min(sizes))} to {count(max(sizes))}"


def _sample_ratio(measured: Measurement, planned: list[float], *, stated: bool) -> Check:
    sizes = _sizes(measured)
    level = _level(sample_ratio_test(sizes, planned).p_value)
    p_value = p_text(sample_ratio_test(sizes, planned).p_value)
    seen = f"{_counts(sizes)} customers"
    if level == "info":
        source = "as planned" if stated else "as assumed, since no planned ratio was given"
        return _passed("sample_ratio", f"{seen}, {ratio_words(planned)} {source}.")
    effect = "the effect is not shown" if level == "failure" else "look for a cause before relying on the effect"
    message = f"{seen} instead of {ratio_words(planned)} (p {p_value}): groups that lost people differ; {effect}."
    return _failed("sample_ratio", level, message)


def missing_table(measured: Measurement) -> pd.DataFrame:
    """How many units of each variant have no value of each metric?

    Args:
        measured: the sums.

    Returns:
        One row per metric and variant: metric, variant, n, missing, missing_rate, policy, p_value (do the
        variants differ?; empty where missing counts as 0).
    """
    rows = []
    for index, metric in enumerate(measured.metrics):
        sizes, missing = _asked(measured, index), _missing_counts(measured, index)
        p_value = equal_share_test(missing, sizes).p_value if metric.missing == "drop" else float("nan")
        for variant, n, lost in zip(measured.variants, sizes, missing, strict=True):
            rows.append((metric.name, variant, n, lost, lost / n, metric.missing, p_value))
    return pd.DataFrame(rows, columns=["metric", "variant", "n", "missing", "missing_rate", "policy", "p_value"])


def _missing_counts(measured: Measurement, index: int) -> list[int]:
    return [measured.cells[index, ALL, variant].missing for variant in measured.variants]


def _asked(measured: Measurement, index: int) -> list[int]:
    """Rows of each variant, with and without a value."""
    return [measured.cells[index, ALL, variant].rows for variant in measured.variants]


def _missing_words(metric: Metric, missing: list[int], sizes: list[int]) -> str:
    rates = [lost / n for lost, n in zip(missing, sizes, strict=True)]
    what = "did not answer" if metric.kind in SURVEYS else "without a value"
    if len(sizes) > _MOST_LISTED:
        return f"{share(min(rates))} to {share(max(rates))} {what}"
    return f"{sentence_list([count(lost) for lost in missing])} {what} ({sentence_list([share(r) for r in rates])})"


def _missing(measured: Measurement) -> Check:
    """Values that are missing more in one group than in another bend the comparison."""
    worst, sentences, answered = 1.0, [], ""
    for index, metric in enumerate(measured.metrics):
        sizes, missing = _asked(measured, index), _missing_counts(measured, index)
        if metric.missing == "zero" or not any(missing):
            continue
        worst = min(worst, equal_share_test(missing, sizes).p_value)
        sentences.append(f"{metric.words}: {_missing_words(metric, missing, sizes)}")
        if metric.kind in SURVEYS:
            answered = " Scores are compared among those who answered, and say nothing about the others."
    level = _level(worst)
    if not sentences:
        return _passed("missing_by_variant", "Every customer has a value of every measure.")
    ending = "alike in all groups" if level == "info" else f"not alike (p {p_text(worst)}); those who are left differ"
    message = f"{'; '.join(sentences)}; {ending}.{answered}"
    return Check(name="missing_by_variant", passed=level == "info", severity=level, message=message)


def _planned_size(plan: Plan) -> Check:
    if plan.open_ended:
        return _passed("planned_size", f"{count(plan.n)} customers; limits hold at any time, so no size is needed.")
    if plan.planned_n is None:
        message = (
            "No planned size was given, so these data are read as final. Whoever looks several times and stops "
            "at a good moment finds effects that are not there."
        )
        return _failed("planned_size", "warning", message)
    seen = f"{count(plan.n)} of {count(plan.planned_n)} planned customers"
    return Check("planned_size", True, "info", f"{seen}{'' if plan.lacking else ': the planned size is reached'}.")


def _units(measured: Measurement, unit: str | None) -> Check:
    total = count(sum(_sizes(measured)))
    if unit is None:
        message = f"Each of the {total} rows counts as one customer; name the unit's column to have that checked."
        return _passed("repeated_units", message)
    return _passed("repeated_units", f"Each of the {total} customers stands once, in one group.")


def _small_groups(measured: Measurement) -> Check:
    sizes = {group: n for group, n in measured.rows.items() if n < _SMALL}
    whole = sorted(variant for segment, variant in sizes if segment == ALL)
    if whole:
        message = f"Fewer than {_SMALL} customers in {names_of(whole)}: intervals are wide and rough."
        return _failed("small_groups", "warning", message)
    parts = sorted({segment for segment, _ in sizes})
    if parts:
        message = f"Fewer than {_SMALL} customers in a group of {names_of(parts)}: read these segments with care."
        return _failed("small_groups", "warning", message)
    return _passed("small_groups", f"Every group has at least {_SMALL} customers.")


def _period(plan: Plan) -> list[Check]:
    if plan.days is None:
        return []
    weeks, rest = divmod(plan.days, 7)
    if weeks == 0:
        message = f"Assigned within {plan.days} days: weekdays that are not in the data may behave otherwise."
        return [_failed("whole_weeks", "warning", message)]
    message = f"Assigned over {plan.days} days" + (f", {weeks} whole weeks." if not rest else ".")
    return [_passed("whole_weeks", message)]


def _skewed(measured: Measurement) -> list[Check]:
    """Unequal groups and lopsided values together bend the error rate (a simulation gave 16% instead of 5%)."""
    sizes, names = _sizes(measured), []
    if max(sizes) / (max(sizes) + min(sizes)) <= 0.6:
        return []
    for index, metric in enumerate(measured.metrics):
        cells = [measured.cells[index, ALL, variant] for variant in measured.variants]
        if metric.form == "mean" and max(abs(cell.skewness) for cell in cells) > 3:
            names.append(f"{metric.words}, even capped" if (index, "own") in measured.caps else metric.words)
    if not names:
        return []
    message = (
        f"{sentence_list(names)}: few very large values in groups of unequal size; the smaller group's interval "
        "misses low values too often (Welch's t misleads here). Cap the values, as in mean(…, cap='p99'), or plan "
        "equal groups."
    )
    return [_failed("skewed_values", "warning", message)]


def _relative(measured: Measurement, effects: list[Effect]) -> list[Check]:
    relative = {metric.name for metric in measured.metrics if metric.kind not in ("nps", "ordinal")}
    known = [e for e in effects if e.segment == ALL and e.effect is not None and e.metric in relative]
    open_ends = [e for e in known if e.relative_ci_low is None]
    if not open_ends:
        return []
    below = all((e.control_estimate or 0.0) < 0 for e in open_ends)
    where = "below 0, so that no fraction says" if below else "too near 0 to say"
    names = sentence_list(list(dict.fromkeys(e.metric for e in open_ends)))
    message = f"{names}: the control is {where} by how much it changed; only the absolute change is shown."
    return [_failed("relative_effect", "warning", message)]


def _covariates(measured: Measurement, effects: list[Effect]) -> list[Check]:
    wanted = {metric.name: metric for metric in measured.metrics if metric.covariate}
    if not wanted:
        return []
    unused = [e.metric for e in effects if e.segment == ALL and e.metric in wanted and not e.adjusted]
    if unused:
        names = sentence_list(list(dict.fromkeys(unused)))
        message = f"{names}: too few customers have a value from before; the effect is not adjusted."
        return [_failed("covariate", "warning", message)]
    gains = [_gain(e, measured) for e in effects if e.segment == ALL and e.metric in wanted]
    message = f"Adjusted for values from before the test; intervals are {sentence_list(gains)} narrower."
    return [_passed("covariate", message)]


def _gain(effect: Effect, measured: Measurement) -> str:
    """By how much the covariate, and not a cap beside it, narrowed the interval."""
    raw = unadjusted_width(measured, effect) or (effect.raw_ci_high or 0.0) - (effect.raw_ci_low or 0.0)
    now = (effect.ci_high or 0.0) - (effect.ci_low or 0.0)
    return share(max(1 - now / raw, 0.0) if raw else 0.0, 0)
