"""How large must a test be, which effect does it find, and how often?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

__all__ = [
    "Groups", "Shares", "Sides", "best_control_share", "covariate_deflation",
]  # fmt: skip

Sides: TypeAlias = Literal["one", "two"]

_NORMAL_FROM = 5000
_LARGEST, _SMALLEST = 1e12, 2.0


def _quantile(alpha: float, sides: Sides) -> float:
    return float(ndtri(1 - (alpha / 2 if sides == "two" else alpha)))


class Groups(NamedTuple):
    """Two groups whose means are compared: the spread of one unit in each, and how the plan parts them.

    The spread may be that of anything that is averaged over units: a number, a share, a ratio made linear, what a
    covariate leaves over (`covariate_deflation`), or whole clusters.

    Args:
        control_sd: standard deviation of a unit in the control.
        sd: standard deviation of a unit in the other group.
        ratio: units in the other group per unit in the control.
        alpha: error that is allowed; divide it by the number of comparisons where there are several.
        sides: "two" for a difference in either direction, "one" for a gain, or for no harm beyond a margin
            (then the effect is the expected difference plus the margin).
    """

    control_sd: float
    sd: float
    ratio: float = 1.0
    alpha: float = 0.05
    sides: Sides = "two"

    def error(self, control_n: float) -> float:
        """How large is the standard error of the difference with this many units in the control?"""
        return float(np.sqrt(self.control_sd**2 / control_n + self.sd**2 / (self.ratio * control_n)))

    def power(self, effect: float, control_n: float) -> float:
        """How often is an effect of this size found?

        Args:
            effect: the true difference (for no harm: plus the margin); the sign does not count.
            control_n: units in the control.

        Returns:
            The chance that the test finds it in its own direction.

        Source:
            Noncentral t with Welch's degrees of freedom; normal from 5,000 on. Checked against R power.t.test.

        Examples:
            >>> round(Groups(4.0, 4.0).power(0.5, 1345.9), 3)
            0.9
        """
        expected, df = abs(effect) / self.error(control_n), self._df(control_n)
        if df > _NORMAL_FROM:
            return float(ndtr(expected - _quantile(self.alpha, self.sides)))
        limit = stdtrit(df, 1 - (self.alpha / 2 if self.sides == "two" else self.alpha))
        return float(1 - nctdtr(df, expected, limit))

    def _df(self, control_n: float) -> float:
        parts = [(self.control_sd**2, control_n), (self.sd**2, self.ratio * control_n)]
        below = sum((v / n) ** 2 / max(n - 1, 1e-9) for v, n in parts)
        return float(sum(v / n for v, n in parts) ** 2 / below)

    def size(self, effect: float, power: float) -> float:
        """How many units does the control need, so that an effect of this size is found this often?

        Args:
            effect: the true difference (for no harm: plus the margin).
            power: the wanted chance of finding it.

        Returns:
            Units in the control, not rounded; times `ratio` in the other group.

        Examples:
            >>> round(Groups(4.0, 4.0).size(0.5, 0.9), 1)
            1345.9
        """
        return _smallest(lambda n: self.power(effect, n), power, _SMALLEST)

    def detectable(self, control_n: float, power: float) -> float:
        """Which is the smallest effect that is found this often?

        Args:
            control_n: units in the control.
            power: the wanted chance of finding it.

        Returns:
            The size of the effect.

        Examples:
            >>> round(Groups(4.0, 4.0).detectable(1345.911, 0.9), 3)
            0.5
        """
        return _smallest(lambda effect: self.power(effect, control_n), power, 1e-9 * self.error(control_n))


class Shares(NamedTuple):
    """Two groups whose shares are compared by the pooled z test.

    Args:
        base: the share in the control.
        ratio: units in the other group per unit in the control.
        alpha: error that is allowed.
        sides: "two" or "one".
    """

    base: float
    ratio: float = 1.0
    alpha: float = 0.05
    sides: Sides = "two"

    def power(self, effect: float, control_n: float) -> float:
        """How often is a difference of this size found?

        Args:
            effect: the true difference of the two shares, with its sign.
            control_n: units in the control.

        Returns:
            The chance that the test finds it in its own direction; the spread under no effect is pooled.

        Source:
            Fleiss, Levin & Paik (2003), chapter 4. Checked against R power.prop.test.

        Examples:
            >>> round(Shares(0.1).power(0.01, 14750.79), 3)
            0.8
        """
        other = self.base + effect
        pooled = (self.base + self.ratio * other) / (1 + self.ratio)
        null = np.sqrt(pooled * (1 - pooled) * (1 + 1 / self.ratio))
        true = np.sqrt(self.base * (1 - self.base) + other * (1 - other) / self.ratio)
        reach = _quantile(self.alpha, self.sides)
        return float(ndtr((abs(effect) * np.sqrt(control_n) - reach * null) / true))

    def size(self, effect: float, power: float) -> float:
        """How many units does the control need, so that this difference is found this often?

        Args:
            effect: the true difference of the two shares, with its sign.
            power: the wanted chance of finding it.

        Returns:
            Units in the control, not rounded; times `ratio` in the other group.

        Examples:
            >>> round(Shares(0.1).size(0.01, 0.8), 1)
            14750.8
        """
        return _smallest(lambda n: self.power(effect, n), power, _SMALLEST)

    def detectable(self, control_n: float, power: float, *, sign: int = 1) -> float:
        """Which is the smallest rise (or fall) of the share that is found this often?

        Args:
            control_n: units in the control.
            power: the wanted chance of finding it.
            sign: 1 for a rise, -1 for a fall.

        Returns:
            The size of the difference; infinity where even the largest possible one is not found.

        Examples:
            >>> round(Shares(0.1).detectable(14750.79, 0.8), 4)
            0.01
        """
        most = (1 - self.base if sign > 0 else self.base) - 1e-9
        if self.power(sign * most, control_n) < power:
            return float("inf")
        low, high = 0.0, most
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if self.power(sign * middle, control_n) >= power else (middle, high)
        return high


def _smallest(chance_of: Callable[[float], float], chance: float, start: float) -> float:
    """The smallest number at which a rising chance is reached; infinity where it never is."""
    low, high = start, 2 * start
    while chance_of(high) < chance:
        low, high = high, 2 * high
        if high > _LARGEST:
            return float("inf")
    if chance_of(low) >= chance:
        return low
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if chance_of(middle) >= chance else (middle, high)
    return (low + high) / 2


def covariate_deflation(correlation: float) -> float:
    """By how much does a variance shrink when a covariate from before is used?

    Args:
        correlation: of the covariate and what is measured, within a group.

    Returns:
        The factor.

    Source:
        Deng, Xu, Kohavi & Walker (2013), WSDM.

    Examples:
        >>> covariate_deflation(0.5)
        0.75
    """
    return 1 - correlation**2


def best_control_share(treatments: int) -> float:
    """Which part of all units should be in the control, where several variants are compared with it?

    Args:
        treatments: how many variants there are beside the control.

    Returns:
        The share with the smallest errors for a number of units.

    Source:
        Dunnett (1955), JASA 50:1096.

    Examples:
        >>> round(best_control_share(1), 2), round(best_control_share(4), 2)
        (0.5, 0.33)
    """
    return float(1 / (1 + np.sqrt(treatments)))
