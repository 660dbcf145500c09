"""How numbers are written for readers: true minus, thousands commas, units that do not break off."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

__all__ = [
    "count", "date", "duration", "frequency", "interval", "number", "p_text",
    "points", "relative", "sentence_list", "share",
]  # fmt: skip

MINUS, SPACE, MISSING = "\u2212", "\u00a0", "–"
_UNITS = (("days", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0))
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value)) or value != value


def _fixed(value: float, digits: int, sign: bool = False) -> str:
    """A number with thousands commas and a true minus; a rounded zero has no sign."""
    rounded = round(float(value), digits)
    text = f"{abs(rounded):,.{digits}f}"
    if rounded == 0:
        return text
    return (MINUS if rounded < 0 else "+" if sign else "") + text


def number(value: float | None, digits: int | None = None, *, sign: bool = False) -> str:
    """How is a plain number written?

    Args:
        value: the number; missing gives a dash.
        digits: decimals; None chooses 2 below 10, 1 below 100, else 0.
        sign: write a plus before positive numbers.

    Returns:
        Text.

    Examples:
        >>> number(-0.153, sign=True), number(12406.4), number(None)
        ('−0.15', '12,406', '–')
    """
    if _missing(value):
        return MISSING
    assert value is not None
    if digits is None:
        digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return _fixed(value, digits, sign)


def count(value: float | None) -> str:
    """How is a count written?

    Args:
        value: a whole number; missing gives a dash.

    Returns:
        Text.

    Examples:
        >>> count(12406)
        '12,406'
    """
    return MISSING if _missing(value) else _fixed(float(value or 0), 0)


def share(value: float | None, digits: int = 1) -> str:
    """How is a rate written?

    Args:
        value: fraction from 0 to 1.
        digits: decimals of the percentage.

    Returns:
        Text.

    Examples:
        >>> share(0.605)
        '60.5%'
    """
    return MISSING if _missing(value) else f"{_fixed(100 * float(value or 0), digits)}%"


def points(value: float | None, digits: int = 1, *, sign: bool = True) -> str:
    """How is the change of a rate written?

    Args:
        value: difference of two fractions.
        digits: decimals.
        sign: write a plus before positive changes.

    Returns:
        Text in points.

    Examples:
        >>> points(0.023), points(-0.006, sign=False)
        ('+2.3\\xa0points', '−0.6\\xa0points')
    """
    return MISSING if _missing(value) else f"{_fixed(100 * float(value or 0), digits, sign)}{SPACE}points"


def relative(value: float | None, digits: int = 1) -> str:
    """How is a relative change written?

    Args:
        value: fraction, 0.038 for 3.8 % more.
        digits: decimals.

    Returns:
        Text with sign.

    Examples:
        >>> relative(0.038)
        '+3.8%'
    """
    return MISSING if _missing(value) else f"{_fixed(100 * float(value or 0), digits, True)}%"


def p_text(value: float | None) -> str:
    """How is a p-value written?

    Args:
        value: from 0 to 1.

    Returns:
        Text: "<0.001", else three digits below 0.01 and two above.

    Examples:
        >>> p_text(0.0004), p_text(0.0086), p_text(0.376)
        ('<0.001', '0.009', '0.38')
    """
    if _missing(value):
        return MISSING
    p = float(value or 0)
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.01 else f"{p:.2f}"


def interval(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """How is an interval written?

    Args:
        low: lower end.
        high: upper end.
        write: how one end is written.

    Returns:
        "low to high"; a unit that both ends carry is written once.

    Examples:
        >>> interval(0.011, 0.035, points)
        '+1.1 to +3.5\\xa0points'
        >>> interval(0.37, 0.41, lambda v: share(v, 0))
        '37% to 41%'
    """
    left, right = write(low), write(high)
    unit = right.partition(SPACE)[2]
    if unit and left.endswith(SPACE + unit):
        left = left.removesuffix(SPACE + unit)
    return f"{left} to {right}"


def frequency(rate: float | None) -> str:
    """How is a rate told in people?

    Args:
        rate: fraction from 0 to 1.

    Returns:
        "39 of 100"; of 1,000 below 2 %, of 10,000 below 0.2 %.

    Examples:
        >>> frequency(0.391), frequency(0.0113), frequency(0.0012)
        ('39 of 100', '11 of 1,000', '12 of 10,000')
    """
    if _missing(rate):
        return MISSING
    value = float(rate or 0)
    base = 100 if value >= 0.02 or value == 0 else 1_000 if value >= 0.002 else 10_000
    return f"{_fixed(value * base, 0)} of {base:,}"


def duration(seconds: float | None) -> str:
    """How is a length of time written?

    Args:
        seconds: the time.

    Returns:
        Text in the largest unit that gives at least 1.

    Examples:
        >>> duration(39_600), duration(181_440), duration(40), duration(0)
        ('11\\xa0h', '2.1\\xa0days', '40\\xa0s', '0\\xa0s')
    """
    if _missing(seconds):
        return MISSING
    value = float(seconds or 0)
    name, size = next((unit for unit in _UNITS if value >= unit[1]), _UNITS[-1])
    amount = value / size
    digits = 0 if amount >= 10 or round(amount, 1).is_integer() else 1
    text = _fixed(amount, digits)
    return f"{text}{SPACE}{'day' if name == 'days' and text == '1' else name}"


def date(moment: datetime | str | None) -> str:
    """How is a day written?

    Args:
        moment: a time or ISO text.

    Returns:
        "12 June 2026".

    Examples:
        >>> date("2026-06-12T08:30:00")
        '12 June 2026'
    """
    if moment is None or moment != moment or moment == "":
        return MISSING
    when = datetime.fromisoformat(str(moment))
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def sentence_list(words: Sequence[str], last: str = "and") -> str:
    """How are several things listed in a sentence?

    Args:
        words: the things.
        last: the word before the last one.

    Returns:
        "a, b and c".

    Examples:
        >>> sentence_list(["a", "b", "c"])
        'a, b and c'
    """
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
