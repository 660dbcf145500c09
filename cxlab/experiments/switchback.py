"""Variants that switched over time: a period in a place is the unit, and the time after a switch is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL
from cxlab.experiments.cluster_checks import level_check, ratio_check
from cxlab.experiments.effects import Comparison, Effect, Made
from cxlab.experiments.studies import Key, Study
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
)
from cxlab.wording import count, p_text, sentence_list

__all__ = ["Period", "SwitchbackStudy"]

_DRAWS, _SEED = 2000, 20_260_101
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Period:
    """How the blocks lie: what was drawn together, and when."""

    frame: pd.DataFrame
    together: bool
    alternating: bool
    slots: str


@dataclass(frozen=True, kw_only=True)
class SwitchbackStudy(Study):
    """An experiment in which variants switched from period to period."""

    period: Period
    length: str
    carry_over: str | None
    dropped: int
    found: dict[tuple[int, str, float], Comparison] = field(default_factory=dict)

    def adjusted(self) -> dict[Key, Arm]:
        """No covariates here."""
        return {}

    def made(self, confidence: float) -> Mapping[Key, Made | None]:
        """Every comparison rests on the blocks."""
        keys = [(i, ALL, v) for i in range(len(self.measured.metrics)) for v in self.measured.treatments]
        return {key: Made(self._compared(key[0], key[2], confidence)) for key in keys}

    def _compared(self, index: int, variant: str, confidence: float) -> Comparison:
        """One variant against the control; kept, because drawing again takes a while."""
        key = (index, variant, confidence)
        if key not in self.found:
            self.found[key] = self._drawn(self._rows(index, variant), variant, confidence)
        return self.found[key]

    def _rows(self, index: int, variant: str) -> pd.DataFrame:
        """The blocks of the two variants that have a value of the metric after the carry-over."""
        frame = self.period.frame
        pair = frame[frame["variant"].isin([variant, self.measured.control])]
        late, early = (f"m{index}_w0", f"m{index}_w1")
        kept = pair[pair[late] > 0]
        value, alone = kept[f"m{index}_t0"] / kept[late], kept[late] + kept[early]
        whole = (kept[f"m{index}_t0"] + kept[f"m{index}_t1"]) / alone
        return kept.assign(after=value, whole=whole, treated=(kept["variant"] == variant).astype(float))

    def _drawn(self, rows: pd.DataFrame, variant: str, confidence: float) -> Comparison:
        basis = self._basis(rows)
        treated = rows["treated"].to_numpy()
        values = np.where(rows["switched"], rows["after"], rows["whole"]).astype(float)
        blocks = Blocks(treated, values, basis)
        effect, above = contrast(blocks), contrast(blocks._replace(values=values * treated))
        robust = robust_difference(blocks, self._clusters(rows), confidence=confidence)
        one, zero = Arm(int(treated.sum()), above, 0.0, 0.0), Arm(int((1 - treated).sum()), above - effect, 0.0, 0.0)
        fraction = above / (above - effect) - 1 if above - effect > 0 else None
        if self.period.alternating:
            return _from_robust(robust, one, zero, fraction)
        drawn = self._again(rows, variant, basis)
        added, factor, p_value = interval_by_lot((effect, above), drawn, confidence=confidence)
        known = fraction is not None and np.isfinite(factor).all() and factor[0] <= factor[1]
        relative = Relative(fraction, factor[0] - 1, factor[1] - 1) if known else Relative(fraction, None, None)
        found = Difference(effect, robust.se, robust.df, *added, p_value, robust.quantile)
        return Comparison(found, one, zero, relative, "switchback, assignment drawn again")

    def _basis(self, rows: pd.DataFrame) -> Vector:
        groups = [rows["place"].to_numpy()]
        if self.period.slots != "none":
            groups.append(rows["week_slot" if self.period.slots == "time of week" else "day_slot"].to_numpy())
        return effects_matrix(*(pd.factorize(group)[0] for group in groups))

    def _clusters(self, rows: pd.DataFrame) -> NDArray[np.int64]:
        """Days of a place; whole days where all places switch together."""
        day = rows["day"].astype(str)
        names = day if self.period.together else rows["place"].astype(str) + " " + day
        return np.asarray(pd.factorize(names)[0], dtype=np.int64)

    def _again(self, rows: pd.DataFrame, variant: str, basis: Vector) -> Redrawn:
        """Contrasts under assignments drawn again; what a switch leaves out follows the drawn assignment."""
        drawn = self._draws(rows)
        rest = drawn - basis @ (basis.T @ drawn)
        below = (rest * drawn).sum(axis=0)
        switched = self._switched(rows, drawn)
        after, whole = rows["after"].to_numpy()[:, None], rows["whole"].to_numpy()[:, None]
        values = np.where(switched, after, whole)
        treated = rows["treated"].to_numpy()[:, None]
        parts = [(rest * part).sum(axis=0) / below for part in (values, values * treated, treated + 0 * values)]
        return Redrawn(*parts)

    def _draws(self, rows: pd.DataFrame) -> Vector:
        """One column per draw: within places, or whole periods where all places switch together."""
        if not self.period.together:
            places = pd.factorize(rows["place"])[0]
            return redraw(rows["treated"].to_numpy(), places, _DRAWS, _SEED)
        periods, names = pd.factorize(rows["period"])
        first = rows.groupby("period", sort=False)["treated"].first().loc[names].to_numpy()
        return redraw(first, np.zeros(len(first), dtype=np.int64), _DRAWS, _SEED)[periods]

    def _switched(self, rows: pd.DataFrame, drawn: Vector) -> NDArray[np.bool_]:
        """Did the block before hold the other variant, under each drawn assignment?"""
        place_of = {key: row for row, key in enumerate(zip(rows["place"], rows["period"], strict=True))}
        before = [place_of.get((p, t - 1), -1) for p, t in zip(rows["place"], rows["period"], strict=True)]
        known = np.array(before)
        changed = drawn != drawn[known]
        return np.where((known >= 0)[:, None], changed, rows["switched"].to_numpy(dtype=bool)[:, None])

    def own_checks(self, planned: Sequence[float]) -> tuple[Check, ...]:
        """Trust is asked of the periods: enough of them, drawn by lot, and no effect that carries over."""
        frame = self.period.frame
        sizes = [int((frame["variant"] == variant).sum()) for variant in self.measured.variants]
        rows = sum(self.measured.rows[ALL, variant] for variant in self.measured.variants)
        unit = (
            f"{count(rows)} rows in {count(len(frame))} blocks of {self.length} ({sentence_list([*map(count, sizes)])}); "
            f"{count(self.dropped)} rows within the carry-over after a switch are left out."
        )
        return (
            ratio_check(sizes, planned, "blocks"),
            Check("unit_of_analysis", True, "info", unit),
            self._few_blocks(sizes),
            self._lot(),
            self._carry_over(),
        )

    def _few_blocks(self, sizes: list[int]) -> Check:
        if min(sizes) < 10:
            message = f"Only {count(min(sizes))} blocks in a variant: intervals are wide, and 10 in each would be safer."
            return Check("few_clusters", False, "warning", message)
        return Check("few_clusters", True, "info", f"Every variant has {count(min(sizes))} blocks or more.")

    def _lot(self) -> Check:
        if self.period.alternating:
            message = (
                "Variants alternate strictly, so no lot was drawn: whatever else changes in that rhythm looks like an "
                "effect. The interval rests on the spread over days. Draw the next periods by lot."
            )
            return Check("assignment_by_lot", False, "warning", message)
        how = "all places at once" if self.period.together else "place by place"
        message = f"Switches follow no strict rhythm; the assignment is drawn again {how}, {count(_DRAWS)} times."
        return Check("assignment_by_lot", True, "info", message)

    def _carry_over(self) -> Check:
        """Is the effect right after a switch another than later? Differences within blocks, over days."""
        smallest, metric = 1.0, ""
        for index, one in enumerate(self.measured.metrics):
            for variant in self.measured.treatments:
                p_value = self._early_against_late(index, variant)
                if p_value < smallest:
                    smallest, metric = p_value, one.words
        tests = len(self.measured.metrics) * len(self.measured.treatments)
        p_value = min(smallest * tests, 1.0)
        if p_value >= 0.01:
            return level_check("carry_over", p_value, "After a switch the effect is the same early and late.")
        message = (
            f"{metric}: right after a switch the effect is another than later (p {p_text(p_value)}): the period before "
            "still works. Leave out more with carry_over=."
        )
        return Check("carry_over", False, "warning", message)

    def _early_against_late(self, index: int, variant: str) -> float:
        rows = self._rows(index, variant)
        names = [f"m{index}_{letter}{part}" for letter in "tw" for part in ("e", "l")]
        early_total, late_total, early, late = (rows[name].to_numpy(dtype=float) for name in names)
        kept = (early > 0) & (late > 0) & rows["switched"].to_numpy(dtype=bool)
        treated = rows["treated"].to_numpy()[kept]
        if min(treated.sum(), (1 - treated).sum()) < 5:
            return 1.0
        values = early_total[kept] / early[kept] - late_total[kept] / late[kept]
        blocks = Blocks(treated, values, effects_matrix(np.zeros(int(kept.sum()), dtype=np.int64)))
        return robust_difference(blocks, self._clusters(rows[kept]), confidence=0.95).p_value

    def tables(self, effects: Sequence[Effect], confidence: float) -> dict[str, pd.DataFrame]:
        """Each comparison's blocks, and the same effect with an interval over days."""
        rows = []
        for effect in effects:
            index = next(i for i, metric in enumerate(self.measured.metrics) if metric.name == effect.metric)
            blocks = self._rows(index, effect.variant)
            values = np.where(blocks["switched"], blocks["after"], blocks["whole"]).astype(float)
            made = Blocks(blocks["treated"].to_numpy(), values, self._basis(blocks))
            robust = robust_difference(made, self._clusters(blocks), confidence=confidence)
            rows.append({
                "metric": effect.metric, "segment": ALL, "variant": effect.variant,
                "n": int(blocks["treated"].sum()), "control_n": int((1 - blocks["treated"]).sum()),
                "effect": robust.effect, "days_ci_low": robust.ci_low, "days_ci_high": robust.ci_high,
                "days_p_value": robust.p_value, "df": robust.df,
                "early_late_p_value": self._early_against_late(index, effect.variant),
            })  # fmt: skip
        return {"switchback": pd.DataFrame(rows)}


def _from_robust(found: Difference, one: Arm, zero: Arm, fraction: float | None) -> Comparison:
    """Where no lot was drawn: the interval over days, the relative one with the control taken as known."""
    base = zero.estimate
    ends = (found.ci_low / base, found.ci_high / base) if base > 0 else (None, None)
    return Comparison(found, one, zero, Relative(fraction, *ends), "switchback, CR2 over days")
