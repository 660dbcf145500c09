"""From the curves of a time until an event to their picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.experiments.amounts import Amounts, capital
from cxlab.experiments.decision import Outcome
from cxlab.experiments.kinds import TimeToEvent
from cxlab.results import SMALLEST_DRAWN, SMALLEST_GROUP

if TYPE_CHECKING:
    import altair as alt

__all__ = ["draw_survival", "drawn_curves"]


def drawn_curves(curves: pd.DataFrame, outcomes: tuple[Outcome, ...], control: str) -> pd.DataFrame:
    """The curves of the first time until an event, as far as enough are watched; the leading variants only."""
    from cxlab.charts.survival import MOST_CURVES

    rows = curves[curves["metric"] == curves["metric"].iloc[0]]
    names = [control, *(outcome.variant for outcome in outcomes)]
    large = [name for name in names if rows.loc[rows["variant"] == name, "n"].max() >= SMALLEST_DRAWN][:MOST_CURVES]
    kept = rows[rows["variant"].isin(large) & (rows["n"] >= SMALLEST_GROUP)].rename(columns={"variant": "group"})
    return kept.sort_values("group", key=lambda column: column.map(large.index), kind="stable")


def draw_survival(
    curves: pd.DataFrame, outcomes: tuple[Outcome, ...], *, control: str, about: str, confidence: float, width: int
) -> alt.Chart:
    """The share still without the event, by time, for the control and the leading variants."""
    from cxlab.charts.survival import survival_curves

    rows = drawn_curves(curves, outcomes, control)
    found = next(f for f in outcomes[0].findings if f.metric.name == curves["metric"].iloc[0])
    metric, effect = found.metric, found.effect
    assert isinstance(metric, TimeToEvent)
    amounts = Amounts(metric, effect)
    event, unit = metric.event.replace("_", " "), metric.measured_in or metric.column.replace("_", " ")
    readings: dict[str, Any] = {"gain": "better than", "worse": "worse than"}
    reading = readings.get(found.reading, "not told apart from")
    title = f"{capital(metric.words)}: {effect.variant} {reading} {control}"
    return survival_curves(
        rows,
        title=title if len(title) <= 90 else f"{title[:89]}…",
        subtitle=f"Share not yet “{event}”. Band: {confidence:.0%} interval. {about}",
        note=f"Average time up to the last one drawn: {amounts.bracket(effect)} with {effect.variant}. Who is still "
        "watched counts for as long as we have seen them.",
        description=f"Curves of the share not yet {event}, {control} and the variants. {title}. Numbers in the table.",
        value_title=f"Share not yet “{event}”",
        time_title=unit.capitalize(),
        width=width,
    )
