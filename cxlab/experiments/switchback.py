"""Variants that switched over time: a period in a place is the unit, and the time after a switch is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.errors import DataError
from cxlab.experiments.distributions import Beyond
from cxlab.experiments.effects import Comparison, Effect, Made
from cxlab.experiments.studies import Key, Study
from cxlab.experiments.switchback_checks import switchback_checks
from cxlab.experiments.switchback_words import of_periods
from cxlab.experiments.trust import missing_table
from cxlab.results import Check
from cxlab.stats.means import Arm, Difference
from cxlab.stats.relative import Relative
from cxlab.stats.switchback import (
    Blocks,
    Redrawn,
    contrast,
    effects_matrix,
    interval_by_lot,
    redraw,
    robust_difference,
    robust_ratio,
)

if TYPE_CHECKING:
    from cxlab.experiments.comparison import ABTestResult

__all__ = ["Periods", "SwitchbackStudy"]

_DRAWS, _SEED, _AT_ONCE = 2000, 20_260_101, 2_000_000
_FEW_DAYS, _DAY = 4, 86_400_000_000
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Periods:
    """One row per place and period, how they were assigned, and which rhythm of the clock is taken out."""

    frame: pd.DataFrame
    together: bool
    alternating: bool
    slots: str

    @staticmethod
    def of(frame: pd.DataFrame, length: int) -> Periods:
        """What do the periods themselves tell of how they were assigned?

        Args:
            frame: one row per place and period.
            length: of a period, in microseconds.

        Returns:
            The periods. Places switch together where no period holds two variants; they alternate where every period
            differs from the one before; a rhythm is taken out where it leaves four periods for each of its slots.
        """
        after = frame.groupby("place", sort=False)["period"].diff() == 1
        follows = frame[np.asarray(after, dtype=bool)]
        together = frame["place"].nunique() > 1 and bool((frame.groupby("period")["variant"].nunique() == 1).all())
        return Periods(frame, together, len(follows) > 2 and bool(follows["switched"].all()), _slots(frame, length))

    @property
    def few_days(self) -> bool:
        """Are there too few days to tell how alike the periods of one day are?"""
        return bool(self.frame["day"].nunique() < _FEW_DAYS)

    @property
    def at_words(self) -> str:
        """At which moments periods are compared, in words."""
        return {"week_slot": " at the same time of the week", "day_slot": " at the same time of day"}.get(
            self.slots, ""
        )

    @property
    def draws(self) -> int:
        """How often the assignment is drawn again."""
        return _DRAWS

    @property
    def slots_words(self) -> str:
        """Which rhythm is taken out, in words."""
        places = "differences of places" if self.frame["place"].nunique() > 1 else ""
        rhythm = {"week_slot": "of times of the week", "day_slot": "of times of the day"}.get(self.slots, "")
        both = " and ".join(part for part in (places, rhythm if places else rhythm.replace("of", "differences of", 1)))
        return f"; {both.removesuffix(' and ')} are taken out" if places or rhythm else ""


def _slots(frame: pd.DataFrame, length: int) -> str:
    weeks = ((frame["day"].max() - frame["day"].min()).days + 1) / 7
    for name, enough in (
        ("week_slot", weeks >= 3),
        ("day_slot", length < _DAY and frame["day"].nunique() >= _FEW_DAYS),
    ):
        if enough and 1 < frame[name].nunique() <= len(frame) / 4:
            return name
    return "none"


@dataclass(frozen=True, kw_only=True)
class SwitchbackStudy(Study):
    """An experiment in which places switched between variants from period to period."""

    periods: Periods
    length: str
    carry_over: str | None
    drawn: dict[tuple[int, str], Redrawn] = field(default_factory=dict)

    @cached_property
    def adjusted(self) -> dict[Key, Arm]:
        """No covariates here."""
        return {}

    def beyond(self, confidence: float) -> Beyond:
        """Single rows are not what an interval rests on."""
        return replace(super().beyond(confidence), single=False)

    def made(self, confidence: float) -> Mapping[Key, Made | None]:
        """Every comparison rests on the periods."""
        keys = [(i, ALL, v) for i in range(len(self.measured.metrics)) for v in self.measured.treatments]
        return {key: Made(self._compared(key[0], key[2], confidence)) for key in keys}

    def pair(self, index: int, variant: str) -> pd.DataFrame:
        """The periods of a variant and the control with a value after the carry-over: `after` it and as a `whole`."""
        frame = self.periods.frame
        both = frame[frame["variant"].isin([variant, self.measured.control])]
        kept = both[both[f"m{index}_w0"] > 0]
        late, early = kept[f"m{index}_w0"], kept[f"m{index}_w1"]
        whole = (kept[f"m{index}_t0"] + kept[f"m{index}_t1"]) / (late + early)
        after = kept[f"m{index}_t0"] / late
        treated = (kept["variant"] == variant).astype(float)
        return kept.assign(after=after, whole=whole, treated=treated, value=np.where(kept["switched"], after, whole))

    def robust(self, rows: pd.DataFrame, values: Vector, confidence: float) -> Difference:
        """The effect on some values of the periods, with an interval over days."""
        blocks = Blocks(rows["treated"].to_numpy(), values, self._basis(rows))
        return robust_difference(blocks, self._clusters(rows), confidence=confidence)

    def _compared(self, index: int, variant: str, confidence: float) -> Comparison:
        rows = self.pair(index, variant)
        treated = rows["treated"].to_numpy()
        blocks = Blocks(treated, rows["value"].to_numpy(), self._basis(rows))
        self._refuse_entangled(blocks, variant)
        effect, above = contrast(blocks), contrast(blocks._replace(values=blocks.values * treated))
        robust = self.robust(rows, blocks.values, confidence)
        one, zero = Arm(int(treated.sum()), above, 0.0, 0.0), Arm(int((1 - treated).sum()), above - effect, 0.0, 0.0)
        fraction = effect / zero.estimate if zero.estimate > 0 else None
        if self.periods.alternating:
            relative = robust_ratio(blocks, self._clusters(rows), confidence=confidence)
            return Comparison(robust, one, zero, relative, "switchback, CR2 over days")
        if (index, variant) not in self.drawn:  # other levels ask again, and drawing takes a while
            self.drawn[index, variant] = self._again(rows, blocks.basis)
        drawn = self.drawn[index, variant]
        added, factor, p_value = interval_by_lot((effect, above), drawn, confidence=confidence)
        known = fraction is not None and bool(np.isfinite(factor).all()) and factor[0] <= factor[1]
        relative = Relative(fraction, factor[0] - 1, factor[1] - 1) if known else Relative(fraction, None, None)
        found = Difference(effect, robust.se, robust.df, *added, p_value, robust.quantile)
        return Comparison(found, one, zero, relative, "switchback, assignment drawn again")

    def _refuse_entangled(self, blocks: Blocks, variant: str) -> None:
        """Is the variant more than another name for the place and the hour?"""
        rest = blocks.treated - blocks.basis @ (blocks.basis.T @ blocks.treated)
        if rest @ rest > 1e-9 * len(rest):
            return
        raise DataError(
            f"{variant!r} and {self.measured.control!r} were never on in the same place{self.periods.at_words}, so "
            "that nothing parts the change from the rhythm. Draw a variant for every period by lot, or let the order "
            "of variants move on from day to day."
        )

    def _basis(self, rows: pd.DataFrame) -> Vector:
        groups = [rows["place"]] + ([] if self.periods.slots == "none" else [rows[self.periods.slots]])
        return effects_matrix(*(np.asarray(pd.factorize(group)[0], dtype=np.int64) for group in groups))

    def _clusters(self, rows: pd.DataFrame) -> NDArray[np.int64]:
        """Days of a place, whole days where all places switch together; single periods where there are few days."""
        names = rows["period" if self.periods.few_days else "day"].astype(str)
        if not self.periods.together:
            names = rows["place"].astype(str) + " " + names
        return np.asarray(pd.factorize(names)[0], dtype=np.int64)

    def _again(self, rows: pd.DataFrame, basis: Vector) -> Redrawn:
        """Contrasts under assignments drawn again; what a switch leaves out follows the drawn assignment."""
        step = max(_AT_ONCE // len(rows), 1)
        parts = [self._some(rows, basis, start, min(step, _DRAWS - start)) for start in range(0, _DRAWS, step)]
        return Redrawn(*(np.concatenate(each) for each in zip(*parts, strict=True)))

    def _some(self, rows: pd.DataFrame, basis: Vector, start: int, draws: int) -> tuple[Vector, ...]:
        drawn = self.draw(rows, start, draws)
        rest = drawn - basis @ (basis.T @ drawn)
        below = np.einsum("ij,ij->j", rest, drawn)
        after, whole = rows["after"].to_numpy()[:, None], rows["whole"].to_numpy()[:, None]
        values = np.where(self.switched(rows, drawn), after, whole)
        treated = rows["treated"].to_numpy()
        return (
            np.einsum("ij,ij->j", rest, values) / below, np.einsum("ij,ij,i->j", rest, values, treated) / below,
            np.einsum("ij,i->j", rest, treated) / below,
        )  # fmt: skip

    def draw(self, rows: pd.DataFrame, start: int, draws: int) -> Vector:
        """One column per draw: within places, or whole periods where all places switch together."""
        if not self.periods.together:
            places = np.asarray(pd.factorize(rows["place"])[0], dtype=np.int64)
            return redraw(rows["treated"].to_numpy(), places, draws, _SEED + start)
        numbers, names = pd.factorize(rows["period"])
        first = rows.groupby("period", sort=False)["treated"].first().loc[names].to_numpy()
        return redraw(first, np.zeros(len(first), dtype=np.int64), draws, _SEED + start)[numbers]

    def switched(self, rows: pd.DataFrame, drawn: Vector) -> NDArray[np.bool_]:
        """Did the period before have the other variant, under each drawn assignment? As it was, where there is none."""
        row_of = {key: row for row, key in enumerate(zip(rows["place"], rows["period"], strict=True))}
        before = np.array([row_of.get((p, t - 1), -1) for p, t in zip(rows["place"], rows["period"], strict=True)])
        return np.where((before >= 0)[:, None], drawn != drawn[before], rows["switched"].to_numpy(dtype=bool)[:, None])

    def effects(
        self, confidence: float, *, one_sided: bool = False, compared: Mapping[Key, Comparison] = MappingProxyType({})
    ) -> list[Effect]:
        """The effects; n counts periods, which were assigned, not rows."""
        found = super().effects(confidence, one_sided=one_sided, compared=compared)
        places = {metric.name: index for index, metric in enumerate(self.measured.metrics)}
        pairs = [(effect, self.pair(places[effect.metric], effect.variant)["treated"]) for effect in found]
        return [replace(one, n=int(t.sum()), control_n=int((1 - t).sum())) for one, t in pairs]

    def told(self, result: ABTestResult) -> ABTestResult:
        """What other designs call customers are periods here."""
        return of_periods(result)

    def own_checks(self, planned: Sequence[float]) -> tuple[Check, ...]:
        """Trust is asked of the periods: enough of them, drawn by lot, and no effect that carries over."""
        return switchback_checks(self, planned)

    def early_against_late(self, index: int, variant: str) -> float:
        """Is the effect in the first half of a period after a switch that of the second? P; 1 where few are known."""
        rows = self.pair(index, variant)
        totals = {part: (rows[f"m{index}_t{part}"], rows[f"m{index}_w{part}"]) for part in "el"}
        kept = (totals["e"][1] > 0) & (totals["l"][1] > 0) & rows["switched"]
        if min((rows["treated"][kept] == arm).sum() for arm in (0, 1)) < 5:
            return 1.0
        early, late = ((total / weight)[kept].to_numpy() for total, weight in totals.values())
        part = rows[kept]
        alone = Blocks(part["treated"].to_numpy(), early - late, effects_matrix(np.zeros(len(part), dtype=np.int64)))
        return robust_difference(alone, self._clusters(part), confidence=0.95).p_value

    def tables(self, effects: Sequence[Effect], confidence: float) -> dict[str, pd.DataFrame]:
        """The periods of each comparison with an interval over days, and the effect by time since a switch."""
        places = {metric.name: index for index, metric in enumerate(self.measured.metrics)}
        pairs = [(places[effect.metric], effect) for effect in effects]
        rows = [self._row(index, effect, confidence) for index, effect in pairs]
        parts = [one for index, effect in pairs for one in self._since(index, effect, confidence)]
        return {
            **super().tables(effects, confidence), "missing": missing_table(self.measured),
            "switchback": pd.DataFrame(rows), "since_switch": pd.DataFrame(parts),
        }  # fmt: skip

    def _row(self, index: int, effect: Effect, confidence: float) -> dict[str, object]:
        rows = self.pair(index, effect.variant)
        robust = self.robust(rows, rows["value"].to_numpy(), confidence)
        return {
            "metric": effect.metric, "variant": effect.variant, "n": int(rows["treated"].sum()),
            "control_n": int((1 - rows["treated"]).sum()), "effect": robust.effect, "days_ci_low": robust.ci_low,
            "days_ci_high": robust.ci_high, "days_p_value": robust.p_value, "df": robust.df,
            "early_late_p_value": self.early_against_late(index, effect.variant),
        }  # fmt: skip

    def _since(self, index: int, effect: Effect, confidence: float) -> list[dict[str, object]]:
        """The effect in each quarter of the periods that began with a switch."""
        rows, found = self.pair(index, effect.variant), []
        for quarter in range(4):
            weight = rows[f"m{index}_wq{quarter}"]
            kept = rows[(weight > 0) & rows["switched"]]
            if min((kept["treated"] == arm).sum() for arm in (0, 1)) < 5:
                continue
            values = (kept[f"m{index}_tq{quarter}"] / kept[f"m{index}_wq{quarter}"]).to_numpy()
            one = self.robust(kept, values, confidence)
            found.append({
                "metric": effect.metric, "variant": effect.variant, "quarter": quarter + 1, "n": len(kept),
                "effect": one.effect, "ci_low": one.ci_low, "ci_high": one.ci_high,
            })  # fmt: skip
        return found
