"""From who leaves sooner to the tidy tables and words of the pictures; small groups are hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxlab.charts.hazards import hazard_ratios
from cxlab.charts.incidence import MOST_AREAS, incidence_areas
from cxlab.charts.score_rows import Frame
from cxlab.charts.survival import MOST_CURVES, survival_curves
from cxlab.data import ALL
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.retention.churn_words import ratio, spell, strongest
from cxlab.wording import count, frequency, interval, share

if TYPE_CHECKING:
    from cxlab.retention.leaving import ChurnResult

__all__ = ["churn_pictures"]

_LONGEST = 88
_OTHERS = "other reasons"


def churn_pictures(result: ChurnResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it: drivers first where they were asked for, then curves and reasons.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    if result.hazards is not None:
        drawn["drivers"] = lambda width: _drivers(result, width)
    if len(_curve_rows(result)):
        drawn["curves"] = lambda width: _curves(result, width)
    if result.parameters["reason"] and len(_incidence_rows(result)):
        drawn["reasons"] = lambda width: _reasons(result, width)
    return drawn


def _fitting(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"


def _plain(value: float | None) -> str:
    return ratio(float(value or 0))


def _drivers(result: ChurnResult, width: int) -> Any:
    rows = publishable(result.table).dropna(subset=["estimate"])
    frame = Frame(
        _fitting(_driver_title(result)),
        "How many times as often customers leave, at any time, as those they are held against (hollow circle at 1), "
        f"the other drivers being equal; bars: {100 * result.confidence:g}% intervals. {result.scope}.",
        f"Dot-and-bar chart of hazard ratios. {result.headline} Numbers in the table below.",
        "Squares: leave sooner; circles: later; hollow diamonds: undecided, all drivers taken together. What goes "
        "together need not be cause and effect.", width,
    )  # fmt: skip
    told = rows.assign(
        label=[f"{row.driver}: {row.level}" for row in rows.itertuples()],
        told=[_told(row) for _, row in rows.iterrows()], reading=[_reading(row) for _, row in rows.iterrows()],
    )  # fmt: skip
    columns = ["label", "told", "estimate", "ci_low", "ci_high", "reading"]
    return hazard_ratios(told[columns], frame, axis_title="Times as often")


def _told(row: pd.Series) -> str:
    if pd.isna(row["ci_low"]):
        return "compared with"
    return f"{ratio(row['estimate'])} ({interval(row['ci_low'], row['ci_high'], _plain)})"


def _reading(row: pd.Series) -> str:
    if pd.isna(row["ci_low"]):
        return "reference"
    if not row["p_adjusted"] < 0.05:
        return "undecided"
    return "sooner" if row["estimate"] > 1 else "later"


def _driver_title(result: ChurnResult) -> str:
    found = strongest(result.table)
    if found.empty:
        return "No driver goes together with leaving beyond chance"
    row = found.iloc[0]
    more = " sooner" if row["estimate"] > 1 else " later"
    what = row["level"] if "more" in str(row["level"]).split() else f"“{row['level']}”"
    return f"Customers with {row['driver']} {what} leave{more}: {ratio(row['estimate'])} times as often"


def _curve_rows(result: ChurnResult) -> pd.DataFrame:
    """The largest groups, as long as five or more are watched."""
    rows = publishable(result.tables["curves"]).dropna(subset=["n"])
    groups = sorted(result.found.groups or [ALL], key=lambda name: name != result.found.reference)
    names = [name for name in groups
             if result.found.curves[name].at_risk[0] >= SMALLEST_DRAWN][:MOST_CURVES]  # fmt: skip
    kept = rows[rows["group"].isin(names) & (rows["time"] <= result.found.periods + 1e-9)].dropna(subset=["estimate"])
    order = kept["group"].map(names.index) if len(kept) else kept["group"]
    low, high = kept["ci_low"].fillna(kept["estimate"]), kept["ci_high"].fillna(kept["estimate"])
    kept = kept.assign(order=order, ci_low=low, ci_high=high).sort_values(["order", "time"])
    return kept[["group", "time", "n", "estimate", "ci_low", "ci_high"]]


def _curves(result: ChurnResult, width: int) -> Any:
    rows, given = _curve_rows(result), dict(result.parameters)
    groups = list(dict.fromkeys(rows["group"]))
    note = "Who is still here counts for as long as we have seen them. Dashed: half have left."
    if len(result.found.groups) > len(groups):
        note += f" Drawn: {count(len(groups))} of {count(len(result.found.groups))} groups; all are in the table."
    by = f" by {given['group']}" if given["group"] else ""
    return survival_curves(
        rows if given["group"] else rows.assign(group="all customers"), title=_fitting(_curve_title(result, groups)),
        subtitle=f"Share of customers still here{by}. Bands: {100 * result.confidence:g}% intervals. {result.scope}.",
        note=note, value_title="Still here", time_title=f"{given['period'].capitalize()}s since the start", width=width,
        description=f"Curves of the share of customers still here{by}. {result.headline} Numbers in the table below.",
    )  # fmt: skip


def _curve_title(result: ChurnResult, groups: list[str]) -> str:
    rows = result.tables.get("groups", result.table).set_index("group")
    after = spell(result.found.periods, result.parameters)
    shares = rows["estimate"].reindex(groups).dropna()
    if len(shares) < 2:
        whole = shares.iloc[0] if len(shares) else rows.loc[ALL, "estimate"]
        return f"After {after} {frequency(float(whole))} customers are still here"
    most, least = str(shares.idxmax()), str(shares.idxmin())
    return f"After {after} {share(shares[most], 0)} of “{most}” are still here, {share(shares[least], 0)} of “{least}”"


def _incidence_rows(result: ChurnResult) -> pd.DataFrame:
    """Everybody's shares by reason, the rarer reasons put together; as long as five or more are watched."""
    rows = result.tables["incidence"]
    rows = rows[(rows["group"] == ALL) & (rows["time"] <= result.found.periods + 1e-9)]
    rows = rows[rows["n"] >= SMALLEST_GROUP].dropna(subset=["estimate"])
    own = publishable(result.tables["reasons"])
    sizes = own[own["group"] == ALL].dropna(subset=["n"]).sort_values("n", ascending=False, kind="stable")["reason"]
    every = result.churn.reasons
    kept = list(sizes) if len(sizes) == len(every) <= MOST_AREAS else list(sizes[: MOST_AREAS - 1])
    named = rows.assign(reason=np.where(rows["reason"].isin(kept), rows["reason"], _OTHERS))
    summed = named.groupby(["reason", "time"], as_index=False)["estimate"].sum()
    order = {reason: k for k, reason in enumerate([*kept, _OTHERS])}
    return summed.assign(order=summed["reason"].map(order)).sort_values(["order", "time"])


def _reasons(result: ChurnResult, width: int) -> Any:
    rows, given = _incidence_rows(result), dict(result.parameters)
    ends = rows.groupby("reason", sort=False)["estimate"].last()
    told = rows.assign(told=[frequency(float(ends[reason])) for reason in rows["reason"]])
    last = round(float(rows["time"].max()), 1)
    first = ends.index[0]
    frame = Frame(
        _fitting(f"After {spell(last, given)} {frequency(float(ends[first]))} are gone for “{first}”"),
        f"Share of customers gone, by {given['reason']}, one on top of the other: the upper edge is everybody who "
        f"left. {result.scope}.",
        f"Stacked areas of the share of customers gone, by reason. {result.headline} Numbers in the table below.",
        "Who left for one reason cannot leave for another any more. Intervals are in the table.", width,
    )  # fmt: skip
    columns = ["reason", "time", "estimate", "told"]
    return incidence_areas(told[columns], frame, time_title=f"{given['period'].capitalize()}s since the start")
