"""From further questions to the tidy tables and words of their pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxlab.charts.cohort_trends import cohort_trend
from cxlab.charts.effects import effect_forest
from cxlab.charts.score_rows import Frame
from cxlab.charts.share_rows import share_rows
from cxlab.journeys.correlates import BEFORE, LANDMARK
from cxlab.journeys.further_words import cohort_label, exposure
from cxlab.journeys.questions import questions_of
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.wording import count, duration, frequency, interval, p_text, points, share

if TYPE_CHECKING:
    from cxlab.journeys.funnel import FunnelResult

__all__ = ["further_pictures"]

_MOST = 10
_READINGS = {"good": "more often", "bad": "less often", "open": "undecided"}


def further_pictures(result: FunnelResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures do the further questions have?

    Args:
        result: the result.

    Returns:
        Name and what draws it.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    tables = result.tables
    if (_drawable(tables.get("trend"))["state"] != "unobservable").sum() > 1:
        drawn["trend"] = lambda width: _trend(result, width)
    if len(tables.get("goes_with", ())):
        drawn["goes_with"] = lambda width: _goes_with(result, width)
    if len(_drawable(tables.get("contacts"))):
        drawn["contacts"] = lambda width: _contacts(result, width)
    return drawn


def _drawable(frame: pd.DataFrame | None) -> pd.DataFrame:
    """Rows with enough people for a rate."""
    return pd.DataFrame({"n": [], "state": []}) if frame is None else frame[frame["n"] >= SMALLEST_DRAWN]


def _trend(result: FunnelResult, width: int) -> Any:
    period, level = result.parameters["trend"], f"{100 * result.confidence:g}%"
    rows = publishable(result.tables["trend"])
    rows = rows[rows["state"] != "unobservable"].assign(
        cohort=lambda frame: [cohort_label(key, period) for key in frame["cohort"]]
    )
    few = ~(rows["n"] >= SMALLEST_DRAWN)
    rows.loc[few, ["rate", "ci_low", "ci_high"]] = np.nan
    line = result.tables.get("trend_over_cohorts")
    hollow = " Hollow: seen in part, so on no line." if (rows["state"] == "partial").any() else ""
    missing = f" {period.capitalize()}s under {SMALLEST_DRAWN} people have no point." if few.any() else ""
    return cohort_trend(
        rows[["cohort", "n", "rate", "ci_low", "ci_high", "fitted", "fitted_low", "fitted_high", "state"]],
        title=_trend_title(line, period),
        subtitle=[f"Share that finished within the window of the first start, by {period} of that start. Bars"
                  f"{'' if line is None else ' and band'}: {level} intervals.", result.who],
        note=f"{_trend_note(line)}{hollow}{missing} Who begins may change as well.".strip(),
        description=f"Points of the share that finished by {period} of the first start. {_trend_title(line, period)}. "
        "Numbers in the table below.",
        value_title="Share that finished", cohort_title=f"{period.capitalize()} of the first start", width=width,
    )  # fmt: skip


def _trend_title(line: pd.DataFrame | None, period: str) -> str:
    if line is None:
        return f"The share that finishes, by {period} of the first start"
    row = line.iloc[0]
    if row["ci_low"] <= 0 <= row["ci_high"]:
        return f"The share that finishes neither clearly rises nor falls from {period} to {period}"
    word = "rises" if row["effect"] > 0 else "falls"
    return f"The share that finishes {word} from {period} to {period}: {points(row['effect'])} in all"


def _trend_note(line: pd.DataFrame | None) -> str:
    if line is None:
        return ""
    row = line.iloc[0]
    likely = interval(row["ci_low"], row["ci_high"], points)
    return f"From the first to the last on the line: {likely} (p {p_text(row['p_value'])})."


def _goes_with(result: FunnelResult, width: int) -> Any:
    frame = result.tables["goes_with"]
    top = frame.head(_MOST)
    digits = 1 if top[["estimate", "control_estimate"]].to_numpy().max() < 0.1 else 0
    rows = pd.DataFrame([_forest_row(row, 1 - result.confidence, digits) for row in top.to_dict("records")])
    clear = int((frame["p_adjusted"] < 1 - result.confidence).sum())
    shown = f"The {_MOST} surest of {count(len(frame))}. " if len(frame) > _MOST else ""
    title = _goes_title(top.iloc[0], clear)
    return effect_forest(
        rows, axis="absolute", axis_title="Points more of those with it finish", heads=("Compared", "Without", "With"),
        title=title, width=width,
        subtitle=f"Share that finished within the window of the first start. {result.who} Bars: "
        f"{share(result.confidence, 0)} intervals.",
        note=f"{shown}{_goes_note(result, clear, len(frame))} It describes who finishes; it does not show why.",
        description=f"Dot-and-bar chart of what goes with finishing. {title}. Numbers in the table below.",
    )  # fmt: skip


def _forest_row(row: dict[Any, Any], level: float, digits: int) -> dict[str, Any]:
    kind = "open" if not row["p_adjusted"] < level else "good" if row["effect"] > 0 else "bad"
    name = exposure(row)
    about = {BEFORE: "before the start", LANDMARK: "soon after the start"}.get(row["kind"], row["factor"])
    ends = interval(row["ci_low"], row["ci_high"], points)
    return {
        "label": _short(str(row["value"]), 26), "about": f"{about}, {count(row['n'])} people",
        "narrow": _short(name, 34),
        "effect": 100 * row["effect"], "ci_low": 100 * row["ci_low"], "ci_high": 100 * row["ci_high"], "margin": np.nan,
        "control": share(row["control_estimate"], digits), "new": share(row["estimate"], digits),
        "reading": _READINGS[kind], "short": _READINGS[kind], "change": ends, "kind": kind,
    }  # fmt: skip


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _goes_title(row: pd.Series, clear: int) -> str:
    if not clear:
        return "Nothing that was compared clearly goes with finishing"
    name = _short(exposure(row.to_dict()), 44)
    return f"With “{name}” {frequency(row['estimate'])} finish, without it {frequency(row['control_estimate'])}"[:90]


def _goes_note(result: FunnelResult, clear: int, tested: int) -> str:
    asked = questions_of(result.parameters)
    parts = [f"{count(clear)} of {count(tested)} are clear, allowing for how many were compared."]
    if asked.look_back is not None:
        parts.append(f"Earlier events: in the {duration(asked.look_back / 1e6)} before the start.")
    if asked.landmark is not None:
        parts.append(f"Soon after: in the first {duration(asked.landmark / 1e6)}; who finished by then is left out.")
    return " ".join(parts)


def _contacts(result: FunnelResult, width: int) -> Any:
    asked, frame = questions_of(result.parameters), publishable(result.tables["contacts"])
    few = ~(frame["n"] >= SMALLEST_DRAWN)
    told = [
        f"too few: {SMALLEST_DRAWN} needed" if small else f"{share(rate)} ({interval(low, high, share)})"
        for small, rate, low, high in zip(few, frame["rate"], frame["ci_low"], frame["ci_high"], strict=True)
    ]
    rows = pd.DataFrame({
        "label": [f"after {_short(name, 22)}" for name in frame["name"]],
        "about": ["" if small else f"{count(n)} dropped out" for small, n in zip(few, frame["n"], strict=True)],
        "rate": frame["rate"].mask(few), "ci_low": frame["ci_low"].mask(few), "ci_high": frame["ci_high"].mask(few),
        "told": told,
    })  # fmt: skip
    within = duration(asked.contact_within / 1e6)
    still = int(result.tables["contacts"]["open"].sum())
    words = Frame(
        _contact_title(result.tables["contacts"], within),
        f"Share that turned to support within {within} after the last step, over those who dropped out. "
        f"{result.who} Lines: {share(result.confidence, 0)} intervals.",
        f"Bars of contact with support after each step. {_contact_title(result.tables['contacts'], within)}. "
        "Numbers in the table below.",
        (f"{count(still)} dropped out less than {within} before the data end and are left out. " if still else "")
        + "Who turned to support may have stopped for that reason, or turned to it because they were stuck.",
        width,
    )  # fmt: skip
    return share_rows(rows, words, axis_title="Turned to support")


def _contact_title(contacts: pd.DataFrame, within: str) -> str:
    rows = _drawable(contacts)
    top = rows.loc[rows["rate"].idxmax()]
    clear = (rows["ci_high"].drop(top.name) < top["ci_low"]).all() and len(rows) > 1
    if not clear:
        whole = contacts["contacted"].sum() / contacts["n"].sum()
        return f"{frequency(whole)} who drop out turn to support within {within}"
    return f"Most turn to support after “{_short(top['name'], 30)}”: {frequency(top['rate'])} within {within}"
