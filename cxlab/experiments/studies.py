"""One experiment as it was read: its sums, what its design makes of them, and the checks that come with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from cxlab.data import Table
from cxlab.errors import ParameterError
from cxlab.experiments.adjustment import adjusted_arms
from cxlab.experiments.distributions import Beyond, beyond_sums
from cxlab.experiments.effects import Comparison, Effect, Key, Made, Way, effects_of
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.metrics import Mean, Metric
from cxlab.experiments.precision import precision_check, precision_table
from cxlab.experiments.several import several_arms
from cxlab.results import Check
from cxlab.stats.means import Arm
from cxlab.wording import sentence_list

if TYPE_CHECKING:
    from cxlab.experiments.comparison import ABTestResult
    from cxlab.experiments.unit_days import UnitDays

__all__ = ["KINDS", "Key", "Study", "refuse_caps", "refuse_kinds"]

KINDS = ("proportion", "mean", "ratio", "nps", "top_box")
"""Kinds of metric that are averages, a sum of values by a sum of weights; the first three need no more than sums."""
_NOTHING: Mapping[Key, Comparison] = {}


@dataclass(frozen=True, kw_only=True)
class Study:
    """An experiment whose units were assigned one by one; other designs change what differs.

    `notes` are checks that stand beside, or in place of, those of the same name; `own_methods` says that the plain
    tests of each kind of metric are not used; `unit` is the unit's column where quantiles have
    several rows of one; `days` are the rows by unit and day, where they were added up.
    """

    table: Table
    measured: Measurement
    variant: str
    segment: str | None = None
    unit: str | None = None
    notes: tuple[Check, ...] = ()
    semantics: tuple[str, ...] = ()
    own_methods: bool = False
    adjustment: str = "Lin's regression, HC2 variance"
    days: UnitDays | None = None

    @cached_property
    def adjusted(self) -> dict[Key, Arm]:
        """The arms that covariates have adjusted."""
        return adjusted_arms(self.table, self.measured) | several_arms(self.table, self.measured)

    def made(self, confidence: float) -> Mapping[Key, Made | None]:
        """Comparisons that the design makes itself; None where it cannot tell."""
        del confidence
        return {}

    def beyond(self, confidence: float) -> Beyond:
        """What rests on more than sums: comparisons, tables and checks."""
        return beyond_sums(
            self.table, self.measured, variant=self.variant, segment=self.segment, unit=self.unit, confidence=confidence
        )

    def effects(
        self, confidence: float, *, one_sided: bool = False, compared: Mapping[Key, Comparison] = _NOTHING
    ) -> list[Effect]:
        """How far is each variant from the control?"""
        way = Way(confidence, one_sided, self.made(confidence), compared)
        return effects_of(self.measured, self.adjusted, way)

    def raw_errors(self) -> dict[Key, float]:
        """Standard errors without covariates, where the design has its own."""
        return {}

    def own_checks(self, planned: Sequence[float]) -> tuple[Check, ...]:
        """Checks that the design answers in its own way, given the planned ratio."""
        del planned
        return ()

    def checked(self, found: Sequence[Check], planned: Sequence[float], effects: Sequence[Effect]) -> tuple[Check, ...]:
        """All checks, each name once; the design's own stand where the plain ones stood."""
        precision = precision_check(self.measured, effects, self.raw_errors())
        mine = (*self.notes, *self.own_checks(planned), *([precision] if precision else []))
        own = {check.name: check for check in mine}
        hidden = {"repeated_units"} if "unit_of_analysis" in own else set()
        kept = [own.pop(check.name, check) for check in found if check.name not in hidden]
        return (*kept, *own.values())

    def told(self, result: ABTestResult) -> ABTestResult:
        """The result in the design's own words."""
        return result

    def tables(self, effects: Sequence[Effect], confidence: float) -> dict[str, pd.DataFrame]:
        """Further tables of the design."""
        del confidence
        found = precision_table(self.measured, effects, self.raw_errors())
        return {} if found.empty else {"precision": found}


def refuse_kinds(
    metrics: Sequence[Metric], argument: str, *, kinds: Sequence[str] = KINDS, instead: str | None = None
) -> None:
    """Can the design analyse every one of these metrics?

    Args:
        metrics: what is measured.
        argument: the parameter that asks for the design, for the message.
        kinds: kinds of metric that it can analyse.
        instead: what to do; None: leave the parameter out.

    Raises:
        ParameterError: it cannot.
    """
    other = [metric for metric in metrics if metric.kind not in kinds]
    if other:
        what = argument if instead else f"`{argument}`"
        raise ParameterError(
            f"{other[0].name!r} is of the kind {other[0].kind!r}; {what} {'go' if instead else 'goes'} with metrics of "
            f"the kinds {sentence_list([*kinds])}. "
            + (instead or f"Leave it out, or analyse it in a test of its own without `{argument}`.")
        )


def refuse_caps(metrics: Sequence[Metric], argument: str, instead: str) -> None:
    """Is there a cap where values cannot be capped?

    Args:
        metrics: what is measured.
        argument: what asks for the design, for the message.
        instead: what to do.

    Raises:
        ParameterError: there is one.
    """
    capped = [metric for metric in metrics if isinstance(metric, Mean) and metric.cap is not None]
    if capped:
        raise ParameterError(f"`cap` of {capped[0].name!r} cannot be used with {argument}. {instead}")
