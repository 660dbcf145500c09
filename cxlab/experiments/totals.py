"""What shipped changes brought together: as observed, without the winner's curse, and drawn towards past effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cxlab.experiments.past_tests import PastTests
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.priors import EffectPrior, effect_prior, shrunken_effects
from cxlab.stats.selection import Total, conditional_effect, corrected_total, excess_and_variance

__all__ = ["Portfolio", "portfolio_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Portfolio:
    """Past experiments and what follows from all of them; effects turned so that more is better."""

    tests: PastTests
    prior: EffectPrior
    means: Floats
    sds: Floats
    total: Total
    confidence: float

    @property
    def number(self) -> int:
        """How many shipped changes are added up."""
        return int(self.tests.shipped.sum())

    @property
    def chances(self) -> Floats:
        """The chance that each change is better than what was before."""
        return np.asarray(ndtr(self.means / self.sds))

    @property
    def no_help(self) -> float:
        """How many of the shipped changes probably did not help."""
        return float((1 - self.chances[self.tests.shipped]).sum())

    @property
    def reach(self) -> float:
        """How many standard errors an interval reaches."""
        return float(ndtri((1 + self.confidence) / 2))

    @property
    def adjusted(self) -> Floats:
        """P-values after allowing for the number of experiments."""
        p_values = np.where(self.tests.counted, self.tests.p_values, np.nan)
        return benjamini_hochberg(p_values)

    def table(self) -> pd.DataFrame:
        """One row per experiment, in the data's own direction."""
        tests, frame, sign = self.tests, self.tests.frame, self.tests.sign
        listed = {name: frame[name] for name in ("experiment", "time", "n", "control_n") if name in frame}
        own = _turned(tests.effects, self.reach * tests.ses, sign)
        shrunken = _turned(self.means, self.reach * self.sds, sign)
        listed |= dict(zip(("effect", "ci_low", "ci_high"), own, strict=True))
        listed |= {"se": tests.ses, "shipped": frame["shipped"], "counted": frame["counted"]}
        listed |= {"p_value": tests.p_values, "p_adjusted": self.adjusted}
        names = ("shrunken_effect", "shrunken_ci_low", "shrunken_ci_high")
        known = (np.where(tests.counted, part, np.nan) for part in shrunken)
        listed |= dict(zip(names, known, strict=True))
        listed |= {"chance_to_beat_control": np.where(tests.counted, self.chances, np.nan)}
        conditional = self._conditional()
        names = ("conditional_effect", "conditional_ci_low", "conditional_ci_high")
        listed |= dict(zip(names, conditional, strict=True))
        if "n" in frame:
            listed["sample_ratio_p"] = frame["sample_ratio_p"]
        return pd.DataFrame(listed)

    def _conditional(self) -> tuple[Floats, Floats, Floats]:
        """Each effect beyond the threshold, judged by that alone; missing for the others."""
        tests = self.tests
        found = np.full((len(tests.effects), 3), np.nan)
        for i in np.flatnonzero(tests.passed & tests.counted):
            found[i] = conditional_effect(
                float(tests.effects[i]), float(tests.ses[i]), tests.threshold, confidence=self.confidence
            )
        effect, low, high = found.T
        return (effect, low, high) if tests.sign > 0 else (-effect, -high, -low)

    def totals(self) -> pd.DataFrame:
        """The sum of the shipped changes, by each way of reckoning."""
        tests, chosen = self.tests, self.tests.shipped
        alone = corrected_total(
            tests.effects[tests.counted], tests.ses[tests.counted], chosen[tests.counted], tests.threshold,
            confidence=self.confidence,
        )  # fmt: skip
        se = float(np.sqrt((tests.ses[chosen] ** 2).sum()))
        drawn = float(self.means[chosen].sum())
        rows = [
            ("observed", self.total.observed, se),
            ("corrected", self.total.corrected, self.total.se),
            ("corrected, plug-in", alone.corrected, alone.se),
            ("shrunken", drawn, np.nan),
        ]
        found = [(method, self.number, *_ends(value, se, self.reach, tests.sign), se) for method, value, se in rows]
        return pd.DataFrame(found, columns=["method", "experiments", "effect", "ci_low", "ci_high", "se"])

    def running(self) -> pd.DataFrame:
        """The sum so far after each experiment, in order of their ends."""
        tests = self.tests
        counted = tests.counted
        excess, variance = excess_and_variance(
            tests.effects, tests.ses, tests.threshold, likely=(self.means, self.sds)
        )  # fmt: skip
        observed = np.cumsum(np.where(tests.shipped, tests.effects, 0.0))
        corrected = observed - np.cumsum(np.where(counted, excess, 0.0))
        reach = self.reach * np.sqrt(np.cumsum(np.where(counted, variance, 0.0)))
        effect, low, high = _turned(corrected, reach, tests.sign)
        return pd.DataFrame({
            "time": tests.frame["time"], "experiment": tests.frame["experiment"],
            "shipped": np.cumsum(tests.shipped), "observed": tests.sign * observed,
            "effect": effect, "ci_low": low, "ci_high": high,
        })  # fmt: skip


def portfolio_of(tests: PastTests, confidence: float) -> Portfolio:
    """What do all experiments say together?

    Args:
        tests: the experiments.
        confidence: level of the intervals, as a fraction.

    Returns:
        The prior that all counted experiments give, each effect drawn towards it, and the corrected total.
    """
    counted, effects, ses = tests.counted, tests.effects, tests.ses
    prior = effect_prior(effects[counted], ses[counted])
    means, sds = shrunken_effects(effects, ses, prior)
    total = corrected_total(
        effects[counted], ses[counted], tests.shipped[counted], tests.threshold,
        likely=(means[counted], sds[counted]), confidence=confidence,
    )  # fmt: skip
    return Portfolio(tests, prior, means, sds, total, confidence)


def _turned(effects: Floats, reach: Floats, sign: int) -> tuple[Floats, Floats, Floats]:
    """Effects and their limits in the data's own direction."""
    own = sign * effects
    return own, own - reach, own + reach


def _ends(value: float, se: float, reach: float, sign: int) -> tuple[float, float, float]:
    own = sign * value
    return own, own - reach * se, own + reach * se
