"""Looking early: which interval and which p value hold at a look, however often one looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias, cast, get_args

from scipy.special import ndtr, ndtri

from cxlab.data import ALL
from cxlab.errors import ParameterError, choose
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric, size
from cxlab.stats.always_valid import e_value, mixture_weight, reach, sprt_weight
from cxlab.stats.sequential import HIGHEST, Spending, repeated_p_value, spending_bounds
from cxlab.wording import count

__all__ = ["SPENDINGS", "AtLevel", "Monitoring", "Watch", "checked_looks", "standard_errors"]

Monitoring: TypeAlias = Literal[
    "none", "obrien-fleming", "pocock", "hwang-shih-decani", "always-valid", "msprt"
]  # fmt: skip
AtLevel: TypeAlias = Callable[[float], list[Effect]]

SPENDINGS: tuple[str, ...] = get_args(Spending)
_TUNING = 5000


def checked_looks(looks: Sequence[int] | None) -> tuple[int, ...]:
    """Are these numbers of units at which one looks?

    Args:
        looks: what was given.

    Returns:
        The numbers, rising, each once.

    Raises:
        ParameterError: one is no whole number above 0.

    Examples:
        >>> checked_looks([4000, 2000, 4000])
        (2000, 4000)
    """
    for look in looks or ():
        if isinstance(look, bool) or not float(look).is_integer() or look < 1:
            raise ParameterError(
                f"`looks` has {look!r}; expected numbers of units in all variants together, such as [4000, 8000]."
            )
    return tuple(sorted({int(look) for look in looks or ()}))


def standard_errors(effect: Effect) -> float:
    """How many standard errors lies an effect from none, by the p value of its own test?"""
    if effect.p_value is None:
        return 0.0
    if effect.p_value < 1e-300:
        return abs((effect.effect or 0.0) / effect.se) if effect.se else 38.0
    return float(-ndtri(effect.p_value / 2))


@dataclass(frozen=True)
class Watch:
    """How a test is watched: the looks so far, the present one last, and the limits that hold at each.

    Args:
        monitoring: how the chance of a false alarm is kept over the looks.
        sizes: number of units at each look so far, rising; the last is now.
        coming: looks that are planned for later.
        planned_n: planned number of units.
        alpha: two-sided chance of a false alarm in all looks together.
        metrics: what is measured; "msprt" takes the size of effects from their `minimum_effect`.
    """

    monitoring: Monitoring
    sizes: tuple[int, ...]
    coming: tuple[int, ...] = ()
    planned_n: int | None = None
    alpha: float = 0.05
    metrics: tuple[Metric, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse limits that need a plan without one."""
        choose("monitoring", self.monitoring, get_args(Monitoring))
        if self.sequential and self.planned_n is None:
            raise ParameterError(
                f"`monitoring` is {self.monitoring!r}, which spreads the chance of a false alarm over a planned size, "
                "and `planned_n` is not given. Give the planned number of units, or take monitoring='always-valid'."
            )

    @property
    def active(self) -> bool:
        """Do the limits allow for several looks?"""
        return self.monitoring != "none"

    @property
    def sequential(self) -> bool:
        """Is an error spent from look to look?"""
        return self.monitoring in SPENDINGS

    @property
    def open_ended(self) -> bool:
        """Does the test go on until a limit is crossed?"""
        return self.active and self.planned_n is None

    @property
    def beyond(self) -> int:
        """How many looks came after the planned size had been seen: nothing is left for them."""
        return sum(before >= (self.planned_n or before + 1) for before in self.sizes[:-1]) if self.sequential else 0

    @property
    def information(self) -> tuple[float, ...]:
        """Share of the planned size at each look."""
        return tuple(n / (self.planned_n or self.sizes[-1]) for n in self.sizes)

    @cached_property
    def _limits(self) -> tuple[float, ...]:
        return self.limits(self.information)

    def limits(self, information: Sequence[float]) -> tuple[float, ...]:
        """The limits of the spending at these shares of the planned size."""
        kind = cast("Spending", self.monitoring)
        return tuple(float(limit) for limit in spending_bounds(information, alpha=self.alpha / 2, spending=kind))

    def reach(self, place: int, effect: Effect | None = None) -> float:
        """How many standard errors does the interval reach to either side at a look?"""
        if self.sequential:
            return self._limits[place]
        weight = self.weight(self.sizes[place], effect)
        return min(reach(weight, alpha=self.alpha), HIGHEST)

    def weight(self, n: int, effect: Effect | None) -> float:
        """The information of always valid intervals, on their own scale."""
        scale = self._scale(effect) if self.monitoring == "msprt" else 0.0
        if scale > 0 and effect is not None and effect.se:
            return sprt_weight(effect.se, scale=scale)
        return mixture_weight(n, tuning=self.planned_n or _TUNING, alpha=self.alpha)

    def _scale(self, effect: Effect | None) -> float:
        """The size of effects that the metric was built for, in its own size."""
        metric = next((one for one in self.metrics if effect and one.name == effect.metric), None)
        found = size("minimum_effect", metric.minimum_effect) if metric else None
        if found is None or effect is None:
            return 0.0
        return found[0] * abs(effect.control_estimate or 0.0) if found[1] else found[0]

    def level(self, place: int, effect: Effect | None = None) -> float:
        """Which level of an ordinary interval is the one that holds at this look?"""
        return max(float(1 - 2 * ndtr(-self.reach(place, effect))), 0.5)

    def effects(self, at_level: AtLevel, place: int = -1) -> list[Effect]:
        """The effects with the intervals and p values of a look.

        Args:
            at_level: gives the effects with ordinary intervals of a level.
            place: which look; -1 is now.

        Returns:
            The effects; as they come where nothing is watched.
        """
        if not self.active:
            return at_level(1 - self.alpha)
        place %= len(self.sizes)
        found = self._mixed(at_level, place) if self.monitoring == "msprt" else at_level(self.level(place))
        return [self._judged(effect, place) for effect in found]

    def _mixed(self, at_level: AtLevel, place: int) -> list[Effect]:
        """Each metric and variant at a level of its own; segments at that of the whole."""
        usual = at_level(1 - self.alpha)
        levels = {(e.metric, e.variant): self.level(place, e) for e in usual if e.segment == ALL}
        own = {level: at_level(level) for level in set(levels.values())}
        return [own[levels[effect.metric, effect.variant]][i] for i, effect in enumerate(usual)]

    def _judged(self, effect: Effect, place: int) -> Effect:
        return effect if effect.p_value is None else replace(effect, p_value=self.p_value(effect, place))

    def p_value(self, effect: Effect, place: int) -> float:
        """The p value that allows for all looks up to this one."""
        if self._one_way(effect):
            both = replace(effect, p_value=min(2 * (effect.p_value or 0.0), 1.0))
            return self._two_sided(both, place) / 2
        return self._two_sided(effect, place)

    def _one_way(self, effect: Effect) -> bool:
        """Is it tested against a margin, so that its p value looks one way?"""
        return any(one.name == effect.metric and one.test != "superiority" for one in self.metrics)

    def _two_sided(self, effect: Effect, place: int) -> float:
        if self.sequential:
            kind = cast("Spending", self.monitoring)
            return repeated_p_value(effect.p_value or 1e-300, self.information[: place + 1], spending=kind)
        evidence = e_value(standard_errors(effect), self.weight(self.sizes[place], effect))
        return min(1.0, 1.0 / evidence)

    @property
    def words(self) -> str:
        """The limits' name for readers."""
        return {
            "obrien-fleming": "O'Brien-Fleming-type spending", "pocock": "Pocock-type spending",
            "hwang-shih-decani": "Hwang-Shih-DeCani spending", "always-valid": "an always valid sequence",
            "msprt": "the mixture sequential probability ratio test", "none": "a single look",
        }[self.monitoring]  # fmt: skip

    @property
    def semantics(self) -> tuple[str, ...]:
        """What is to be said of intervals and p values that allow for looking."""
        if not self.active:
            return ()
        tuned = f"tightest at {count(self.planned_n or _TUNING)} customers"
        told = f"{self.alpha:.0%} in all" if self.sequential else f"{self.alpha:.0%} over all times, {tuned}"
        return (
            f"Looks: {self.words}, {told}; intervals and p hold at every look together, so that one may stop at any.",
            "Earlier looks are made again from today's values of those who had been assigned by then.",
        )
