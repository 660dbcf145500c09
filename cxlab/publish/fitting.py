"""Which settings fit a table that an analysis has never seen? Columns by their usual names, the rest by a guess."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxlab.publish.parameters import VALUES_OF
from cxlab.publish.register import Analysis

if TYPE_CHECKING:
    from cxlab.data import Table

__all__ = ["Fit", "fit"]

_COLUMNS = (
    "wave",
    "score",
    "satisfaction",
    "effort",
    "comment",
    "answer_unit",
    "answer_time",
)  # parameters beside the roles whose value names a column
_CONTROLS = ("control", "current", "old", "baseline", "original", "base", "a", "0", "off", "false")
_STEPS = 4
_STAGED = ("stages", "optional", "goal", "stage", "targets", "time_targets")  # told in the sample's own events
_AGREED = ("planned_ratio", "planned_n", "minimum_duration", "monitoring", "looks", "observe_until", "question")


@dataclass(frozen=True)
class Fit:
    """Settings for a notebook, and those among them that a person should look at first."""

    values: Mapping[str, Any]
    guessed: tuple[str, ...] = ()


def fit(analysis: Analysis, table: "Table") -> Fit:
    """Which settings fit this table?

    Args:
        analysis: the analysis.
        table: the user's table.

    Returns:
        The settings that differ from the analysis's own, and the names of those that are a guess.
    """
    values = {**analysis.unplanned, **_kept(analysis), **_columns(analysis, table)}
    guesses = _guesses(analysis, table, values)
    return Fit({**values, **guesses}, tuple(guesses))


def _kept(analysis: Analysis) -> dict[str, Any]:
    """What the sample's notebook sets and what names neither a column nor a value of the sample."""
    own = {one.name: one for one in analysis.own}
    asked = {*VALUES_OF, *_AGREED, *_COLUMNS, *_STAGED, "metrics", "steps", "drivers", "reference"}
    return {
        name: value
        for name, value in analysis.values.items()
        if name not in asked and name in own and not own[name].names_column
    }  # fmt: skip


def _columns(analysis: Analysis, table: "Table") -> dict[str, Any]:
    usual = _usual(analysis, table)
    found: dict[str, Any] = {}
    for one in analysis.own:
        if one.names_column or one.name in _COLUMNS:
            named = (analysis.values.get(one.name), usual.get(one.name), None if one.required else one.default)
            known = next((name for name in named if name in table.columns), None)
            found |= {one.name: known} if known or one.optional else {}
    if "time" in found and found["time"] is None:
        times = [name for name in table.columns if name not in found.values() and _all(table, name, "time")]
        found["time"] = times[0] if len(times) == 1 else None
    return found


def _usual(analysis: Analysis, table: "Table") -> dict[str, str]:
    """The columns that bear a usual name of a role; groups of customers are for a person to choose."""
    from cxlab.quality.columns import find_columns
    from cxlab.quality.contracts import CONTRACTS

    if not analysis.contract:
        return {}
    columns = find_columns(table, CONTRACTS[analysis.contract], {})
    return {one.role: one.name for one in columns if one.role not in ("", "segment")}


def _guesses(analysis: Analysis, table: "Table", values: Mapping[str, Any]) -> dict[str, Any]:
    names = [one.name for one in analysis.own]
    found: dict[str, Any] = {}
    if "metrics" in names:
        found["metrics"] = _metrics(table, [name for name in values.values() if isinstance(name, str)])
    if "control" in names and (variant := values.get("variant")):
        found["control"] = _control(table.values(variant))
    for name in ("steps", "stages"):
        if name in names and (event := values.get("event")):
            found[name] = _steps(analysis, table.values(event), name)
    return {name: value for name, value in found.items() if value}


def _control(variants: list[str]) -> str | None:
    """The variant whose name says that it is what there was before."""
    plain = {one.casefold(): one for one in sorted(variants)}
    exact = next((plain[word] for word in _CONTROLS if word in plain), None)
    within = next((one for word in _CONTROLS[:5] for name, one in plain.items() if word in name), None)
    return exact or within or next(iter(plain.values()), None)


def _steps(analysis: Analysis, events: list[str], name: str) -> list[str]:
    """The sample's steps where the table has them, else the most frequent events: a funnel's counts fall."""
    usual = list(analysis.values.get(name, ()))
    return usual if set(usual) <= set(events) else events[:_STEPS]


def _metrics(table: "Table", taken: list[str]) -> list[str]:
    """The first column that holds yes and no, else the first that holds numbers."""
    free = [name for name in table.columns if name not in taken]
    flag = next((name for name in free if _all(table, name, "flag")), None)
    if flag is not None:
        return [f"proportion({flag!r})"]
    number = next((name for name in free if _all(table, name, "number")), None)
    return [] if number is None else [f"mean({number!r})"]


def _all(table: "Table", name: str, kind: str) -> bool:
    """Can every value of a column, at least one and not all the same, be read so?"""
    from cxlab.errors import DataError

    try:
        relation = table.typed(value=(name, f"{kind}?"))
        return bool(table.engine.rows(f"SELECT count(DISTINCT value) > 1 FROM {relation}")[0][0])
    except DataError:
        return False
