"""Effects with something known before: the prior as text, and a row of posterior numbers for each effect."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from cxlab.errors import DataError, ParameterError
from cxlab.experiments.effects import Effect
from cxlab.experiments.metrics import Metric
from cxlab.results import Check
from cxlab.stats.bayes import Posterior, beta_difference, normal_effect

__all__ = ["Prior", "bayes_check", "bayes_table", "parse_prior"]

_NUMBER = r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(%?)"
_FORM = re.compile(rf"(normal|beta)\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)", re.IGNORECASE)


@dataclass(frozen=True)
class Prior:
    """What was known before: nothing, a normal effect (absolute or relative), or a beta distribution of each rate."""

    kind: Literal["uniform", "normal", "beta"]
    first: float = 1.0
    second: float = 1.0
    relative: bool = False

    def __str__(self) -> str:
        if self.kind == "uniform":
            return "uniform"
        scale, sign = (100, "%") if self.relative else (1, "")
        return f"{self.kind}({self.first * scale:g}{sign}, {self.second * scale:g}{sign})"

    def fits(self, metric: Metric, lead: Metric) -> bool:
        """Is it meant for this metric? An absolute size is that of the leading one."""
        if self.kind == "beta":
            return metric.kind == "proportion"
        return self.kind == "uniform" or self.relative or metric.name == lead.name


def parse_prior(text: str) -> Prior:
    """Which prior does this text mean?

    Args:
        text: "uniform", "normal(0, 0.02)" in the measure's own size, "normal(0%, 5%)" relative to the control, or
            "beta(2, 38)" for each rate.

    Returns:
        The prior.

    Raises:
        ParameterError: it is none of these.

    Examples:
        >>> parse_prior("normal(0%, 5%)")
        Prior(kind='normal', first=0.0, second=0.05, relative=True)
        >>> str(parse_prior("Beta( 1, 1 )"))
        'beta(1, 1)'
    """
    plain = str(text).strip()
    if plain.lower() == "uniform":
        return Prior("uniform")
    found = _FORM.fullmatch(plain)
    if found is None:
        raise _refusal(text)
    kind, first, sign, second, other = found.groups()
    relative = sign == "%"
    numbers = [float(first) / (100 if relative else 1), float(second) / (100 if relative else 1)]
    normal = kind.lower() == "normal"
    bad = numbers[1] <= 0 or (not normal and (numbers[0] <= 0 or relative))
    if sign != other or bad or not all(map(math.isfinite, numbers)):
        raise _refusal(text)
    return Prior("normal" if normal else "beta", numbers[0], numbers[1], relative)


def _refusal(text: str) -> ParameterError:
    return ParameterError(
        f"`prior` is {text!r}; expected 'uniform', 'normal(0, 0.02)' (mean and spread of the effect, in the "
        "measure's own size), 'normal(0%, 5%)' (relative to the control) or 'beta(1, 1)' (of each rate)."
    )


def bayes_table(
    effects: Sequence[Effect], metrics: Sequence[Metric], prior: Prior, confidence: float, *, counted: bool = True
) -> pd.DataFrame:
    """How likely is each variant better, and what does each choice cost if it is wrong?

    Args:
        effects: the effects.
        metrics: what is measured; the first one leads.
        prior: what was known before.
        confidence: level of the credible intervals.
        counted: are shares those of units assigned one by one? Else their effects are taken as normal.

    Returns:
        One row per effect that the prior is meant for: metric, segment, variant, n, estimate, control_n,
        control_estimate, effect, ci_low, ci_high, chance_to_beat_control, expected_loss (of choosing the variant, in
        the metric's size), expected_loss_control and prior.

    Raises:
        ParameterError: the prior is meant for none of the metrics.
    """
    by_name = {metric.name: metric for metric in metrics}
    meant = [metric.name for metric in metrics if prior.fits(metric, metrics[0])]
    if not meant:
        raise ParameterError(f"`prior` is {str(prior)!r}, which is for shares; no metric is a proportion.")
    rows = [
        _row(effect, by_name[effect.metric], prior, confidence, counted) for effect in effects if effect.metric in meant
    ]
    return pd.DataFrame([row for row in rows if row])


def _row(effect: Effect, metric: Metric, prior: Prior, confidence: float, counted: bool) -> dict[str, object]:
    if effect.effect is None or not effect.se:
        return {}
    found = _posterior(effect, metric, prior, confidence, counted)
    better, losses = found.chance_above_zero, (found.loss_of_treatment, found.loss_of_control)
    if metric.sign < 0:
        better, losses = 1 - better, losses[::-1]
    return {
        "metric": effect.metric, "segment": effect.segment, "variant": effect.variant, "n": effect.n,
        "estimate": effect.estimate, "control_n": effect.control_n, "control_estimate": effect.control_estimate,
        "effect": found.mean, "ci_low": found.ci_low, "ci_high": found.ci_high, "chance_to_beat_control": better,
        "expected_loss": losses[0], "expected_loss_control": losses[1], "prior": str(prior),
    }  # fmt: skip


def _posterior(effect: Effect, metric: Metric, prior: Prior, confidence: float, counted: bool) -> Posterior:
    """Exact for shares as they come; else the normal distribution of the effect, adjusted where it is adjusted."""
    value, se, base = effect.effect or 0.0, effect.se or 0.0, effect.control_estimate or 0.0
    if prior.kind == "normal":
        if prior.relative and base <= 0:
            raise DataError(
                f"`prior` is relative, but {metric.name!r} is {base:g} in the control; give the prior in the measure's "
                "own size, such as 'normal(0, 0.02)'."
            )
        scale = base if prior.relative else 1.0
        mean, sd = prior.first * scale, prior.second * scale
        return normal_effect(value, se, prior_mean=mean, prior_sd=sd, confidence=confidence)
    if counted and metric.kind == "proportion" and effect.raw_effect is None:
        counts = round((effect.estimate or 0.0) * effect.n), effect.n, round(base * effect.control_n), effect.control_n
        return beta_difference(*counts, prior=(prior.first, prior.second), confidence=confidence)
    if prior.kind == "beta":
        raise ParameterError(
            f"`prior` is {str(prior)!r}, but {metric.name!r} is adjusted, or not counted per unit; give a normal prior."
        )
    return normal_effect(value, se, confidence=confidence)


def bayes_check(prior: Prior) -> Check:
    """What must be known to read posterior numbers."""
    message = (
        f"Chances and expected losses rest on the prior {prior}. Whoever looks often and stops when a chance is high "
        "errs more often than planned: they do not replace the plan."
    )
    return Check(name="prior", passed=True, severity="info", message=message)
