"""The tables as readers see them: text, small groups hidden, plain column titles."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxlab.feedback.responses import ALL
from cxlab.results import publishable
from cxlab.wording import count, p_text, share

if TYPE_CHECKING:
    from cxlab.feedback.scores import ScoresResult

__all__ = ["score_display"]

_READINGS = {"better": "better", "worse": "worse", "undecided": "undecided", "too few": "too few to tell"}


def score_display(result: "ScoresResult") -> dict[str, pd.DataFrame]:
    """Caption and text of every table.

    Args:
        result: the result.

    Returns:
        The scores, then what was compared.
    """
    level = share(result.confidence, 0)
    tables = {f"Scores, with {level} intervals": _scores(result)}
    when = f" in {result.wave_names[result.wave_told]}" if result.wave_told else ""
    if not result.comparison.empty:
        tables[f"Groups compared{when}"] = _compared(result, "comparison")
    if not result.change.empty:
        tables[f"Change{when} since the wave before"] = _compared(result, "change")
    return tables


def _scores(result: "ScoresResult") -> pd.DataFrame:
    one, shown = result.instrument, publishable(result.table)
    columns: dict[str, Any] = {"Group": [_group(segment) for segment in shown["segment"]]}
    if "wave" in shown:
        named = {"Wave": [result.wave_names[wave] for wave in shown["wave"]]}
        columns = named | (columns if (shown["segment"] != ALL).any() else {})
    columns |= {
        title: [count(v) for v in shown[name]]
        for title, name in (("Answers", "n"), ("No answer", "missing"), ("Invalid", "invalid"))
    }
    if "respondents" in shown:
        columns["Customers"] = [count(v) for v in shown["respondents"]]
    columns[one.name] = [one.write_exact(v) for v in shown["value"]]
    columns["Interval"] = [_between(one, row.ci_low, row.ci_high) for row in shown.itertuples()]
    for place in (2, 1, 0):
        name = one.classes[place]
        columns[f"{name.replace('_', ' ').capitalize()} ({one.span(place)})"] = [
            share(v) for v in shown[name] / shown["n"]
        ]
    return pd.DataFrame(columns)


def _group(segment: str) -> str:
    return "Everybody" if segment == ALL else segment


def _between(one: Any, low: float, high: float) -> str:
    return "–" if low != low else f"{one.write_exact(low)} to {one.write_exact(high)}"


def _compared(result: "ScoresResult", name: str) -> pd.DataFrame:
    one, rows = result.instrument, result.tables[name]
    return pd.DataFrame(
        {
            "Group": [_group(segment) for segment in rows["segment"]],
            one.name: [one.write_exact(v) for v in rows["estimate"]],
            "Against": rows["control"],
            "Score there": [one.write_exact(v) for v in rows["control_estimate"]],
            "Difference": [one.write_change(v) for v in rows["effect"]],
            "Interval": [
                f"{one.write_change(r.ci_low).partition(chr(160))[0]} to {one.write_change(r.ci_high)}"
                for r in rows.itertuples()
            ],
            "Adjusted p": [p_text(v) for v in rows["p_adjusted"]],
            "Reading": [_READINGS[reading] for reading in rows["reading"]],
        }
    )
