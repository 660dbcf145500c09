"""The tables of a portfolio as readers see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.results import publishable
from cxlab.wording import MISSING, count, date, p_text, share

if TYPE_CHECKING:
    from cxlab.experiments.portfolio import PortfolioResult
    from cxlab.experiments.portfolio_words import Units

__all__ = ["portfolio_display"]

_METHODS = {
    "observed": "As the tests showed",
    "corrected": "Corrected for choosing",
    "corrected, plug-in": "Corrected, observed effects taken for true",
    "shrunken": "Drawn towards all experiments",
}


def portfolio_display(result: PortfolioResult) -> dict[str, pd.DataFrame]:
    """Sums, experiments and splits, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    shown = {"The shipped changes together": _totals(result), "Every experiment": _tests(result)}
    if "sample_ratio" in result.tables:
        shown["Splits"] = _splits(result)
    return shown


def _span(units: Units, low: Any, high: Any) -> str:
    if pd.isna(low):
        return MISSING
    return f"{units.plain(low, sign=True)} to {units.plain(high, sign=True)}"


def _change(units: Units, value: Any) -> str:
    return MISSING if pd.isna(value) else units.change(float(value))


def _totals(result: PortfolioResult) -> pd.DataFrame:
    rows = result.tables["total"].to_dict("records")
    return pd.DataFrame(
        [
            {
                "Sum": _METHODS[str(row["method"])],
                "Change": _change(result.units, row["effect"]),
                f"{result.confidence:.0%} interval": _span(result.units, row["ci_low"], row["ci_high"]),
            }
            for row in rows
        ]
    )


def _tests(result: PortfolioResult) -> pd.DataFrame:
    return pd.DataFrame([_test(result, row) for row in publishable(result.table).to_dict("records")])


def _test(result: PortfolioResult, row: dict[Any, Any]) -> dict[str, str]:
    when = {"Ended": date(str(row["time"]))} if "time" in row else {}
    return {
        "Experiment": str(row["experiment"]), **when, "Shipped": _shipped(row),
        "Observed": _change(result.each, row["effect"]), "Interval": _span(result.each, row["ci_low"], row["ci_high"]),
        "p, adjusted": p_text(row["p_adjusted"]), "Drawn in": _change(result.each, row["shrunken_effect"]),
        "Its interval": _span(result.units, row["shrunken_ci_low"], row["shrunken_ci_high"]),
        "Chance that it helps": share(row["chance_to_beat_control"], 0),
    }  # fmt: skip


def _shipped(row: dict[Any, Any]) -> str:
    word = "yes" if row["shipped"] else "no"
    return word if row["counted"] else f"{word}, not counted"


def _splits(result: PortfolioResult) -> pd.DataFrame:
    frame = publishable(result.tables["sample_ratio"])
    return pd.DataFrame({
        "Experiment": frame["experiment"], "New": frame["n"].map(count), "Control": frame["control_n"].map(count),
        "Planned": frame["planned_share"].map(share), "Came": frame["share"].map(share),
        "p": frame["p_value"].map(p_text),
    })  # fmt: skip
