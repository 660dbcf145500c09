"""How amounts of money, and numbers known about as well as they, are written."""

from __future__ import annotations

import numpy as np

from cxlab.wording import count, number

__all__ = ["money", "rounded", "signed_money"]

_CURRENCIES = "€$£¥"


def rounded(value: float) -> float:
    """Three digits are as many as such a total is known to.

    Args:
        value: the number.

    Returns:
        The number, rounded.

    Examples:
        >>> rounded(54312.7)
        54300.0
    """
    if not np.isfinite(value) or abs(value) < 1000:
        return value
    size = 10.0 ** (int(np.floor(np.log10(abs(value)))) - 2)
    return float(round(value / size) * size)


def money(value: float, measured_in: str) -> str:
    """How is an amount written?

    Args:
        value: the amount, or a number of payments.
        measured_in: its unit, such as "€"; may be empty.

    Returns:
        Text.

    Examples:
        >>> money(1234.5, "€"), money(1234.5, "points")
        ('€1,230', '1,230 points')
    """
    text = number(value, 2) if abs(value) < 100 else count(rounded(value))
    if not measured_in or text == "–":
        return text
    return f"{measured_in}{text}" if measured_in in _CURRENCIES else f"{text} {measured_in}"


def signed_money(amount: float, measured_in: str) -> str:
    """How is a change written?

    Args:
        amount: the change.
        measured_in: its unit; may be empty.

    Returns:
        Text with its sign before the currency.

    Examples:
        >>> signed_money(-341.2, "€"), signed_money(0, "€")
        ('−€341', '€0')
    """
    if not amount:
        return money(0, measured_in).replace("0.00", "0")
    return f"{'+' if amount > 0 else '−'}{money(abs(amount), measured_in)}"
