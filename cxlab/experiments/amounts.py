"""How a metric's levels and changes are written: shares in points, money with its sign, times with their unit."""

from __future__ import annotations

import math

from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric, size
from cxlab.wording import MINUS, SPACE, number, share

__all__ = ["Amounts", "agreed", "capital", "opening"]

_CURRENCIES = "€$£¥"


def capital(text: str) -> str:
    """The same text with a capital first letter.

    Examples:
        >>> capital("placed an order")
        'Placed an order'
    """
    return text[:1].upper() + text[1:]


def opening(name: str) -> str:
    """A variant's name at the start of a sentence; a name that is code stays as it is.

    Examples:
        >>> opening("short checkout"), opening("gate_40")
        ('Short checkout', 'gate_40')
    """
    return name if "_" in name or name != name.lower() else capital(name)


class Amounts:
    """Writes one metric's numbers; the interval's width decides the decimals."""

    def __init__(self, metric: Metric, effect: Effect) -> None:
        """Take the decimals from an effect.

        Args:
            metric: what is measured.
            effect: the effect whose interval decides.
        """
        self.metric = metric
        self.share = metric.form == "share" or metric.kind == "ordinal" or metric.measured_in == "%"
        self.points = self.share or metric.kind == "nps"
        half = abs((effect.ci_high or 0.0) - (effect.ci_low or 0.0)) / 2
        self.digits = _digits(half * 100, 1, 3) if self.share else self._number_digits(half)
        self.level_digits = self._level_digits(effect)

    def _number_digits(self, half: float) -> int:
        if self.metric.kind == "nps":
            return _digits(half, 0, 1)
        money = self.metric.measured_in in _CURRENCIES and bool(self.metric.measured_in)
        return 2 if money and half < 10 else _digits(half, 0, 6 if self.metric.kind == "rate" else 4)

    def _level_digits(self, effect: Effect) -> int:
        rare = 0 < max(effect.estimate or 0.0, effect.control_estimate or 0.0) < 0.02
        return max(self.digits, 2 if rare else 1) if self.share else self.digits

    def level(self, value: float | None) -> str:
        """A level: 60.5%, €4.18, 15.0 min."""
        if self.share:
            return share(value, self.level_digits)
        return self._with_unit(number(value, self.digits))

    def plain(self, value: float | None, *, sign: bool = False) -> str:
        """A change without its unit: 2.3, −0.15."""
        scaled = None if value is None else value * (100 if self.share else 1)
        return number(scaled, self.digits, sign=sign)

    def change(self, value: float | None, *, sign: bool = True) -> str:
        """A change with its unit: +2.3 points, +€0.08, +0.9 min."""
        text = self.plain(value, sign=sign)
        return f"{text}{SPACE}points" if self.points else self._with_unit(text)

    def bracket(self, effect: Effect) -> str:
        """Change and interval: +2.3 points (1.1 to 3.5)."""
        return f"{self.change(effect.effect)} ({self.plain(effect.ci_low)} to {self.plain(effect.ci_high)})"

    def likely(self, effect: Effect) -> str:
        """The interval in words: 1.1 to 3.5 points more; between −0.6 and +0.9 points."""
        low, high = effect.ci_low or 0.0, effect.ci_high or 0.0
        if low > 0 or high < 0:
            ends = sorted((abs(low), abs(high)))
            return f"{self.plain(ends[0])} to {self.change(ends[1], sign=False)} {'more' if low > 0 else 'less'}"
        return f"between {self.plain(low)} and {self.change(high)}"

    def _with_unit(self, text: str) -> str:
        unit = self.metric.measured_in
        if not unit or text == "–":
            return text
        if unit not in _CURRENCIES:
            return f"{text}{SPACE}{unit}"
        return text[0] + unit + text[1:] if text[0] in f"+{MINUS}" else unit + text


def _digits(half: float, least: int, most: int) -> int:
    """Enough decimals that the interval's half width shows one digit."""
    if not 0 < half < math.inf:
        return min(max(least, 2), most)
    return min(max(-math.floor(math.log10(half)), least), most)


def agreed(metric: Metric, amounts: Amounts, argument: str = "margin") -> str:
    """How is the agreed size written? 5%, 1.0 points, €0.30."""
    found = size(argument, getattr(metric, argument))
    if found is None:
        return ""
    value, relative = found
    return f"{value * 100:g}%" if relative else amounts.change(value, sign=False)
