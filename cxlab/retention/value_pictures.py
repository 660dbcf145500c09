"""From the findings on customer value to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cxlab.charts.purchases import purchase_frequency, purchase_tracking, value_tenths
from cxlab.charts.score_rows import Frame
from cxlab.charts.theme import is_narrow
from cxlab.results import publishable
from cxlab.retention.amounts import rounded
from cxlab.retention.value_words import tracking_title
from cxlab.wording import count, date, share

if TYPE_CHECKING:
    from cxlab.retention.lifetime_value import ValueResult

__all__ = ["value_pictures"]

_ALL = 1.4  # ranges of eight kinds together are so much wider than one alone


def value_pictures(result: ValueResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the first is the test, which is always there.
    """
    drawn: dict[str, Callable[[int], Any]] = {
        "tracking": lambda width: _tracking(result, width),
        "frequency": lambda width: _frequency(result, width),
    }
    if not result.found.flat:
        drawn["tenths"] = lambda width: _tenths(result, width)
    return drawn


def _tracking(result: ValueResult, width: int) -> Any:
    found = result.found
    rows = publishable(result.tables["tracking"]).dropna(subset=["n"])
    last = rows.iloc[-1]
    frame = Frame(
        tracking_title(found),
        f"Repeat purchases of {count(last['n'])} customers who had bought by {date(found.day(found.tracking.cut))}; "
        f"seen until {date(str(last['end']))}. Black: came. Blue: expected, with the range for "
        f"{_of_100(found)} futures.",
        f"Line chart of repeat purchases that came and that were expected, by {found.period}. {result.headline} "
        "Numbers in the table below.",
        f"The model knows no seasons, so single {found.period}s miss. Read the sums, and values per customer as an "
        "order of size.",
        width,
    )
    ends = (f"Expected: {count(rounded(float(last['expected_so_far'])))}", f"Came: {count(last['actual_so_far'])}")
    titles = ("Repeat purchases so far", f"Repeat purchases in the {found.period}")
    return purchase_tracking(rows, frame, titles=titles, ends=ends)


def _of_100(found: Any) -> str:
    return f"{100 * found.confidence:g} of 100"


def _frequency(result: ValueResult, width: int) -> Any:
    found = result.found
    rows = publishable(result.tables["frequency"]).dropna(subset=["n"])
    if is_narrow(width):
        rows = rows.assign(frequency=rows["frequency"].str.replace(" or more", "+"))
    far = (rows["n"] - rows["expected"]).abs() > _ALL * (rows["ci_high"] - rows["expected"])
    title = "The model has about as many customers of each kind as were seen"
    if far.any():
        kinds = f"{count(int(far.sum()))} of {count(len(rows))} kinds of customers"
        title = f"Of {kinds} the model has more or fewer than were seen"
    frame = Frame(
        title,
        f"Customers by repeat purchases until {date(found.day(found.tracking.cut))}. Grey: seen. Blue: expected, with "
        f"the range for {_of_100(found)} repetitions. {result.scope}.",
        f"Bar chart of customers by number of repeat purchases. {title}. Numbers in the table below.",
        width=width,
    )
    return purchase_frequency(rows, frame, axis_title="Repeat purchases", value_title="Customers")


def _tenths(result: ValueResult, width: int) -> Any:
    found = result.found
    rows = publishable(result.tables["tenths"]).dropna(subset=["n"])
    rows = rows.assign(told=[share(part, 0) for part in rows["share"]])
    first = float(rows["share"].iloc[0])
    unit = f", {found.measured_in}" if found.measured_in and found.revenue is not None else ""
    frame = Frame(
        f"The most valuable tenth of customers holds {share(first, 0)} of all value",
        f"Mean value still to come per customer, discounted, by tenth of customers; bar: {found.level} interval of the "
        f"mean. Above: share of all value. {result.scope}.",
        f"Bar chart of customers' value by tenth. The first holds {share(first, 0)}. Numbers in the table below.",
        "Tenths are made by the expected value itself, so that what customers really bring differs less.",
        width,
    )
    return value_tenths(rows, frame, axis_title="Tenth of customers", value_title=f"Value each{unit}")
