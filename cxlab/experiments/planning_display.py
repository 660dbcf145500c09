"""The tables and pictures of a plan as readers see them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxlab.experiments.amounts import capital
from cxlab.experiments.planned_sizes import Need
from cxlab.experiments.planning_words import amounts_of, frequency_words, level_words, weeks_words
from cxlab.wording import MISSING, count, share

if TYPE_CHECKING:
    from cxlab.experiments.planning import PlanResult

__all__ = ["planning_display", "planning_pictures"]

_KINDS = {
    "none": "One look at the end", "obrien-fleming": "O'Brien-Fleming", "pocock": "Pocock",
    "hwang-shih-decani": "Hwang-Shih-DeCani", "always-valid": "At any time (always valid)",
    "msprt": "At any time (mSPRT)",
}  # fmt: skip


def planning_display(result: PlanResult) -> dict[str, pd.DataFrame]:
    """Measures, course, looks and the plan itself, as text.

    Args:
        result: the result.

    Returns:
        Caption of each table and its cells.
    """
    shown = {"Measures": _measures(result), _course_title(result): _course(result), "Looking early": _looking(result)}
    if "simulation" in result.tables:
        shown["Simulated tests"] = _simulated(result)
    return shown | {"The plan, as ab_test reads it": _settings(result)}


def _course_title(result: PlanResult) -> str:
    return "Week by week" if result.plan.traffic is not None else "Larger and smaller tests"


def _course(result: PlanResult) -> pd.DataFrame:
    need, rows = result.plan.lead, result.table
    columns = {"Weeks": rows["weeks"].map(count)} if result.plan.traffic is not None else {}
    columns |= {
        "Customers": rows["n"].map(count),
        "Smallest change found": [_size(need, v) for v in rows["detectable"]],
    }
    columns["Relative"] = rows["relative_detectable"].map(lambda v: MISSING if not math.isfinite(v) else share(v))
    if need.target is not None:
        columns["The wanted change is found in"] = rows["power"].map(_chance)
    return pd.DataFrame(columns)


def _chance(power: float) -> str:
    if pd.isna(power):
        return MISSING
    return "above 99.9%" if power > 0.999 else share(power, 0)


def _size(need: Need, value: float) -> str:
    return MISSING if not math.isfinite(value) else amounts_of(need, value).change(value, sign=False)


def _measures(result: PlanResult) -> pd.DataFrame:
    rows = []
    for need, row in zip(result.plan.needs, result.tables["metrics"].to_dict("records"), strict=True):
        amounts = amounts_of(need, need.target or row["detectable"])
        rows.append({
            "Measure": capital(need.metric.words), "Today": level_words(result.plan, need, amounts),
            "To be shown": _shown(need), "Customers needed": count(_ceil(row["n_needed"])),
            "Shown with the planned size in": _chance(row["power"]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _ceil(value: float) -> float:
    return math.ceil(value) if math.isfinite(value) else math.nan


def _shown(need: Need) -> str:
    if need.target is None:
        return MISSING
    size = _size(need, need.target)
    return f"no harm beyond {size}" if need.against_margin else f"a change of {size}"


def _looking(result: PlanResult) -> pd.DataFrame:
    rows = result.tables["looking"]
    columns: dict[str, Any] = {
        "Limits": [_KINDS[kind] + (" (planned)" if own else "")
                   for kind, own in zip(rows["monitoring"], rows["chosen"], strict=True)],
        "Looks": rows["looks"].map(count), "Customers planned": rows["n"].map(count),
    }  # fmt: skip
    if result.plan.traffic is not None:
        columns["Weeks at most"] = rows["weeks"].map(count)
    columns["Used on average, with the change"] = rows["expected_n"].map(count)
    columns["Without any"] = rows["expected_n_without_effect"].map(count)
    return pd.DataFrame(columns)


def _simulated(result: PlanResult) -> pd.DataFrame:
    rows, need = result.tables["simulation"], result.plan.lead
    return pd.DataFrame({
        "True change": ["none" if not v else _size(need, v) for v in rows["effect"]],
        "Tests": rows["runs"].map(count), "Found it in": rows["found"].map(share),
        "Interval": [f"{share(a)} to {share(b)}" for a, b in zip(rows["ci_low"], rows["ci_high"], strict=True)],
    })  # fmt: skip


def _settings(result: PlanResult) -> pd.DataFrame:
    rows = [("metrics", metric) for metric in result.settings["metrics"]]
    rows += [(name, _text(value)) for name, value in result.settings.items() if name != "metrics"]
    return pd.DataFrame(rows, columns=["Setting", "Value"])


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part:g}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def planning_pictures(result: PlanResult) -> dict[str, Callable[[int], Any]]:
    """Which pictures does the plan have?

    Args:
        result: the result.

    Returns:
        Name and what draws it; the first is the main one.
    """
    if not result.plan.n:
        return {}
    return {"course": lambda width: _draw_course(result, width), "power": lambda width: _draw_power(result, width)}


def _scale(need: Need) -> tuple[float, str]:
    amounts = amounts_of(need, 1.0)
    if amounts.share:
        return 100.0, "points"
    return 1.0, "points" if amounts.points else need.metric.measured_in or "its own size"


def _draw_course(result: PlanResult, width: int) -> Any:
    from cxlab.charts.planning import plan_curve
    from cxlab.charts.score_rows import Frame

    plan, need, weekly = result.plan, result.plan.lead, result.plan.traffic is not None
    factor, unit = _scale(need)
    rows = result.table[np.isfinite(result.table["detectable"])]
    told = [f"{_course_words(r)}: {_size(need, r['detectable'])}" for r in rows.to_dict("records")]
    drawn = pd.DataFrame({"x": rows["weeks" if weekly else "n"], "y": rows["detectable"] * factor, "told": told})
    inside = plan.weeks is not None and plan.weeks <= rows["weeks"].max() if weekly else True
    at = (float(plan.weeks or 0) if weekly else float(plan.n), _on_course(rows, plan.weeks, plan.n) * factor)
    aim = None if need.target is None else need.target * factor
    frame = Frame(
        "The longer the test, the smaller the change it finds" if weekly else "More customers find smaller changes",
        f"Smallest change of {need.metric.words} that is found in {frequency_words(plan.power)}. Ring: the plan, "
        f"{count(plan.n)} customers. {result.scope}",
        f"Line of the smallest change that is found against {'weeks' if weekly else 'customers'}. {result.headline}",
        "A smaller change may be there and not be found.",
        width,
    )
    wanted = "" if need.target is None else f"Wanted: {_size(need, need.target)}"
    return plan_curve(
        drawn, frame, x_title="Weeks" if weekly else "Customers in all", y_title=f"Smallest change, {unit}", aim=aim,
        aim_words=wanted, point=at if inside else None, point_words=weeks_words(plan.weeks) if weekly else "The plan",
        x_format="d" if weekly else ",d",
    )  # fmt: skip


def _on_course(rows: pd.DataFrame, weeks: int | None, n: int) -> float:
    """Where the plan lies on the line."""
    own = rows[rows["weeks"] == weeks] if weeks else rows[rows["n"] >= n]
    return float(own["detectable"].iloc[0]) if len(own) else math.nan


def _course_words(row: dict[Any, Any]) -> str:
    start = "" if pd.isna(row["weeks"]) else f"{weeks_words(row['weeks'])}, "
    return f"{start}{count(row['n'])} customers"


def _draw_power(result: PlanResult, width: int) -> Any:
    from cxlab.charts.planning import plan_curve
    from cxlab.charts.score_rows import Frame

    plan, need = result.plan, result.plan.lead
    factor, unit = _scale(need)
    rows = result.tables["power"]
    told = [f"{_size(need, e)}: found in {_chance(p)}" for e, p in zip(rows["effect"], rows["power"], strict=True)]
    drawn = pd.DataFrame({"x": rows["effect"] * factor, "y": rows["power"], "told": told})
    target = need.target or plan.detectable
    chance = need.power(target, plan.n)
    frame = Frame(
        f"A change of {_size(need, target)} is found in {_chance(chance)} of tests",
        f"How often {count(plan.n)} customers find a change of {need.metric.words}, by its true size. Ring: the "
        f"{'wanted' if need.target else 'smallest'} change. {result.scope}",
        f"Curve of the chance to find a change against its size. {result.headline}",
        "Half of that change is found far less than half as often.",
        width,
    )
    return plan_curve(
        drawn, frame, x_title=f"True change, {unit}", y_title="Found in", aim=plan.power,
        aim_words=f"Wanted: {share(plan.power, 0)}", point=(target * factor, chance), point_words=_size(need, target),
        y_format=".0%",
    )  # fmt: skip
