"""Sizes that were agreed on: margins, smallest gains, caps; as numbers, percentages or percentiles."""

from __future__ import annotations

import re

from cxlab.errors import ParameterError

__all__ = ["cap_share", "size"]

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")


def cap_share(cap: float | str | None) -> float | None:
    """At which share of all values does a cap lie?

    Args:
        cap: a number, "p99" or None.

    Returns:
        0.99 for "p99"; None where the cap is a number, or none was given.

    Raises:
        ParameterError: it is neither.

    Examples:
        >>> cap_share("p99.5"), cap_share(200)
        (0.995, None)
    """
    if cap is None or (isinstance(cap, int | float) and not isinstance(cap, bool) and abs(cap) < float("inf")):
        return None
    found = _PERCENTILE.fullmatch(str(cap).strip())
    share = float(found[1]) / 100 if found else 0.0
    if not 0.5 <= share < 1:
        raise ParameterError(
            f"`cap` is {cap!r}; expected a number, or a percentile from 'p50' to below 'p100', such as 'p99'."
        )
    return share


def size(argument: str, value: float | str | None) -> tuple[float, bool] | None:
    """How large is an agreed size, and is it relative to the control?

    Args:
        argument: name, for the message.
        value: 0.01, "5%" or None.

    Returns:
        The positive size as a number and whether it is relative; None where none was given.

    Raises:
        ParameterError: it is not a positive size.

    Examples:
        >>> size("margin", "5%"), size("margin", 0.01)
        ((0.05, True), (0.01, False))
    """
    if value is None:
        return None
    relative = isinstance(value, str) and value.strip().endswith("%")
    try:
        amount = float(str(value).strip().rstrip("%")) / (100 if relative else 1)
    except ValueError:
        amount = 0.0
    if not 0 < amount < float("inf"):
        raise ParameterError(f"`{argument}` is {value!r}; expected a size above 0, such as 0.01 or '5%'.")
    return amount, relative
