"""From past experiments to the tidy tables and words of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.special import ndtri

from cxlab.charts.portfolio import corrected_effects, running_total, split_monitor
from cxlab.charts.score_rows import Frame
from cxlab.experiments.amounts import capital
from cxlab.experiments.past_tests import BROKEN
from cxlab.results import publishable
from cxlab.wording import count, share

if TYPE_CHECKING:
    from cxlab.experiments.portfolio import PortfolioResult

__all__ = ["portfolio_pictures"]

_MOST = 25
_UNITS = {"points": "points", "%": "%", "": "own size"}


def portfolio_pictures(result: PortfolioResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the result have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the first is the main one.
    """
    drawn: dict[str, Callable[[int], Any]] = {}
    if result.found.number and "cumulative" in result.tables:
        drawn["total"] = lambda width: _total(result, width)
    if result.found.number:
        drawn["effects"] = lambda width: _effects(result, width)
    if "sample_ratio" in result.tables and "time" in result.tables["sample_ratio"]:
        drawn["sample_ratio"] = lambda width: _splits(result, width)
    return drawn


def _unit(result: PortfolioResult) -> str:
    return _UNITS.get(result.units.measured_in, result.units.measured_in)


def _scaled(result: PortfolioResult, frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return frame.assign(**{name: frame[name] * result.units.scaled(1.0) for name in names})


def _total(result: PortfolioResult, width: int) -> Any:
    found, units = result.found, result.units
    rows = _scaled(result, result.tables["cumulative"], ["observed", "effect", "ci_low", "ci_high"])
    rows = rows.assign(time=rows["time"].astype(str))
    last = result.tables["cumulative"].iloc[-1]
    observed, corrected = units.change(float(last["observed"])), units.change(float(last["effect"]))
    frame = Frame(
        f"Shipped changes brought about {corrected}, not the {observed} their tests showed",
        f"Effect on {result.what}, summed over {count(found.number)} shipped changes. Dashed: as their tests showed. "
        f"Blue: corrected for choosing, with {result.confidence:.0%} interval. {result.scope}",
        f"Step chart of the sum of shipped changes over time. {result.headline} Numbers in the table below.",
        "Every experiment moves the corrected sum, also one that was not shipped: it might have been.",
        width,
    )
    ends = (f"Tests: {observed}", f"Corrected: {corrected}")
    return running_total(rows, frame, axis_title=f"Sum so far, {_unit(result)}", ends=ends)


def _effects(result: PortfolioResult, width: int) -> Any:
    shown = publishable(result.table)
    rows = shown[shown["shipped"] & shown["counted"] & shown["effect"].notna()]
    rows = rows.sort_values("effect", ascending=result.found.tests.sign < 0, kind="stable")
    most = rows.head(_MOST)
    told = [
        f"{result.each.plain(seen, sign=True)} → {result.each.plain(left, sign=True)}"
        for seen, left in zip(most["effect"], most["shrunken_effect"], strict=True)
    ]
    names = ["shrunken_effect", "shrunken_ci_low", "shrunken_ci_high"]
    drawn = pd.DataFrame({
        "label": most["experiment"], "observed": most["effect"],
        **dict(zip(("effect", "ci_low", "ci_high"), (most[name] for name in names), strict=True)), "told": told,
    })  # fmt: skip
    drawn = _scaled(result, drawn, ["observed", "effect", "ci_low", "ci_high"])
    clear = int(
        (rows["shrunken_ci_low"] > 0).sum() if result.found.tests.sign > 0 else (rows["shrunken_ci_high"] < 0).sum()
    )
    rest = f" The {count(_MOST)} largest of {count(len(rows))}." if len(rows) > _MOST else ""
    frame = Frame(
        f"{count(clear)} of {count(len(rows))} shipped changes are clear of 0 once corrected",
        f"{capital(result.what)}. Ring: as its test showed. Point and bar: drawn towards all experiments, with "
        f"{result.confidence:.0%} interval.{rest}",
        f"Dot-and-bar chart of each shipped change, observed and corrected. {result.headline} Numbers below.",
        "The less sure an effect was, the further it is drawn.",
        width,
    )
    return corrected_effects(drawn, frame, axis_title=f"Change, {_unit(result)}")


def _splits(result: PortfolioResult, width: int) -> Any:
    shown = publishable(result.tables["sample_ratio"]).dropna(subset=["z"])
    middle = shown["time"].min() + (shown["time"].max() - shown["time"].min()) / 2
    told = [
        f"{share(came)} instead of {share(plan)}"
        for came, plan in zip(shown["share"], shown["planned_share"], strict=True)
    ]
    rows = pd.DataFrame({
        "time": shown["time"].astype(str), "label": shown["experiment"], "z": shown["z"], "told": told,
        "broken": shown["broken"].astype(bool), "late": shown["time"] > middle,
    })  # fmt: skip
    broken = int(rows["broken"].sum())
    title = f"{count(broken)} of {count(len(rows))} experiments were not split as planned" if broken else ""
    frame = Frame(
        title or "Every experiment was split as planned",
        "Share of customers with the new version, against the plan, by the experiment's end. Shaded: beyond chance (p "
        f"below {BROKEN:g}). {result.scope}",
        f"Control chart of the splits of {count(len(rows))} experiments: {count(broken)} outside. Numbers below.",
        "An experiment outside the limits lost or gained people in one group: it counts in no sum.",
        width,
    )
    return split_monitor(rows, frame, limit=-float(ndtri(BROKEN / 2)))
