"""Can the sum over past experiments be trusted?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from cxlab.experiments.past_tests import BROKEN, PastTests
from cxlab.experiments.totals import Portfolio
from cxlab.results import Check
from cxlab.wording import count, p_text, sentence_list

__all__ = ["portfolio_checks", "ratio_table"]

_FEW = 20
_NAMED = 3


def portfolio_checks(found: Portfolio) -> tuple[Check, ...]:
    """Which questions of trust does a portfolio answer, and how?

    Args:
        found: all experiments.

    Returns:
        Every check.
    """
    tests = found.tests
    checks = [_ratio(tests), *_drift(tests), _all_tests(tests), _rule(tests), _size(found), _agreement(found)]
    return (*checks, *_lost(tests))


def _check(name: str, message: str, *, passed: bool) -> Check:
    return Check(name=name, passed=passed, severity="info" if passed else "warning", message=message)


def _names(tests: PastTests, which: np.ndarray) -> str:
    """The first few by name, the rest as a number."""
    names = [f"“{name}”" for name in tests.frame.loc[which, "experiment"]]
    more = [f"{count(len(names) - _NAMED)} more"] if len(names) > _NAMED else []
    return sentence_list([*names[:_NAMED], *more])


def _ratio(tests: PastTests) -> Check:
    if "n" not in tests.frame:
        message = "The sizes of the groups are not known; name them with n= and control_n= to have the split checked."
        return _check("sample_ratio", message, passed=False)
    broken = ~tests.counted
    if not broken.any():
        return _check("sample_ratio", f"All {count(len(tests.frame))} experiments are split as planned.", passed=True)
    message = (
        f"{count(int(broken.sum()))} of {count(len(broken))} experiments are not split as planned (p below "
        f"{BROKEN:g}): {_names(tests, broken)}. They count in no sum."
    )
    return _check("sample_ratio", message, passed=False)


def _drift(tests: PastTests) -> list[Check]:
    """Over all experiments that look sound, are the splits as near to the plan as chance makes them?"""
    if "n" not in tests.frame:
        return []
    p_values = tests.frame.loc[tests.counted, "sample_ratio_p"].to_numpy(float)
    statistic = float((ndtri(np.clip(p_values, BROKEN, 1.0) / 2) ** 2).sum())
    p_value = float(chdtrc(len(p_values), statistic))
    if p_value >= 0.01:
        return [_check("sample_ratio_over_time", "Over all others, splits vary as chance makes them.", passed=True)]
    message = (
        f"Over all others too, splits vary more than chance explains (p {p_text(p_value)}): the assignment has a fault "
        "that single experiments are too small to show."
    )
    return [_check("sample_ratio_over_time", message, passed=False)]


def _all_tests(tests: PastTests) -> Check:
    kept = int((~tests.frame["shipped"]).sum())
    if kept:
        return _check(
            "unshipped_tests", f"{count(kept)} experiments that were not shipped are part of it.", passed=True
        )
    message = (
        "Every experiment was shipped. Were those left out that were not? The correction needs all of them, and is too "
        "small without."
    )
    return _check("unshipped_tests", message, passed=False)


def _rule(tests: PastTests) -> Check:
    """The correction assumes that passing the threshold decided."""
    rule = f"the threshold of {tests.threshold:g} standard errors"
    if tests.by_rule:
        return _check(
            "shipping_rule", f"No column says what was shipped: every change beyond {rule} counts.", passed=True
        )
    shipped = tests.shipped & tests.counted
    against, kept = shipped & ~tests.passed, tests.passed & tests.counted & ~shipped
    if not against.any() and not kept.any():
        return _check("shipping_rule", f"What was shipped is what passed {rule}.", passed=True)
    told = []
    if against.any():
        told.append(f"{count(int(against.sum()))} shipped without passing {rule}")
    if kept.any():
        told.append(f"{count(int(kept.sum()))} passed and not shipped")
    message = f"{sentence_list(told).capitalize()}: the correction takes passing for what decided, so it is rough."
    few = (against | kept).sum() <= 0.1 * len(shipped)
    return _check("shipping_rule", message, passed=bool(few))


def _size(found: Portfolio) -> Check:
    number = int(found.tests.counted.sum())
    if number >= _FEW:
        return _check("few_experiments", f"{count(number)} experiments tell how true effects are spread.", passed=True)
    message = f"{count(number)} experiments tell little of how true effects are spread; {_FEW} or more would."
    return _check("few_experiments", message, passed=False)


def _agreement(found: Portfolio) -> Check:
    """Two ways to correct rest on different assumptions; where they part, the sum hangs on them."""
    drawn, total = float(found.means[found.tests.shipped].sum()), found.total
    if total.ci_low <= drawn <= total.ci_high:
        return _check("corrections_agree", "Two ways to correct the sum agree within its interval.", passed=True)
    message = "Two ways to correct the sum part by more than its interval; see the table of sums."
    return _check("corrections_agree", message, passed=False)


def _lost(tests: PastTests) -> list[Check]:
    if not tests.without_effect:
        return []
    message = f"{count(tests.without_effect)} experiments have no effect or no interval and are left out."
    return [_check("missing_effects", message, passed=False)]


def ratio_table(tests: PastTests) -> pd.DataFrame:
    """How far is each experiment's split from the plan?

    Args:
        tests: the experiments.

    Returns:
        One row per experiment: experiment, time (where known), n, control_n, planned_share, share, z (standard errors
        from the planned share), p_value and broken.
    """
    frame = tests.frame
    total = frame["n"] + frame["control_n"]
    planned = frame["planned_share"] if "planned_share" in frame else pd.Series(0.5, index=frame.index)
    share = frame["n"] / total
    when = {"time": frame["time"]} if "time" in frame else {}
    return pd.DataFrame({
        "experiment": frame["experiment"], **when, "n": frame["n"], "control_n": frame["control_n"],
        "planned_share": planned, "share": share, "z": (share - planned) / np.sqrt(planned * (1 - planned) / total),
        "p_value": frame["sample_ratio_p"], "broken": ~frame["counted"],
    })  # fmt: skip
