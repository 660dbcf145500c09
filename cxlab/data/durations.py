"""Lengths of time given as text with a unit."""

import re

import pandas as pd

from cxlab.errors import ParameterError

__all__ = ["parse_duration"]

_UNITS = {"s": "s", "sec": "s", "min": "min", "h": "h", "d": "D", "day": "D", "days": "D", "w": "W", "week": "W"}
_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")


def parse_duration(text: str | pd.Timedelta, *, argument: str = "within") -> pd.Timedelta:
    """How long is this text's length of time?

    Args:
        text: a number with a unit, such as "7D", "30min", "12h" or "2W".
        argument: name of the parameter, for the message.

    Returns:
        The length of time.

    Raises:
        ParameterError: no unit, or not a length of time.

    Examples:
        >>> parse_duration("7D").days
        7
        >>> parse_duration("7")
        Traceback (most recent call last):
        cxlab.errors.ParameterError: `within` is '7'; expected a number with a unit, such as '7D', '12h' or '30min'.
    """
    if isinstance(text, pd.Timedelta) and text >= pd.Timedelta(0):
        return text
    found = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    unit = _UNITS.get(found[2].casefold().removesuffix("s") or "s") if found else None
    unit = unit or (_UNITS.get(found[2].casefold()) if found else None)
    if not found or not unit:
        raise ParameterError(
            f"`{argument}` is {text!r}; expected a number with a unit, such as '7D', '12h' or '30min'."
        )
    return pd.Timedelta(float(found[1]), unit=unit)
