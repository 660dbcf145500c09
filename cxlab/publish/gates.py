"""Thresholds that a report's numbers must keep: written in reports.yml, judged when the report is finished."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxlab.errors import ParameterError, nearest

__all__ = ["Gate", "interval_columns", "judged", "missed_gates", "read_gates"]

_KEYS = ("table", "where", "column", "at_least", "at_most")
# An interval belongs to the first of these that its row has.
ESTIMATES = ("effect", "value", "estimate", "rate")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One threshold: the rows it holds for, the column that is looked at, and how low or high it may be."""

    column: str
    table: str = "table"
    where: Mapping[str, Any] = field(default_factory=dict)
    at_least: float | None = None
    at_most: float | None = None

    @property
    def threshold(self) -> str:
        """What is wanted, in words."""
        low = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        high = [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return " and ".join(low + high)

    @property
    def place(self) -> str:
        """Which number is meant, in words."""
        rows = ", ".join(f"{name} {value}" for name, value in self.where.items())
        table = "" if self.table == "table" else f" of {self.table}"
        return f"{self.column}{table}{f' ({rows})' if rows else ''}"

    def keeps(self, value: float) -> bool:
        """Is this number within the threshold?"""
        high_enough = self.at_least is None or value >= self.at_least
        return high_enough and (self.at_most is None or value <= self.at_most)


def read_gates(entries: Any) -> tuple[Gate, ...]:
    """Which thresholds are written here?

    Args:
        entries: what stands under `gates:` of a report.

    Returns:
        The gates.

    Raises:
        ParameterError: a key that nothing reads, no column, no threshold, or one that no number can keep.

    Examples:
        >>> read_gates([{"column": "rate", "where": {"step": 5}, "at_least": 0.1}])[0].place
        'rate (step 5)'
    """
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise ParameterError(f"`gates` is {entries!r}; expected a list, such as [{{column: rate, at_least: 0.1}}].")
    return tuple(_gate(place, entry) for place, entry in enumerate(entries, 1))


def _gate(place: int, entry: Any) -> Gate:
    if not isinstance(entry, dict):
        raise ParameterError(f"Gate {place} is {entry!r}; expected a mapping, such as {{column: rate, at_least: 0.1}}.")
    for key in entry:
        if key not in _KEYS:
            allowed = ", ".join(_KEYS)
            raise ParameterError(
                f"Gate {place} has `{key}`, which nothing reads.{nearest(key, _KEYS)} Allowed are: {allowed}."
            )
    where = entry.get("where") or {}
    if not isinstance(where, dict) or any(isinstance(value, (list, dict)) for value in where.values()):
        raise ParameterError(f"Gate {place}: `where` is {where!r}; expected one value for each column.")
    gate = Gate(
        table=_text(place, entry, "table", "table"), column=_text(place, entry, "column", None), where=where,
        at_least=_number(place, entry, "at_least"), at_most=_number(place, entry, "at_most"),
    )  # fmt: skip
    return _possible(place, gate)


def _possible(place: int, gate: Gate) -> Gate:
    if gate.at_least is None and gate.at_most is None:
        raise ParameterError(f"Gate {place} has no threshold; expected `at_least:` or `at_most:` with a number.")
    if gate.at_least is not None and gate.at_most is not None and gate.at_least > gate.at_most:
        raise ParameterError(f"Gate {place} wants {gate.threshold}, which no number is.")
    return gate


def _text(place: int, entry: Mapping[str, Any], key: str, default: str | None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or not value:
        raise ParameterError(f"Gate {place}: `{key}` is {value!r}; expected the name of a {key} of the report's JSON.")
    return value


def _number(place: int, entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ParameterError(f"Gate {place}: `{key}` is {value!r}; expected a number; rates are fractions, 10% is 0.1.")
    return float(value)


def judged(gates: Sequence[Gate], result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Does a report keep its thresholds?

    Args:
        gates: what is wanted.
        result: a report's JSON.

    Returns:
        One entry per gate: its words, whether it is passed, the value nearest to missing it, its interval where there
        is one, and a message. A gate whose number is not there is missed.
    """
    return [_judged(gate, result["tables"]) for gate in gates]


def missed_gates(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Which gates of a report were missed?

    Args:
        entry: a report's entry of batch.json.

    Returns:
        The gates that did not pass.
    """
    return [gate for gate in entry.get("gates", ()) if not gate["passed"]]


def _judged(gate: Gate, tables: Mapping[str, Any]) -> dict[str, Any]:
    base = {"gate": f"{gate.place}: {gate.threshold}", "passed": False, "value": None, "interval": None}
    rows, problem = _rows(gate, tables)
    if problem:
        return {**base, "message": f"{gate.place} is not to be had: {problem}"}
    worst = min(rows, key=lambda row: _room_left(gate, row[gate.column]))
    value, interval = worst[gate.column], _interval(worst, gate.column)
    passed = gate.keeps(value)
    shown = f"{value:.4g}" + (f" ({interval[0]:.4g} to {interval[1]:.4g})" if interval else "")
    more = f", the nearest to it of {len(rows)} rows" if len(rows) > 1 else ""
    message = f"{gate.place} is {shown}{more}; wanted: {gate.threshold}."
    return {**base, "passed": passed, "value": value, "interval": interval, "message": message}


def _rows(gate: Gate, tables: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    """The rows that the gate looks at, or why there are none."""
    if gate.table not in tables:
        return [], f"there is no table '{gate.table}'.{nearest(gate.table, tables)} There are: {', '.join(tables)}."
    columns = list(tables[gate.table][0]) if tables[gate.table] else []
    for name in (*gate.where, gate.column):
        if name not in columns:
            return [], f"the table has no column '{name}'.{nearest(name, columns)} It has: {', '.join(columns)}."
    rows = [row for row in tables[gate.table] if all(_same(row[name], want) for name, want in gate.where.items())]
    if not rows:
        return [], f"no row fits.{_values(gate, tables[gate.table])}"
    bad = sum(not _is_number(row[gate.column]) for row in rows)
    if bad:
        return [], f"{bad} of {len(rows)} rows have no number there (none known, or hidden because the group is small)."
    return rows, ""


def _values(gate: Gate, rows: Iterable[Mapping[str, Any]]) -> str:
    """What stands in the columns that were asked for."""
    found = {name: list(dict.fromkeys(str(row[name]) for row in rows)) for name in gate.where}
    return "".join(f" {name} has {', '.join(v[:8])}{', …' if len(v) > 8 else ''}." for name, v in found.items())


def _same(value: Any, wanted: Any) -> bool:
    """Numbers as numbers; everything else as it is written, so that an unquoted date of YAML fits too."""
    if _is_number(value) and _is_number(wanted):
        return float(value) == float(wanted)
    return str(value) == str(wanted) if wanted is not None else value is None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _room_left(gate: Gate, value: float) -> float:
    sides = [] if gate.at_least is None else [value - gate.at_least]
    return min(sides + ([] if gate.at_most is None else [gate.at_most - value]))


def _interval(row: Mapping[str, Any], column: str) -> list[float] | None:
    names = interval_columns(row, column)
    limits = [row[name] for name in names]
    return limits if limits and all(map(_is_number, limits)) else None


def interval_columns(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """Which columns hold the interval of this one?

    Args:
        row: a row of a report's table.
        column: a column of numbers.

    Returns:
        The two names, low and high; nothing where there is no interval.

    Examples:
        >>> interval_columns({"rate": 0.5, "ci_low": 0.4, "ci_high": 0.6}, "rate")
        ('ci_low', 'ci_high')
        >>> interval_columns({"effect": 0.5, "estimate": 0.9, "ci_low": 0.4, "ci_high": 0.6}, "estimate")
        ()
    """
    main = next((name for name in ESTIMATES if name in row), None)
    stem = "" if column == main else column.removesuffix("effect") if column.endswith("_effect") else f"{column}_"
    names = (f"{stem}ci_low", f"{stem}ci_high")
    return names if all(name in row for name in names) else ()
