"""Checks of an experiment in which places switched between variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxlab.data import ALL
from cxlab.experiments.cluster_checks import level_check, missing_check, ratio_check
from cxlab.results import Check
from cxlab.wording import count, p_text, sentence_list

if TYPE_CHECKING:
    from cxlab.experiments.switchback import SwitchbackStudy

__all__ = ["switchback_checks"]

_RARE, _FEW = 0.001, 10


def switchback_checks(study: SwitchbackStudy, planned: Sequence[float]) -> tuple[Check, ...]:
    """Can periods that switched be trusted?

    Args:
        study: the experiment.
        planned: the planned ratio of periods.

    Returns:
        "sample_ratio" and "few_clusters" of the periods, "unit_of_analysis", "assignment_by_lot" and "carry_over".
    """
    frame = study.periods.frame
    sizes = {variant: int((frame["variant"] == variant).sum()) for variant in study.measured.variants}
    lacking = _missing(study)
    return (
        ratio_check([*sizes.values()], planned, "periods"),
        _unit_of_analysis(study, [*sizes.values()]),
        _few(min(sizes.values())),
        *([missing_check(study.measured, lacking)] if lacking else []),
        _by_lot(study),
        _carry_over(study),
    )


def _unit_of_analysis(study: SwitchbackStudy, sizes: list[int]) -> Check:
    frame = study.periods.frame
    rows = int(frame["n"].sum())
    left_out = int(frame.loc[frame["switched"], "early"].sum())
    dropped = (
        f"; {count(left_out)} rows within {study.carry_over} after a switch are left out" if study.carry_over else ""
    )
    message = (
        f"{count(rows)} rows in {count(len(frame))} periods of {study.length} ({sentence_list([*map(count, sizes)])}): "
        f"periods were assigned, not rows, so intervals rest on them{dropped}."
    )
    return Check("unit_of_analysis", True, "info", message)


def _few(least: int) -> Check:
    if least < _FEW:
        message = f"Only {count(least)} periods in a variant: intervals are wide, and {_FEW} in each would be safer."
        return Check("few_clusters", False, "warning", message)
    return Check("few_clusters", True, "info", f"Every variant has {count(least)} periods or more.")


def _missing(study: SwitchbackStudy) -> dict[int, float]:
    """Do values go missing alike in all variants? P over the periods, of metrics that lack some."""
    found: dict[int, float] = {}
    for index, metric in enumerate(study.measured.metrics):
        cells = [study.measured.cells[index, ALL, variant] for variant in study.measured.variants]
        if metric.missing == "zero" or not any(cell.missing for cell in cells):
            continue
        pairs = [study.pair(index, variant) for variant in study.measured.treatments]
        tests = [study.robust(one, (1 - one[f"m{index}_n"] / one["n"]).to_numpy(), 0.95) for one in pairs]
        found[index] = min(min(one.p_value for one in tests) * len(tests), 1.0)
    return found


def _by_lot(study: SwitchbackStudy) -> Check:
    """Does the assignment look like one that was drawn period by period?"""
    if study.periods.alternating:
        message = (
            "Variants alternate strictly, so nothing was drawn by lot: whatever else changes in that rhythm looks like "
            f"an effect. The interval rests on {_rest(study)}. Draw the next periods by lot."
        )
        return Check("assignment_by_lot", False, "warning", message)
    pair = study.pair(0, study.measured.treatments[0])
    rarer, oftener = _against_lot(study, pair)
    if rarer < _RARE:
        message = (
            f"Variants stay the same for longer than periods of {study.length} drawn by lot would: one drawn period "
            "may be longer than that, and p then too small. Give the length for which a variant was drawn."
        )
        return Check("assignment_by_lot", False, "warning", message)
    if oftener < _RARE:
        message = (
            "Variants switch oftener than a lot drawn for every period would let them: perhaps pairs were drawn. The "
            "interval allows for more assignments than there were, and is rather too wide."
        )
        return Check("assignment_by_lot", True, "info", message)
    how = "all places at once" if study.periods.together else "place by place"
    message = (
        f"Switches look like drawn by lot; the assignment is drawn again {how}, {count(study.periods.draws)} times."
    )
    return Check("assignment_by_lot", True, "info", message)


def _rest(study: SwitchbackStudy) -> str:
    if study.periods.few_days:
        return (
            "single periods, because there are fewer than four days: it is too narrow where the periods of a day are "
            "alike"
        )
    return "the spread over days"


def _against_lot(study: SwitchbackStudy, pair: pd.DataFrame) -> tuple[float, float]:
    """How many drawn assignments switch as rarely, and as often, as the true one?"""
    true = pair["treated"].to_numpy()[:, None]
    step = min(study.periods.draws, max(2_000_000 // len(pair), 1))
    drawn = study.switched(pair, study.draw(pair, 0, step)).sum(axis=0)
    seen = study.switched(pair, true).sum()
    return float(np.mean(drawn <= seen)), float(np.mean(drawn >= seen))


def _carry_over(study: SwitchbackStudy) -> Check:
    """Is the effect right after a switch another than later? Differences within periods, over days."""
    tests = [
        (study.early_against_late(index, variant), metric.words)
        for index, metric in enumerate(study.measured.metrics)
        for variant in study.measured.treatments
    ]
    smallest, words = min(tests)
    p_value = min(smallest * len(tests), 1.0)
    if p_value >= 0.01:
        return level_check(
            "carry_over", p_value, "After a switch the effect is the same early and late, as far as is seen."
        )
    message = (
        f"{words}: right after a switch the effect is another than later (p {p_text(p_value)}), so the period before "
        "still works; the effect is then too small. Leave out more with carry_over=."
    )
    return Check("carry_over", False, "warning", message)
