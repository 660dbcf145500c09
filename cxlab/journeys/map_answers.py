"""Answers to surveys: read from their own table or the events' one, and linked to the stage they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlab.data import Table
from cxlab.errors import DataError, ParameterError
from cxlab.feedback.instruments import Instrument, instrument_of, parse_scale
from cxlab.feedback.responses import USUAL_CODES
from cxlab.journeys.map_log import FOLDS, MapLog
from cxlab.wording import count

__all__ = ["QUESTIONS", "Asked", "asked_of", "link_answers", "state_counts"]

QUESTIONS = ("satisfaction", "effort")
_FOREIGN = 0.2  # share of answers outside the scale beyond which it is another question


@dataclass(frozen=True)
class Asked:
    """Where the answers are, and how they are read.

    Attributes:
        table: the table that holds them.
        columns: role -> (column, kind), as `Table.typed` takes them.
        instruments: question -> scale and good end; only those that were asked.
        comment: is there a column of comments?
        beside: is it another table than the events'?
    """

    table: Table
    columns: Mapping[str, tuple[str, str]]
    instruments: Mapping[str, Instrument]
    comment: bool
    beside: bool


def asked_of(events: Table, answers: Table | None, given: Mapping[str, Any]) -> Asked | None:
    """What was asked, and where are the answers?

    Args:
        events: the table of events.
        answers: the table of answers; None where they stand among the events.
        given: the arguments of `journey_map`.

    Returns:
        How answers are read; None where no column of answers is named.

    Raises:
        ParameterError: a table of answers without a column to read, or a scale that is none.
    """
    named = [name for name in (*QUESTIONS, "comment") if given[name] is not None]
    if not named:
        if answers is not None:
            raise ParameterError("`answers` is given, but none of its columns; name `satisfaction`, `effort` or both.")
        return None
    columns = {
        "unit": (given["answer_unit"] or given["unit"], "id?"), "time": (given["answer_time"] or given["time"], "time?")
    } | {name: (given[name], "text?" if name == "comment" else "number?") for name in named}  # fmt: skip
    made = {"satisfaction": lambda: instrument_of("csat", _scale(given["satisfaction_scale"])),
            "effort": lambda: instrument_of(given["effort_kind"])}  # fmt: skip
    instruments = {name: made[name]() for name in named if name in made}
    return Asked(answers or events, columns, instruments, "comment" in named, answers is not None)


def _scale(text: str) -> tuple[int, int]:
    found = parse_scale(text)
    if found is None:
        raise ParameterError(f"`satisfaction_scale` is {text!r}; expected lowest and highest answer, such as '1-5'.")
    return found


def state_counts(asked: Asked) -> pd.DataFrame:
    """How many rows hold an answer, none, or one that is on no such scale?

    Args:
        asked: where the answers are.

    Returns:
        question, state ("valid", "missing", "code", "invalid"), rows, least, most.

    Raises:
        DataError: more than a fifth of the answers are on another scale, or there is none.
    """
    typed = asked.table.typed(**asked.columns)
    parts = [
        f"SELECT '{name}' AS question, {_state(name, one)} AS state, count(*) AS rows, min({name}) AS least, "
        f"max({name}) AS most FROM {typed} AS t GROUP BY 1, 2"
        for name, one in asked.instruments.items()
    ]
    if not parts:
        return pd.DataFrame(columns=["question", "state", "rows", "least", "most"])
    states = asked.table.query(" UNION ALL ".join(parts))
    for name, one in asked.instruments.items():
        _refuse_foreign(name, one, states[states["question"] == name], asked)
    return states


def _refuse_foreign(name: str, one: Instrument, states: pd.DataFrame, asked: Asked) -> None:
    rows = states.set_index("state")["rows"]
    invalid, valid = int(rows.get("invalid", 0)), int(rows.get("valid", 0))
    column = f"column '{asked.table.column(asked.columns[name][0])}'"
    if invalid > _FOREIGN * (invalid + valid):
        low, high = states["least"].min(), states["most"].max()
        other = "`satisfaction_scale`" if name == "satisfaction" else "`effort_kind`"
        raise DataError(
            f"`{name}`: {count(invalid)} of {count(invalid + valid)} answers in {column} are not whole numbers from "
            f"{one.scale}; they lie between {low:g} and {high:g}. Name another column, or set {other}."
        )
    if not valid:
        raise DataError(f"`{name}`: {column} holds no answer from {one.scale}; name the column of the answers.")


def _state(name: str, one: Instrument) -> str:
    codes = ", ".join(map(repr, map(float, USUAL_CODES)))
    return (
        f"CASE WHEN {name} IS NULL THEN 'missing' WHEN {name} IN ({codes}) THEN 'code' "
        f"WHEN {name} = floor({name}) AND {name} BETWEEN {one.low} AND {one.high} THEN 'valid' ELSE 'invalid' END"
    )


def link_answers(log: MapLog, asked: Asked) -> str:
    """Make the table of answers with the stage that each belongs to.

    Args:
        log: the events.
        asked: where the answers are.

    Returns:
        Name of a table: u (text, missing without a person), fold, t, k (stage from 1; 0 without one), satisfaction,
        effort, comment.

    Raises:
        DataError: no person stands in both tables.
    """
    said = _carried_over(log, asked)
    _refuse_strangers(log, asked, said)
    last = f"(SELECT u, t, max(k) AS k FROM {log.touched} GROUP BY u, t)"
    near = f"p.t IS NOT NULL AND a.t - p.t <= {log.linked}"
    return log.chain.make(
        "linked",
        f"SELECT a.*, CASE WHEN {near} THEN p.k ELSE 0 END AS k FROM {said} a ASOF LEFT JOIN {last} p "
        "ON a.u = p.u AND a.t >= p.t",
    )


def _carried_over(log: MapLog, asked: Asked) -> str:
    """The answers, in the engine of the events; what is missing crosses as a word of its own."""
    comment = "coalesce(trim(comment), '')" if asked.comment else "''"
    read = ", ".join(f"{_valid(name, asked)} AS {name}" for name in QUESTIONS)
    seen = "true" if log.until is None else f"t <= {log.until}"
    rows = asked.table.engine.arrays(
        f"SELECT * FROM (SELECT coalesce(unit::VARCHAR, '') AS u, coalesce(epoch_us(time), -1) AS t, {read}, "
        f"{comment} AS comment FROM {asked.table.typed(**asked.columns)} AS t) "
        f"WHERE {seen} AND NOT (isnan(satisfaction) AND isnan(effort) AND comment = '')"
    )
    engine, name = log.table.engine, f"{log.chain.name}_answers"
    frame = pd.DataFrame(rows).astype({"u": "str", "comment": "str"})
    engine.register(name, frame, scratch=True)
    given = ", ".join(f"CASE WHEN NOT isnan({one}) THEN {one} END AS {one}" for one in QUESTIONS)
    said = log.chain.make(
        "said",
        f"SELECT nullif(u, '') AS u, (hash(u) % {FOLDS})::UTINYINT AS fold, t::BIGINT AS t, {given}, "
        f"nullif(comment, '') AS comment FROM {name}",
    )
    engine.register(name, frame.head(0), scratch=True)
    return said


def _valid(name: str, asked: Asked) -> str:
    """A question's answers on its scale; anything else is none."""
    one = asked.instruments.get(name)
    kept = "NULL::DOUBLE" if one is None else f"CASE WHEN {_state(name, one)} = 'valid' THEN {name} END"
    return f"coalesce({kept}, 'nan'::DOUBLE)"


def _refuse_strangers(log: MapLog, asked: Asked, said: str) -> None:
    """Answers whose people are all unknown to the events bear other ids: nothing could be linked."""
    rows = log.table.engine.rows(
        f"SELECT count(*), count(DISTINCT u), min(u), (SELECT min(u) FROM {log.touched}), "
        f"(SELECT count(*) FROM {said} s SEMI JOIN {log.touched} e ON s.u = e.u) FROM {said} WHERE u IS NOT NULL"
    )
    answers, people, theirs, ours, known = rows[0]
    if known or not asked.beside:
        return
    if not answers:
        raise DataError("`answers` holds no answer of a person until the end of the data; nothing can be linked.")
    raise DataError(
        f"`answers`: none of its {count(people)} people has an event of a stage. Its column "
        f"'{asked.table.column(asked.columns['unit'][0])}' holds ids such as {theirs!r}, the events "
        f"such as {ours!r}. Name the column of the same ids in `answer_unit`."
    )
