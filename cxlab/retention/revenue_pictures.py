"""From what became of revenue to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.charts.revenue import rates_over_time, revenue_bridge
from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import is_narrow
from cxlab.data import ALL
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP, publishable
from cxlab.retention.amounts import money, signed_money
from cxlab.retention.revenue_words import spell
from cxlab.wording import count, share

if TYPE_CHECKING:
    from cxlab.retention.kept_revenue import RevenueResult

__all__ = ["revenue_pictures"]

_MOST = 36  # ends or ages in one picture, the last or first ones


def revenue_pictures(result: RevenueResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the bridge is always there.
    """
    drawn: dict[str, Callable[[int], Any]] = {"bridge": lambda width: _bridge(result, width)}
    if len(_shown(result.tables["over_time"])) > 1:
        drawn["over_time"] = lambda width: _over_time(result, width)
    if len(_aged(result)) > 1:
        drawn["curve"] = lambda width: _curve(result, width)
    return drawn


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    return publishable(frame).dropna(subset=["nrr", "nrr_ci_low"])


def _aged(result: RevenueResult) -> pd.DataFrame:
    """Ages that enough customers were seen at."""
    rows = _shown(result.tables["curve"])
    return rows[rows["n"] >= SMALLEST_DRAWN].head(_MOST)


def _bridge(result: RevenueResult, width: int) -> Any:
    given, revenue = dict(result.parameters), result.revenue
    rows = _bars(result.tables["changes"], given)
    begin, end = revenue.name(revenue.periods - 1 - given["over"]), revenue.name(revenue.periods - 1)
    frame = Frame(
        _went(result.table.iloc[0], given),
        f"Revenue of {begin}, what came and went until {end}, and revenue then. {result.scope}.",
        f"Waterfall chart of revenue from {begin} to {end}. {result.headline} Numbers in the table below.",
        "Changes behind which fewer than 5 customers stand are put together." if "Other" in set(rows["label"]) else "",
        width,
    )
    if is_narrow(width):
        rows = rows.assign(
            label=[label.replace("Reactivated", "Came back") for label in rows["label"]],
            told=[
                _short(high - low, kind)
                for low, high, kind in zip(rows["low"], rows["high"], rows["kind"], strict=True)
            ],
        )
    unit = f", {given['measured_in']}" if given["measured_in"] else ""
    return revenue_bridge(rows, frame, value_title=f"Revenue in the {given['period']}{unit}")


def _went(row: pd.Series, given: dict[str, Any]) -> str:
    """How much of the start went, and how much the same customers added."""
    if pd.isna(row["grr"]) or row["n"] < SMALLEST_GROUP:
        return "Revenue at the start and at the end"
    went = (1 - row["grr"]) * row["start"]
    added = row["later"] - row["start"] + went
    start, gone, more = (money(amount, given["measured_in"]) for amount in (row["start"], went, added))
    return f"Of {start}, {gone} went; the same customers added {more}"


def _short(amount: float, kind: str) -> str:
    """An amount where there is hardly room for it."""
    text = f"{abs(amount) / 1000:.1f}k" if abs(amount) >= 1000 else f"{abs(amount):.0f}"
    return text if kind == "level" else f"{'+' if kind == 'gain' else '−'}{text}"


def _bars(frame: pd.DataFrame, given: dict[str, Any]) -> pd.DataFrame:
    """From where to where each bar reaches; what few customers stand behind is put together."""
    own = frame[frame["segment"] == ALL].reset_index(drop=True)
    hidden = publishable(frame)[frame["segment"] == ALL]["amount"].isna().to_numpy()
    hidden = hidden & ~own["change"].isin(["start", "end"]).to_numpy()
    told = [(str(row["change"]).capitalize(), float(row["amount"])) for row in own[~hidden].to_dict("records")]
    if hidden.any():
        told.insert(-1, ("Other", float(own.loc[hidden, "amount"].sum())))
    bars, level = [], 0.0
    for label, amount in told:
        if label in ("Start", "End"):
            bars.append((label, 0.0, amount, "level", money(amount, given["measured_in"])))
            level = amount
        elif amount or label != "Reactivated":
            bars.append(
                (
                    label,
                    min(level, level + amount),
                    max(level, level + amount),
                    "gain" if amount >= 0 else "loss",
                    signed_money(amount, given["measured_in"]),
                )
            )
            level += amount
    return pd.DataFrame(bars, columns=["label", "low", "high", "kind", "told"])


def _long(rows: pd.DataFrame, place: str) -> pd.DataFrame:
    parts = [
        rows[[place]].set_axis(["place"], axis=1).assign(
            rate=name, value=rows[rate], ci_low=rows[f"{rate}_ci_low"], ci_high=rows[f"{rate}_ci_high"]
        )
        for rate, name in (("nrr", "Net"), ("grr", "Gross"))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _over_time(result: RevenueResult, width: int) -> Any:
    given = dict(result.parameters)
    rows = _shown(result.tables["over_time"]).tail(_MOST)
    first, last = rows.iloc[0], rows.iloc[-1]
    frame = Frame(
        f"Net retention over {spell(given)}: {share(first['nrr'], 0)} in {first['period']}, "
        f"{share(last['nrr'], 0)} in {last['period']}",
        f"Revenue of the same customers as a fraction of {spell(given)} before, by {given['period']} of the end; "
        f"bands: {100 * result.confidence:g}% intervals. Dashed: all of it stays.",
        f"Line chart of gross and net revenue retention. {result.headline} Numbers in the table below.",
        f"Neighbouring {given['period']}s share most of their customers, so that they go up and down together.", width,
    )  # fmt: skip
    return rates_over_time(_long(rows, "period"), frame, axis_title=None)


def _curve(result: RevenueResult, width: int) -> Any:
    given = dict(result.parameters)
    rows = _aged(result)
    last = rows.iloc[-1]
    frame = Frame(
        f"{count(last['age'])} {given['period']}s after the first payment, customers pay {share(last['nrr'], 0)} of it",
        f"Revenue by {given['period']}s since the first payment, as a fraction of the first one; all customers "
        f"who were seen so long. Bands: {100 * result.confidence:g}% intervals.",
        f"Line chart of revenue by age. {result.headline} Numbers in the table below.",
        f"Fewer customers stand behind later ages; ages with fewer than {SMALLEST_DRAWN} are not drawn.", width,
    )  # fmt: skip
    title = f"{given['period'].capitalize()}s since the first payment"
    return rates_over_time(_long(rows, "age"), frame, axis_title=title, ordinal=True)
