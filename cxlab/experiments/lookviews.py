"""The looks as readers see them: a table in words, and the picture of the path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxlab.experiments.amounts import Amounts, capital
from cxlab.experiments.decision import Finding, Outcome
from cxlab.experiments.watch import Watch
from cxlab.wording import MISSING, count, date, p_text, share

if TYPE_CHECKING:
    import altair as alt

    from cxlab.experiments.comparison import ABTestResult

__all__ = ["looks_display", "looks_pictures"]


def looks_display(result: ABTestResult) -> dict[str, pd.DataFrame]:
    """The leading variant's main measure at each look, as text."""
    if "looks" not in result.tables:
        return {}
    main, watch = result.outcomes[0].main, result.watch
    assert watch is not None
    return {f"Looks: {main.metric.words}": _display(_own(result, main), Amounts(main.metric, main.effect), watch)}


def _own(result: ABTestResult, main: Finding) -> pd.DataFrame:
    table = result.tables["looks"]
    return table[(table["metric"] == main.metric.name) & (table["variant"] == main.effect.variant)]


def _display(own: pd.DataFrame, amounts: Amounts, watch: Watch) -> pd.DataFrame:
    stopped = own["adjusted_effect"].notna().any()
    rows = [
        {
            "Look": str(row["look"]), "Until": date(row["until"]), "Customers": count(row["n"]),
            **({} if watch.open_ended else {"Of the plan": share(row["information"], 0)}),
            "Change": amounts.change(_value(row["effect"])),
            "Interval that holds at every look": _span(amounts, row["ci_low"], row["ci_high"]),
            "Limit": MISSING if pd.isna(row["boundary"]) else f"±{amounts.plain(row['boundary'])}",
            "p": p_text(_value(row["p_value"])), "Crossed": "yes" if row["crossed"] else "no",
            **({"Allowing for the stop": _plain(amounts, row["adjusted_effect"])} if stopped else {}),
        }
        for row in own.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _plain(amounts: Amounts, number: float) -> str:
    return MISSING if pd.isna(number) else amounts.plain(number, sign=True)


def _value(number: float) -> float | None:
    return None if pd.isna(number) else float(number)


def _span(amounts: Amounts, low: float, high: float) -> str:
    return MISSING if pd.isna(low) else f"{amounts.plain(low, sign=True)} to {amounts.plain(high, sign=True)}"


def looks_pictures(result: ABTestResult) -> dict[str, Callable[[int], alt.Chart]]:
    """The path, where there is more than nothing to draw."""
    if "looks" not in result.tables or _own(result, result.outcomes[0].main)["effect"].isna().all():
        return {}
    return {"looks": partial(_draw, result)}


def _draw(result: ABTestResult, width: int) -> alt.Chart:
    from cxlab.charts.looks import looks_path

    watch, lead = result.watch, result.outcomes[0]
    assert watch is not None
    main = lead.main
    amounts, own = Amounts(main.metric, main.effect), _own(result, main).dropna(subset=["effect"])
    scale, planned = (100.0 if amounts.share else 1.0), watch.planned_n
    unit = "points" if amounts.share else main.metric.measured_in or "in its own size"
    return looks_path(
        _points(own, scale, planned),
        _limits(watch, main, scale),
        title=_title(own, lead),
        subtitle=f"Change in “{main.metric.words}”, {lead.variant} against {result.control}, at each look; a bar is "
        f"the interval that holds at that look, however often we look. {result.scope}",
        note=f"Limits: {watch.words}, {watch.alpha:.0%} in all. After an early stop the estimate tends to be too "
        "large; the interval already allows for the looks.",
        description=f"Line of the change in {main.metric.words} at {len(own)} looks between its limits. "
        f"{result.headline} Numbers in the table below.",
        value_title=f"Change, {unit}",
        size_title="Share of the planned customers seen" if planned else "Customers seen",
        higher_is_better=main.metric.sign > 0,
        last=1.0 if planned else None,
        width=width,
    )


def _points(own: pd.DataFrame, scale: float, planned: int | None) -> pd.DataFrame:
    first = own["crossed"] & (own["crossed"].cumsum() == 1)
    days = [f"look {row['look']}" if row["until"] is None else _day(row["until"]) for row in own.to_dict("records")]
    labels = [capital(day) for day in days]
    if first.iloc[-1]:  # to the right of the last look there is room
        labels[-1] += ": limit crossed"
    size = own["information"] if planned else own["n"].astype(float)
    numbers = {name: own[name] * scale for name in ("effect", "ci_low", "ci_high")}
    return pd.DataFrame({"size": size, **numbers, "label": labels, "crossed": first}).reset_index(drop=True)


def _day(moment: str) -> str:
    return " ".join(date(moment).split()[:2])


def _limits(watch: Watch, main: Finding, scale: float) -> pd.DataFrame:
    """The limits along the way: through the looks so far, to the planned end or a little beyond now."""
    now, se = watch.sizes[-1], (main.effect.se or 0.0) * scale
    end = max(watch.planned_n or int(1.15 * now), now)
    if watch.sequential:
        places = [*watch.sizes, *(look for look in watch.coming if look < end), *([end] if end > now else [])]
        reaches = list(watch.limits([n / (watch.planned_n or end) for n in places]))
    else:
        places = np.unique(np.linspace(min(watch.sizes[0], 0.2 * end), end, 60).astype(int)).tolist()
        reaches = [min(_along(watch, n, main), 7.5) for n in places]
    sizes = [n / watch.planned_n if watch.planned_n else float(n) for n in places]
    errors = [se * np.sqrt(now / n) for n in places]
    return pd.DataFrame({"size": sizes, "limit": [r * e for r, e in zip(reaches, errors, strict=True)]})


def _along(watch: Watch, n: int, main: Finding) -> float:
    """The always valid limit at another number of units, the spread as it is now."""
    shrunk = replace(main.effect, se=(main.effect.se or 0.0) * float(np.sqrt(watch.sizes[-1] / n)))
    return replace(watch, sizes=(n,), coming=()).reach(0, shrunk)


def _title(own: pd.DataFrame, lead: Outcome) -> str:
    number, main = len(own), lead.main
    if not own["crossed"].any():
        return f"After {_times(number)} no limit is crossed: {'keep running' if lead.why == 'more data' else 'open'}"
    first = own[own["crossed"]].iloc[0]
    good = first["effect"] * main.metric.sign > 0
    what = "gain" if good else "harm"
    ending = {"gain": ": stop and ship", "harm": ": stop, do not ship"}.get(lead.why, "")
    return f"At look {first['look']} of {number} so far the {what} crossed its limit{ending}"


def _times(number: int) -> str:
    return "one look" if number == 1 else f"{number} looks"
