"""How large must the test be for one measure, what does it find, and how often?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxlab.errors import ParameterError
from cxlab.experiments.metrics import Metric, size
from cxlab.experiments.spread import Spread
from cxlab.stats.power import Groups, Shares, Sides

__all__ = ["Need", "Parts", "parts_of", "scales", "target_of"]


@dataclass(frozen=True)
class Parts:
    """How units are divided: the control's share, and the smallest variant's units per unit in the control."""

    names: tuple[str, ...]
    control_share: float
    ratio: float

    @property
    def treatments(self) -> int:
        """Variants beside the control."""
        return len(self.names) - 1


def parts_of(planned_ratio: Mapping[str, float] | None, control: str) -> Parts:
    """How will units be divided?

    Args:
        planned_ratio: variant to its part; None means the control and one new version, half each.
        control: the control's name.

    Returns:
        The parts.

    Raises:
        ParameterError: the control has no part, it stands alone, or a part is not above 0.

    Examples:
        >>> parts_of({"old": 3, "a": 1, "b": 2}, "old").ratio
        0.3333333333333333
    """
    given = dict(planned_ratio or {control: 1.0, "new": 1.0})
    others = [name for name in given if name != control]
    if control not in given or not others or not all(part > 0 for part in given.values()):
        raise ParameterError(
            f"`planned_ratio` is {given}; expected a number above 0 for the control {control!r} and for each other "
            f"variant, such as {{{control!r}: 1, 'new': 1}}."
        )
    smallest = min(given[name] for name in others)
    return Parts((control, *others), given[control] / sum(given.values()), smallest / given[control])


@dataclass(frozen=True)
class Need:
    """One measure and what shall be shown of it, by which test.

    Args:
        spread: the measure before the test.
        parts: how units are divided.
        alpha: error of the comparison, on the sides it has.
        sides: "two", or "one" for a gain only and for a test against a margin.
        target: effect to be found, or margin to keep within; above 0, in the measure's own size; None: none was given.
        inflation: what looking early costs.
    """

    spread: Spread
    parts: Parts
    alpha: float
    sides: Sides
    target: float | None
    inflation: float = 1.0

    @property
    def metric(self) -> Metric:
        """What is measured."""
        return self.spread.metric

    @property
    def against_margin(self) -> bool:
        """Is it to be shown that nothing changed by more than a margin?"""
        return self.metric.test != "superiority" or self.metric.role == "guardrail"

    @property
    def _by_share(self) -> bool:
        """Is it the plain comparison of two shares?"""
        return self.metric.form == "share" and not self.against_margin and self.spread.cluster_size == 1

    def _test(self, effect: float) -> Groups | Shares:
        if self._by_share:
            return Shares(self.spread.base, self.parts.ratio, self.alpha, self.sides)
        sd = self.spread.sd / float(np.sqrt(self.spread.cluster_size))
        return Groups(sd, sd * self._growth(effect), self.parts.ratio, self.alpha, self.sides)

    def _growth(self, effect: float) -> float:
        """An amount that grows spreads in proportion; capped values, answers and what stays as it is do not."""
        if self.against_margin or not scales(self.metric) or not self.spread.base:
            return 1.0
        return max(1 + self.metric.sign * effect / self.spread.base, 0.05)

    @property
    def _per_control(self) -> float:
        """Units in all variants for one that counts in the control's formula."""
        own = self.spread.factor if self._by_share else self.spread.cluster_size
        return own * self.inflation / self.parts.control_share

    def power(self, effect: float, n: float) -> float:
        """How often is an effect (or, against a margin, a distance from it) of this size shown with n units in all?"""
        control_n = n / self._per_control
        if control_n < 2:
            return 0.0
        found = self._test(effect).power(self.metric.sign * effect if self._by_share else effect, control_n)
        return max(2 * found - 1, 0.0) if self.metric.test == "equivalence" else found

    def needed(self, power: float) -> float:
        """Units in all variants, so that the target is reached this often; infinity where it never is."""
        if self.target is None:
            return 0.0
        wanted = (1 + power) / 2 if self.metric.test == "equivalence" else power
        target = self.metric.sign * self.target if self._by_share else self.target
        return self._test(self.target).size(target, wanted) * self._per_control

    def detectable(self, n: float, power: float) -> float:
        """The smallest effect (or margin) that n units show this often; infinity where none is."""
        high = self._largest
        if self.power(high, n) < power:
            return float("inf")
        low = 0.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if self.power(middle, n) >= power else (middle, high)
        return high

    @property
    def _largest(self) -> float:
        """The largest change that is thought of."""
        base, sign = self.spread.base, self.metric.sign
        if self.metric.form == "share":
            return (1 - base if sign > 0 else base) - 1e-9
        falls = scales(self.metric) and not self.against_margin and sign * base < 0
        return 0.999 * abs(base) if falls else 100 * self.spread.sd + abs(base)


def scales(metric: Metric) -> bool:
    """Does a change of this metric come in proportion to its values?

    Examples:
        >>> from cxlab.experiments.metrics import Mean
        >>> scales(Mean("revenue")), scales(Mean("revenue", cap="p99"))
        (True, False)
    """
    return metric.kind in ("mean", "ratio", "rate") and getattr(metric, "cap", None) is None


def target_of(spread: Spread, effect: float | str | None) -> float | None:
    """What is to be shown, in the measure's own size: the margin of a test against one, else the wanted effect.

    Args:
        spread: the measure before the test.
        effect: as it was asked for; None takes the metric's `minimum_effect`.

    Returns:
        A size above 0; None where none was given.

    Raises:
        ParameterError: it is relative to a level of zero, or larger than a share can change.
    """
    metric = spread.metric
    margin = metric.test != "superiority" or metric.role == "guardrail"
    name = "margin" if margin else "effect"
    found = size(name, metric.margin) if margin else size(name, effect if effect is not None else metric.minimum_effect)
    if found is None:
        return None
    amount = found[0] * abs(spread.base) if found[1] else found[0]
    if not amount > 0:
        raise ParameterError(f"`{name}` of {metric.name!r} is relative, but its level is 0; give it in its own size.")
    room = 1 - spread.base if metric.sign > 0 else spread.base
    if metric.form == "share" and not margin and amount >= room:
        raise ParameterError(
            f"`{name}` of {metric.name!r} is {amount:g}, but a share of {spread.base:.3g} can change by {room:.3g} at "
            "most. Shares are fractions: 0.02 is two points; '5%' is relative."
        )
    return amount
