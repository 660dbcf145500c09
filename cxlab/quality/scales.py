"""Scales printed the wrong way round: one language's answers mirror those of all others."""

import math
from collections.abc import Iterator, Mapping

from cxlab.data import literal, quote
from cxlab.quality.answers import Answers, answers, instrument
from cxlab.quality.columns import Column
from cxlab.quality.finding import Finding
from cxlab.quality.measures import number_of
from cxlab.quality.subject import Subject
from cxlab.wording import number

__all__ = ["scales"]

# what a questionnaire is printed by; people are not, so a group of customers may well be less content
_PRINTED = ("language", "locale", "channel", "wave", "version", "mode", "collector")
_FALSE_ALARM = 0.001  # of a whole table whose groups do not differ
_ENOUGH, _MOST_GROUPS, _CLOSE = 20, 40, 1 / 3

Counted = Mapping[str, Mapping[float, int]]


def scales(subject: Subject) -> Iterator[Finding]:
    """Does a scale run the other way in one language, channel or wave?

    Args:
        subject: the table under examination.

    Yields:
        Findings.

    Assumes:
        A group that is truly as discontent as the others are content looks the same: the finding is to look at.
    """
    named = [column for column in subject.columns if (column.role or column.name).casefold() in _PRINTED]
    printed = [column for column in named if 1 < len(subject.values.get(column.name, ())) <= _MOST_GROUPS]
    asked = [
        (column, one.name, one.scale, counted)
        for score in subject.kind("score")
        for one in answers(subject, score)
        for column in printed
        if one.scale and (counted := _by_group(subject, score, column, one))
    ]
    tests = sum(len(counted) for *_, counted in asked)
    for column, name, scale, counted in asked:
        for group in counted:
            mirrored = _mirrored(counted, group, scale, tests)
            if mirrored:
                rows, effect = mirrored
                where = f"{column.name} = {group}" + (f", {name}" if name else "")
                yield Finding("reversed_scores", where, rows, "", effect)


def _by_group(subject: Subject, score: Column, column: Column, one: Answers) -> Counted:
    """Group -> answer -> rows."""
    value, (low, high) = number_of(score), one.scale or (0.0, 0.0)
    sql = (
        f"SELECT {quote(column.name)}::VARCHAR, {value}, count(*) FROM {subject.table.relation} "
        f"WHERE {value} BETWEEN {low} AND {high} AND {quote(column.name)} IS NOT NULL "
        f"AND {instrument(subject)} = {literal(one.name)} GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 5000"
    )
    found: dict[str, dict[float, int]] = {}
    for group, answer, rows in subject.table.engine.rows(sql):
        found.setdefault(group, {})[answer] = rows
    return found


def _mirrored(counted: Counted, group: str, scale: tuple[float, float], tests: int) -> tuple[int, str] | None:
    """Rows and effect where a group lies as far below the middle as all others lie above, or the other way."""
    from scipy.special import ndtr

    n, mean, spread = _moments([counted[group]])
    others, usual, around = _moments([rows for name, rows in counted.items() if name != group])
    if n < _ENOUGH or others < _ENOUGH or not spread + around:
        return None
    turned, middle = sum(scale) - mean, sum(scale) / 2
    sure = abs(mean - usual) / math.sqrt(spread / n + around / others)
    across = (mean - middle) * (usual - middle) < 0 and abs(turned - usual) < _CLOSE * abs(mean - usual)
    if not across or 2 * ndtr(-sure) >= _FALSE_ALARM / tests:
        return None
    return n, (
        f"Here the mean is {number(mean, 2)}, elsewhere {number(usual, 2)}; turned round it would be "
        f"{number(turned, 2)}. If the scale was printed the other way, these answers count against what was meant."
    )


def _moments(groups: list[Mapping[float, int]]) -> tuple[int, float, float]:
    """Number, mean and variance of answers."""
    n = sum(rows for one in groups for rows in one.values())
    mean = sum(value * rows for one in groups for value, rows in one.items()) / max(n, 1)
    spread = sum((value - mean) ** 2 * rows for one in groups for value, rows in one.items()) / max(n - 1, 1)
    return n, mean, spread
