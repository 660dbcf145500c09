"""What all past experiments brought, in words: headline, figures, definitions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from cxlab.experiments.past_tests import BROKEN
from cxlab.experiments.totals import Portfolio
from cxlab.results import Figure
from cxlab.wording import MINUS, SPACE, count, number

__all__ = ["Units", "definitions", "figures_of", "headline_of", "status_of"]

_CURRENCIES = "€$£¥"


@dataclass(frozen=True)
class Units:
    """How effects are written: points of a share, per cent, money, or another unit; the total decides the decimals."""

    measured_in: str
    digits: int

    @classmethod
    def of(cls, measured_in: str, half_width: float) -> Units:
        """Enough decimals that half an interval's width shows one digit."""
        half = half_width * (100 if measured_in in ("points", "%") else 1)
        digits = 2 if not 0 < half < math.inf else min(max(-math.floor(math.log10(half / 3)), 0), 4)
        return cls(measured_in, max(digits, 1) if measured_in in ("points", "%") else digits)

    def scaled(self, value: float) -> float:
        """The number as it is written."""
        return value * (100 if self.measured_in in ("points", "%") else 1)

    def plain(self, value: float, *, sign: bool = False) -> str:
        """Without its unit: 2.3, −0.15."""
        return number(self.scaled(value), self.digits, sign=sign)

    def change(self, value: float, *, sign: bool = True) -> str:
        """With its unit: +2.3 points, +4%, +€0.08."""
        text = self.plain(value, sign=sign)
        if not self.measured_in or text == "–":
            return text
        if self.measured_in == "%":
            return f"{text}%"
        if self.measured_in not in _CURRENCIES:
            return f"{text}{SPACE}{self.measured_in}"
        return text[0] + self.measured_in + text[1:] if text[0] in f"+{MINUS}" else self.measured_in + text

    def span(self, low: float, high: float) -> str:
        """From one end to the other: −0.2 to +1.4 points."""
        return f"{self.plain(low, sign=True)} to {self.change(high)}"


def headline_of(found: Portfolio, units: Units, what: str) -> str:
    """What did the shipped changes bring together, in two sentences?

    Args:
        found: all experiments.
        units: how effects are written.
        what: the measure in words.

    Returns:
        The corrected total with its interval, beside the observed one; then how many probably did not help.
    """
    tests, total = found.tests, found.total
    if found.number == 0:
        return f"None of the {count(len(tests.frame))} changes was shipped, so nothing was added to {what}."
    value, low, high = _own(found)
    observed = units.change(tests.sign * total.observed)
    changes = "The one shipped change" if found.number == 1 else f"The {count(found.number)} shipped changes together"
    span = f"likely {units.span(low, high)}"
    if low <= 0 <= high:
        said = f"{changes} changed {what} by about {units.change(value)} ({span}), so a gain is not shown."
        luck = f"Their tests showed {observed}: what is chosen for looking large looks too large."
        return f"{said} {luck} {_no_help(found)}".rstrip()
    verb = "added" if value > 0 else "took"
    amount = units.change(abs(value), sign=False)
    way = f"{verb} about {amount} {'to' if value > 0 else 'from'} {what}"
    return f"{changes} {way} ({span}), not the {observed} that their tests showed. {_no_help(found)}".rstrip()


def _own(found: Portfolio) -> tuple[float, float, float]:
    """The corrected total in the data's own direction."""
    total, sign = found.total, found.tests.sign
    low, high = sorted((sign * total.ci_low, sign * total.ci_high))
    return sign * total.corrected, low, high


def _no_help(found: Portfolio) -> str:
    number_ = round(found.no_help)
    return f"About {count(number_)} of them probably did not help." if number_ else ""


def status_of(found: Portfolio) -> str:
    """The word on the badge: is the corrected total clear of 0, and on which side?"""
    value, low, high = _own(found)
    if found.number == 0 or low <= 0 <= high:
        return "Undecided"
    return "Up" if value > 0 else "Down"


def figures_of(found: Portfolio, units: Units) -> tuple[Figure, ...]:
    """Which three numbers stand under the headline?

    Args:
        found: all experiments.
        units: how effects are written.

    Returns:
        Corrected total, observed total, and how many stand out after allowing for all experiments.
    """
    if found.number == 0:
        return ()
    value, low, high = _own(found)
    observed = units.change(found.tests.sign * found.total.observed)
    level = f"{found.confidence:.0%} interval"
    return (
        Figure(units.change(value), f"from {count(found.number)} shipped changes, {units.span(low, high)} ({level})"),
        Figure(observed, "is what their tests showed, added up"),
        _standing(found),
    )


def _standing(found: Portfolio) -> Figure:
    """How many shipped changes stand out even after allowing for all experiments?"""
    standing = int((found.adjusted[found.tests.shipped] <= 1 - found.confidence).sum())
    number_ = count(int(found.tests.counted.sum()))
    return Figure(
        f"{count(standing)} of {count(found.number)}", f"stand out after allowing for all {number_} experiments"
    )


def definitions(found: Portfolio, units: Units, confidence: float) -> tuple[str, ...]:
    """The definitions used, in words.

    Args:
        found: all experiments.
        units: how effects are written.
        confidence: level of the intervals.

    Returns:
        One sentence each.
    """
    tests, prior = found.tests, found.prior
    rule = f"more than {tests.threshold:g} standard errors better"
    chosen = f"Shipped: every change that was {rule}." if tests.by_rule else "Shipped: as the data say."
    write: Callable[[float], str] = units.change
    return (
        f"Intervals hold the true value in {confidence:.0%} of such cases. {chosen}",
        "Corrected: the observed sum less what choosing adds to it, over all experiments, shipped or not (Lee and "
        f"Shen), where a change passes when it is {rule}; averaged over where each true effect is likely to lie. The "
        "plug-in beside it takes observed effects for true ones, and takes off too much where most are small.",
        f"True effects over all experiments: {write(tests.sign * prior.mean)} on average, with a standard deviation of "
        f"{units.change(prior.sd, sign=False)} (Paule and Mandel). Each effect is drawn towards them (Morris).",
        "Conditional: the effect that is most likely given that it passed, by that experiment alone.",
        "p, adjusted: Benjamini-Hochberg over all experiments that count.",
        f"An experiment whose groups are not as large as planned (p below {BROKEN:g}) counts in no sum.",
    )
