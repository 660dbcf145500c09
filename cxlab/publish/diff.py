"""`cxlab diff`: what changed between two runs of a report, and what of it is more than noise."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError
from cxlab.publish.rows import estimate_of, rows_by_key

__all__ = ["Difference", "Move", "compare_results", "compare_runs"]

_ROUNDING = 1e-9
Result = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Move:
    """One estimate in both runs: what it was, what it is, and whether the difference is more than noise."""

    table: str
    row: Mapping[str, Any]
    column: str
    before: float
    after: float
    change: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    beyond_noise: bool


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What differs between two runs of a report."""

    analysis: str
    confidence: float
    same_data: bool
    overlap: bool
    moves: tuple[Move, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    other_cells: int
    checks: tuple[str, ...]
    verdict: tuple[str, str] | None
    parameters: tuple[str, ...]
    versions: tuple[str, ...]
    data: tuple[str, ...]

    @property
    def beyond(self) -> tuple[Move, ...]:
        """The estimates that changed by more than noise."""
        return tuple(move for move in self.moves if move.beyond_noise)

    @property
    def changed(self) -> bool:
        """Is there something to act on: an estimate, a check, the verdict, or on the same data any number at all?"""
        return bool(self.beyond or self.checks or self.verdict or (self.same_data and self.other_cells))


def compare_runs(before: Path, after: Path) -> Difference:
    """What changed between two runs of a report?

    Args:
        before: the earlier run's JSON.
        after: the later run's JSON.

    Returns:
        The difference.

    Raises:
        ParameterError: a file is no finished report, or they are reports of different analyses.
    """
    return compare_results(_read(before), _read(after))


def _read(path: Path) -> Result:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"The file '{path}' cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ParameterError(f"The file '{path}' is no JSON; expected what `cxlab run` writes.") from None
    if not isinstance(result, dict) or not {"analysis", "status", "tables", "checks", "data"} <= set(result):
        raise ParameterError(f"The file '{path}' is no report; expected the <name>.json that `cxlab run` writes.")
    if result["status"] != "ok":
        raise ParameterError(f"The report '{path}' failed, so there is nothing to compare: {result.get('headline')}")
    return result


def compare_results(before: Result, after: Result) -> Difference:
    """What changed between the JSON of two runs?

    Args:
        before: the earlier run's.
        after: the later run's.

    Returns:
        The difference; its estimates are compared as independent ones, corrected for how many there are.

    Raises:
        ParameterError: they are reports of different analyses.
    """
    if before["analysis"] != after["analysis"]:
        raise ParameterError(
            f"These are reports of different analyses, '{before['analysis']}' and '{after['analysis']}'; expected two "
            "runs of one."
        )
    same = before["data"]["fingerprint"] == after["data"]["fingerprint"]
    pairs, gone, new = _matched(before["tables"], after["tables"])
    return Difference(
        analysis=after["analysis"], confidence=_level(after), same_data=same, overlap=same or _overlap(before, after),
        moves=_moves(pairs, (_level(before), _level(after)), same=same), gone=gone, new=new,
        other_cells=sum(_other_cells(one, other) for _, _, one, other in pairs), checks=tuple(_checks(before, after)),
        verdict=_verdicts(before, after), parameters=_entries(before, after, "parameters"),
        versions=_versions(before, after), data=_entries(before, after, "data"),
    )  # fmt: skip


Pair = tuple[str, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]


def _matched(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[Pair], tuple[str, ...], tuple[str, ...]]:
    """Rows that stand in both runs, and the names of those that stand in one."""
    pairs: list[Pair] = []
    gone, new = [], []
    for name in dict.fromkeys([*before, *after]):
        first, second = rows_by_key(before.get(name, ())), rows_by_key(after.get(name, ()))
        if first is None or second is None:
            gone.append(f"{name}: its rows cannot be told apart")
            continue
        pairs += [(name, dict(key), first[key], second[key]) for key in first if key in second]
        gone += [_named(name, key) for key in first if key not in second]
        new += [_named(name, key) for key in second if key not in first]
    return pairs, tuple(gone), tuple(new)


def _named(table: str, key: Sequence[tuple[str, Any]]) -> str:
    return f"{table}: {', '.join(f'{name} {value}' for name, value in key if value is not None)}"


def _moves(pairs: Sequence[Pair], levels: tuple[float, float], *, same: bool) -> tuple[Move, ...]:
    from cxlab.stats.changes import changes_between
    from cxlab.stats.multiplicity import holm

    found = [(table, row, *_both(one, other)) for table, row, one, other in pairs if _both(one, other)]
    if not found:
        return ()
    changes = changes_between([x[3] for x in found], [x[4] for x in found], levels=levels, confidence=levels[1])
    adjusted = holm(changes.p_value)
    return tuple(
        Move(
            table=table, row=row, column=column, before=one[0], after=other[0], change=float(changes.difference[place]),
            low=float(changes.low[place]), high=float(changes.high[place]), p_value=float(changes.p_value[place]),
            p_adjusted=float(adjusted[place]),
            beyond_noise=not _alike(one[0], other[0]) if same else bool(adjusted[place] < 1 - levels[1]),
        )
        for place, (table, row, column, one, other) in enumerate(found)
    )  # fmt: skip


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Any, ...]:
    """Column and values with intervals of an estimate that both rows have."""
    first, second = estimate_of(one), estimate_of(other)
    return (first[0], first[1], second[1]) if first and second and first[0] == second[0] else ()


def _other_cells(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return sum(not _alike(one.get(name), other.get(name)) for name in {*one, *other})


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=1e-12)
    return bool(one == other)


def _checks(before: Result, after: Result) -> Iterator[str]:
    first, second = ({one["name"]: one for one in run["checks"]} for run in (before, after))
    for name in dict.fromkeys([*first, *second]):
        was, now = (_state(run.get(name)) for run in (first, second))
        if was != now and {was, now} != {"passed", "not made"}:
            yield f"{name}: {was}, now {now}. {(second.get(name) or first[name])['message']}"


def _state(check: Mapping[str, Any] | None) -> str:
    if check is None:
        return "not made"
    return "passed" if check["passed"] else str(check["severity"])


def _verdicts(before: Result, after: Result) -> tuple[str, str] | None:
    was, now = ((run.get("decision") or {}).get("verdict") or run.get("badge") or "none" for run in (before, after))
    return None if was == now else (was, now)


def _entries(before: Result, after: Result, part: str) -> tuple[str, ...]:
    first, second = before.get(part) or {}, after.get(part) or {}
    names = [name for name in dict.fromkeys([*first, *second]) if first.get(name) != second.get(name)]
    return tuple(f"{name}: {first.get(name, 'none')}, now {second.get(name, 'none')}" for name in names)


def _versions(before: Result, after: Result) -> tuple[str, ...]:
    """Those that both runs wrote down."""
    runs = [{**run.get("versions", {}), **run.get("origin", {}).get("versions", {})} for run in (before, after)]
    both = [{name: run[name] for name in runs[0] if name in runs[1]} for run in runs]
    return _entries({"versions": both[0]}, {"versions": both[1]}, "versions")


def _level(result: Result) -> float:
    return float(result.get("confidence") or 0.95)


def _overlap(before: Result, after: Result) -> bool:
    """May customers of one run be in the other? Where no time is known, they may."""
    first, second = before["data"], after["data"]
    moments = [first.get("from"), first.get("to"), second.get("from"), second.get("to")]
    return None in moments or (moments[0] <= moments[3] and moments[2] <= moments[1])
