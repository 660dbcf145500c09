"""Where an amount's change sits, as readers see it: the parts of the distribution, its quantiles, and their picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.experiments.amounts import Amounts, capital
from cxlab.experiments.decision import Finding
from cxlab.experiments.novelty import amounts_of
from cxlab.results import SMALLEST_DRAWN, publishable
from cxlab.wording import MISSING, number, p_text, share

if TYPE_CHECKING:
    import altair as alt

    from cxlab.experiments.comparison import ABTestResult

__all__ = ["quantile_display", "quantile_pictures"]

_LEAST = 3


def _main(result: ABTestResult) -> Finding | None:
    """The measure that is shown: the one that the verdict rests on, else the first amount."""
    if "quantile_effects" not in result.tables:
        return None
    told = set(result.tables["quantile_effects"]["metric"])
    lead = result.outcomes[0]
    return next((finding for finding in (lead.main, *lead.findings) if finding.metric.name in told), None)


def _own(result: ABTestResult, name: str, main: Finding) -> pd.DataFrame:
    """One measure's rows of the leading variant, as far as they may leave Python."""
    table = publishable(result.tables[name])
    return table[(table["metric"] == main.metric.name) & (table["variant"] == main.effect.variant)]


def quantile_display(result: ABTestResult) -> dict[str, pd.DataFrame]:
    """The parts of the distribution and its quantiles, as text; small groups hidden."""
    main = _main(result)
    parts = pd.DataFrame() if main is None else _own(result, "effect_parts", main).dropna(subset=["size"])
    if main is None or parts["effect"].isna().all():
        return {}
    several, words = len(result.outcomes) > 1, main.metric.words
    whose = f"{words}, {main.effect.variant}" if several else words
    rows = [_part_row(result, main, row) for row in parts.to_dict("records")]
    quantiles = _own(result, "quantile_effects", main).dropna(subset=["size"])
    found = {f"Where does the change sit? {capital(whose)}: {_reading(result, main)}": pd.DataFrame(rows)}
    told = [_quantile_row(result, main, row, ends) for row, ends in _stretches(quantiles)]
    return found | ({f"By quantile: {whose}": pd.DataFrame(told)} if told else {})


def _part_row(result: ABTestResult, main: Finding, row: Mapping[Any, Any]) -> dict[str, str]:
    amounts = _amounts(main, row)
    seen = pd.notna(row["effect"])
    return {
        "Customers by amount": capital(row["part"]),
        result.control: amounts.level(row["control_estimate"]),
        "New": amounts.level(row["estimate"]),
        "Change": amounts.change(row["effect"]) if seen else MISSING,
        f"{result.confidence:.0%} interval": _span(amounts, row, "ci") if seen else MISSING,
        "p, adjusted": p_text(row["p_adjusted"]),
        "Adds to the mean": Amounts(main.metric, main.effect).change(row["contribution"]) if seen else MISSING,
    }


def _stretches(quantiles: pd.DataFrame) -> list[tuple[dict[Any, Any], str]]:
    """Each quantile with its name; neighbours at which both groups have the same value stand together."""
    found: list[tuple[dict[Any, Any], str]] = []
    for row in quantiles.to_dict("records"):
        before = found[-1][0] if found else {}
        if row["reading"] == "same value" == before.get("reading") and row["estimate"] == before["estimate"]:
            found[-1] = (before, f"{share(before['q'], 0)} to {share(row['q'], 0)}")
        else:
            found.append((row, share(row["q"], 0)))
    return found


def _quantile_row(result: ABTestResult, main: Finding, row: Mapping[Any, Any], name: str) -> dict[str, str]:
    amounts = _amounts(main, row)
    return {
        "Quantile": name,
        result.control: amounts.level(row["control_estimate"]),
        "New": amounts.level(row["estimate"]),
        "Change": MISSING if pd.isna(row["effect"]) else amounts.change(row["effect"]),
        f"{result.confidence:.0%} interval": _span(amounts, row, "ci"),
        "All quantiles together": _span(amounts, row, "band"),
        "Reading": capital(row["reading"]),
    }


def _amounts(main: Finding, row: Mapping[Any, Any]) -> Amounts:
    """Decimals by the row's own interval, else by that of the mean."""
    return Amounts(main.metric, main.effect) if pd.isna(row["ci_low"]) else amounts_of(main.metric, row)


def _span(amounts: Amounts, row: Mapping[Any, Any], ends: str) -> str:
    low, high = row[f"{ends}_low"], row[f"{ends}_high"]
    return MISSING if pd.isna(low) else f"{amounts.plain(low, sign=True)} to {amounts.plain(high, sign=True)}"


def quantile_pictures(result: ABTestResult) -> dict[str, Callable[[int], alt.Chart]]:
    """The change by quantile, where enough customers and enough different values are there."""
    main = _main(result)
    if main is None:
        return {}
    rows = _own(result, "quantile_effects", main).dropna(subset=["size"])
    large = len(rows) > 0 and rows[["n", "control_n"]].min(axis=None) >= SMALLEST_DRAWN
    return {"quantiles": partial(_draw, result, main, rows)} if large and rows["ci_low"].count() >= _LEAST else {}


def _draw(result: ABTestResult, main: Finding, rows: pd.DataFrame, width: int) -> alt.Chart:
    from cxlab.charts.quantile_effects import effect_by_quantile

    metric, variant = main.metric, main.effect.variant
    title = f"{capital(metric.words)}: {_reading(result, main)}"
    title = title if len(title) <= 90 else f"{title[:89]}…"
    percent = f"In percent: {_reading(result, main, 'relative')}."
    return effect_by_quantile(
        rows[rows["reading"] != "tied"].assign(kind=lambda shown: shown["reading"].map(partial(_kind, metric.sign))),
        title=title,
        subtitle=f"Change in “{metric.words}” from the lowest to the highest customers, {variant} against "
        f"{result.control}. Thin bars: {result.confidence:.0%} intervals of one quantile; pale bars: of all together. "
        f"{result.scope}",
        note="Filled: the pale bar keeps clear of 0. Each group is ordered by itself: the 90% mark of one is compared "
        f"with that of the other, which need not be the same customers. {percent} This decides nothing.",
        description=f"Dots and bars of the change in {metric.words} at {rows['ci_low'].count()} quantiles. {title}. "
        "Numbers in the table below.",
        value_title=f"Change, {metric.measured_in or 'in its own size'}",
        quantile_title="Customers from the lowest to the highest amount",
        nothing=_nothing(rows),
        width=width,
    )


def _kind(sign: int, reading: str) -> str:
    return {"higher": "good" if sign > 0 else "bad", "lower": "bad" if sign > 0 else "good"}.get(reading, "open")


def _reading(result: ABTestResult, main: Finding, scale: str = "absolute") -> str:
    rows = _own(result, "effect_spread", main)
    return str(rows.loc[rows["scale"] == scale, "reading"].iloc[0])


def _nothing(rows: pd.DataFrame) -> str:
    """What both groups have where nothing can be seen."""
    same = rows.loc[rows["reading"] == "same value", "estimate"].unique()
    value = number(float(same[0]), 0 if float(same[0]).is_integer() else 2) if len(same) == 1 else "one value each"
    return f"Both groups have {value}: nothing to see"
