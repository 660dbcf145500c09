"""The difference of two runs as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from cxlab.publish.diff import Difference, Move
from cxlab.wording import count, number, p_text

__all__ = ["diff_json", "diff_text"]

_MOST = 20


def diff_json(found: Difference) -> str:
    """The difference for a program.

    Args:
        found: the difference.

    Returns:
        JSON text with `changed` first.
    """
    content = {"changed": found.changed, **asdict(found)}
    return json.dumps(content, ensure_ascii=False, indent=1, default=str)


def diff_text(found: Difference) -> str:
    """The difference for a person.

    Args:
        found: the difference.

    Returns:
        Lines: the short answer, what changed, and how it was judged.
    """
    return "\n".join(_lines(found))


def _lines(found: Difference) -> Iterator[str]:
    yield _answer(found)
    if found.verdict:
        yield f"Reading: {found.verdict[0]}, now {found.verdict[1]}."
    yield from _listed("Checks", found.checks)
    yield from _listed("Estimates", [_move(move, same=found.same_data) for move in found.beyond])
    yield from _listed("Settings", found.parameters)
    yield from _listed("Versions", found.versions)
    yield from _listed("Data", found.data)
    yield from _listed("Rows that are gone", found.gone)
    yield from _listed("Rows that are new", found.new)
    yield _judgement(found)


def _answer(found: Difference) -> str:
    beyond, all_of_them = len(found.beyond), len(found.moves)
    if found.same_data:
        cells = f", {count(found.other_cells)} cells in all" if found.other_cells else ""
        said = (
            f"{count(beyond)} of {count(all_of_them)} estimates differ{cells}" if found.changed else "nothing differs"
        )
        return f"{found.analysis}: the data is the same, and {said}."
    said = f"{count(beyond)} of {count(all_of_them)} estimates changed by more than noise"
    return (
        f"{found.analysis}: {said}."
        if beyond
        else f"{found.analysis}: no estimate of {all_of_them} changed by more than noise."
    )


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"{title}:"
    yield from (f"  {line}" for line in lines[:_MOST])
    if len(lines) > _MOST:
        yield f"  and {count(len(lines) - _MOST)} more; --json has all of them"


def _move(move: Move, *, same: bool) -> str:
    row = ", ".join(f"{name} {value}" for name, value in move.row.items() if value is not None)
    table = "" if move.table == "table" else f"{move.table}, "
    line = f"{table}{row}: {move.column} {_digits(move.before)}, now {_digits(move.after)}"
    if same:
        return line
    interval = f"{_digits(move.low)} to {_digits(move.high)}"
    return f"{line} (change {_digits(move.change)}, {interval}; p {p_text(move.p_adjusted)})"


def _digits(value: float) -> str:
    return number(float(f"{value:.4g}"), digits=max(0, 4 - len(f"{abs(value):.0f}")) + (abs(value) < 1))


def _judgement(found: Difference) -> str:
    if found.same_data:
        return "Same data: what differs comes from other code, versions or settings, not from noise."
    level = f"{found.confidence:.0%}"
    caution = (
        " The two runs may share customers; then changes are found too seldom rather than too often."
        if found.overlap else ""
    )  # fmt: skip
    return (
        f"Judged at {level} as two independent samples, corrected for {count(len(found.moves))} comparisons "
        f"(Holm).{caution}"
    )
