"""What became of revenue: bridges from one period to another, and what the same customers pay later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.retention.revenue_history import Revenue
from cxlab.stats.ratio_of_sums import kept_share, ratios_of_sums

__all__ = ["changes", "cohort_cells", "curve", "groups", "over_time", "steps"]

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]


def groups(revenue: Revenue, over: int, settings: dict[str, Any]) -> pd.DataFrame:
    """What is left of the revenue of so many periods ago: a row for all customers and one per segment."""
    begin, end = revenue.periods - 1 - over, revenue.periods - 1
    return pd.DataFrame([
        {"segment": name, "n": int((revenue.paid[part, begin] > 0).sum()),
         **_rates(revenue, begin, end, part, settings)}
        for name, part in _parts(revenue).items()
    ])  # fmt: skip


def changes(revenue: Revenue, over: int) -> pd.DataFrame:
    """What came and went in between: a row per segment and change, with the customers behind it."""
    begin, end = revenue.periods - 1 - over, revenue.periods - 1
    return pd.DataFrame([
        {"segment": name, **row} for name, part in _parts(revenue).items() for row in _bridge(revenue, begin, end, part)
    ])  # fmt: skip


def steps(revenue: Revenue) -> pd.DataFrame:
    """The same from each period to the next."""
    everybody = np.ones(len(revenue.first), bool)
    return pd.DataFrame([
        {"period": revenue.name(end), **row}
        for end in range(1, revenue.periods) for row in _bridge(revenue, end - 1, end, everybody)
    ])  # fmt: skip


def over_time(revenue: Revenue, over: int, settings: dict[str, Any]) -> pd.DataFrame:
    """Both rates for each period that has one so many periods before it."""
    everybody = np.ones(len(revenue.first), bool)
    return pd.DataFrame([
        {"period": revenue.name(end), "n": int((revenue.paid[:, end - over] > 0).sum()),
         **_rates(revenue, end - over, end, everybody, settings)}
        for end in range(over, revenue.periods)
    ])  # fmt: skip


def _parts(revenue: Revenue) -> dict[str, Chosen]:
    parts = {ALL: np.ones(len(revenue.first), bool)}
    if revenue.segment is not None:
        parts |= {str(name): np.asarray(revenue.segment == name) for name in sorted(set(revenue.segment))}
    return parts


def cohort_cells(revenue: Revenue, settings: dict[str, Any]) -> pd.DataFrame:
    """What customers pay by age, as a fraction of what they paid at first, by the period in which they began."""
    rows = []
    for began in range(revenue.periods - 1):
        part = revenue.first == began
        base, later = revenue.paid[part, began], revenue.paid[part, began + 1 :]
        found = _several(base, later, settings) if part.any() else []
        rows += [
            {"cohort": revenue.name(began), "age": age, "n": len(base), **rates} for age, rates in enumerate(found, 1)
        ]
    return pd.DataFrame(rows, columns=["cohort", "age", "n", *_RATES])


def curve(revenue: Revenue, settings: dict[str, Any]) -> pd.DataFrame:
    """The same over all cohorts that were seen at an age; customers of the log's first period are left out."""
    rows = []
    for age in range(1, revenue.periods - 1):
        of = np.flatnonzero((revenue.first > 0) & (revenue.first + age < revenue.periods))
        if len(of):
            base, later = (revenue.paid[of, revenue.first[of] + ahead] for ahead in (0, age))
            rows.append({"age": age, "n": len(of), **_several(base, later[:, None], settings)[0]})
    return pd.DataFrame(rows, columns=["age", "n", *_RATES])


_RATES = ("start", "later", "grr", "grr_ci_low", "grr_ci_high", "nrr", "nrr_ci_low", "nrr_ci_high")


def _bridge(revenue: Revenue, begin: int, end: int, part: Chosen) -> list[dict[str, Any]]:
    base, later, first = revenue.paid[part, begin], revenue.paid[part, end], revenue.first[part]
    had, grown = base > 0, later - base
    who = {
        "new": ~had & (later > 0) & (first > begin), "reactivated": ~had & (later > 0) & (first < begin),
        "expansion": had & (grown > 0), "contraction": had & (grown < 0) & (later > 0), "churned": had & (later == 0),
    }  # fmt: skip
    rows = [("start", had, base), *((name, of, grown) for name, of in who.items()), ("end", later > 0, later)]
    amounts = [float(amount[of].sum()) for _, of, amount in rows]
    if not np.isclose(sum(amounts[:-1]), amounts[-1], rtol=1e-9, atol=1e-6):
        raise AssertionError("a bridge of revenue does not add up")
    return [
        {"change": name, "n": int(of.sum()), "amount": one} for (name, of, _), one in zip(rows, amounts, strict=True)
    ]


def _rates(revenue: Revenue, begin: int, end: int, part: Chosen, settings: dict[str, Any]) -> dict[str, float]:
    chosen = part & (revenue.paid[:, begin] > 0)
    return _several(revenue.paid[chosen, begin], revenue.paid[chosen, end][:, None], settings)[0]


def _several(base: Floats, later: Floats, settings: dict[str, Any]) -> list[dict[str, float]]:
    """Both rates for each column. Gross: nobody counts more than at the start. Net: all that the same customers pay."""
    found = []
    for column, net in zip(later.T, ratios_of_sums(later, base, **settings), strict=True):
        gross = kept_share(np.minimum(base, column), base, confidence=settings["confidence"])
        found.append({
            "start": float(base.sum()), "later": float(column.sum()), "grr": gross.estimate,
            "grr_ci_low": gross.ci_low, "grr_ci_high": gross.ci_high, "nrr": net.estimate,
            "nrr_ci_low": net.ci_low, "nrr_ci_high": net.ci_high,
        })  # fmt: skip
    return found
